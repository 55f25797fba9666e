import { sha256 } from '../digest/canonical-json.ts';
import { redact } from '../redact/redact.ts';
import type { Evidence } from './evidence.ts';
import { toTimestamp } from './timestamp.ts';

/** Bytes of UTF-8 an excerpt holds at most. */
export const EXCERPT_BYTES = 4096;

/** An observation before it is redacted, cut to size and given its digest. */
export interface EvidenceInput {
  readonly source: string;
  readonly query: string;
  /** Milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  /** What came back; redacted and cut here. */
  readonly text: string;
}

/** Makes evidence: redacts first, cuts to 4 KiB, and derives an id that is the same for the same observation. */
export function makeEvidence(input: EvidenceInput): Evidence {
  const excerpt = cutToBytes(redact(input.text), EXCERPT_BYTES);
  const query = redact(input.query);
  const interval = { startsAt: toTimestamp(input.fromMs), endsAt: toTimestamp(input.toMs) };
  const digest = sha256(excerpt);
  const id = `ev-${sha256(JSON.stringify([input.source, query, interval, digest])).slice(0, 12)}`;
  return { id, source: input.source, query, interval, excerpt, digest };
}

function cutToBytes(text: string, bytes: number): string {
  const encoded = new TextEncoder().encode(text);
  if (encoded.length <= bytes) return text;
  return new TextDecoder('utf-8', { fatal: false }).decode(encoded.subarray(0, bytes)).replace(/\uFFFD+$/, '');
}
