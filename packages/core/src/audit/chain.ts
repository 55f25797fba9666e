import { z } from 'zod';
import { digestOf } from '../digest/canonical-json.ts';
import { exactly } from '../model/exactly.ts';
import { type JsonValue, JsonValueSchema } from '../model/json-value.ts';

/** What is to be remembered. */
export interface AuditEntry {
  /** Idempotency key, e.g. `<incident>:<step>`. */
  readonly key: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Account, standing rule or component that acted. */
  readonly actor: string;
  /** Verb, e.g. `proposed`, `approved`, `rolled-back`. */
  readonly action: string;
  /** What it was done to: an incident, proposal digest or pull request URL. */
  readonly subject: string;
  readonly detail: Readonly<Record<string, JsonValue>>;
}

/** An entry in the chain. */
export interface AuditRecord extends AuditEntry {
  /** From 1, without gaps. */
  readonly sequence: number;
  /** Hash of the record before; 64 zeros for the first. */
  readonly previous: string;
  /** SHA-256 of the canonical JSON of everything else (RFC 8785), lower-case hex. */
  readonly hash: string;
}

export const AuditRecordSchema: z.ZodType<AuditRecord> = exactly<AuditRecord>()(
  z.strictObject({
    key: z.string().min(1),
    at: z.iso.datetime(),
    actor: z.string().min(1),
    action: z.string().min(1),
    subject: z.string(),
    detail: z.record(z.string(), JsonValueSchema),
    sequence: z.number().int().positive(),
    previous: z.string().regex(/^[0-9a-f]{64}$/),
    hash: z.string().regex(/^[0-9a-f]{64}$/),
  }),
);

/** What `verify` found: sound, or the first record that is not, and why. */
export type AuditVerdict =
  | {
      readonly sound: true;
      readonly records: number;
      readonly head: string;
      /** Sequence up to which a trusted key has signed the chain; absent where nobody was asked to. */
      readonly signedTo?: number;
    }
  | { readonly sound: false; readonly records: number; readonly sequence: number; readonly reason: string };

/** Hash that the first record points back to. */
export const GENESIS = '0'.repeat(64);

/** The record that follows `last` (undefined for the first). */
export function chainRecord(entry: AuditEntry, last: AuditRecord | undefined): AuditRecord {
  const unhashed = { ...entry, sequence: (last?.sequence ?? 0) + 1, previous: last?.hash ?? GENESIS };
  return { ...unhashed, hash: digestOf(unhashed) };
}

/**
 * Recomputes the chain: finds edited, dropped, inserted and reordered records. A chain cut at its end still verifies by itself; pass the
 * `expectedHead` of a checkpoint to find that too.
 */
export function verifyChain(records: readonly AuditRecord[], expectedHead?: string): AuditVerdict {
  let last: AuditRecord | undefined;
  for (const record of records) {
    const reason = brokenLink(record, last);
    if (reason) return { sound: false, records: records.length, sequence: record.sequence, reason };
    last = record;
  }
  const head = last?.hash ?? GENESIS;
  if (expectedHead !== undefined && !records.some((record) => record.hash === expectedHead) && expectedHead !== GENESIS) {
    const reason = `the checkpoint's record ${expectedHead.slice(0, 12)} is missing: the end of the log was cut off`;
    return { sound: false, records: records.length, sequence: (last?.sequence ?? 0) + 1, reason };
  }
  return { sound: true, records: records.length, head };
}

function brokenLink(record: AuditRecord, last: AuditRecord | undefined): string | undefined {
  const expected = (last?.sequence ?? 0) + 1;
  if (record.sequence !== expected) return `expected sequence ${expected}, found ${record.sequence}: a record was dropped, added or moved`;
  if (record.previous !== (last?.hash ?? GENESIS)) return 'does not point back to the record before it';
  const { hash, ...rest } = record;
  return digestOf(rest) === hash ? undefined : 'its content does not match its hash: it was edited';
}
