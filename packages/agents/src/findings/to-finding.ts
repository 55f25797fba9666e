import { type Finding, sha256, Tier0Error } from '@tier0/core';
import type { CodeEntry, CodeTable } from './code-entry.ts';
import type { FindingDraft } from './finding-draft.ts';

/** Completes a draft by the entry of its code. Throws `INTERNAL` for a code that no table holds: its matter is not registered. */
export function toFinding(draft: FindingDraft, codes: CodeTable): Finding {
  const { code, subject, container = '', key = '', facts, sinceMs, evidence } = draft;
  const entry = Object.hasOwn(codes, code) ? codes[code] : undefined;
  if (entry === undefined) throw unknownCode(code);
  const suspects = draft.suspects && draft.suspects.length > 0 ? { suspects: [...new Set(draft.suspects)].sort() } : {};
  const seenOn = (draft.seenOn ?? []).filter((item) => item !== subject);
  const seen = seenOn.length > 0 ? { seenOn: [...new Set(seenOn)].sort() } : {};
  return {
    code,
    cause: entry.cause,
    depth: entry.depth,
    severity: draft.severity ?? entry.severity,
    subject,
    ...(container === '' ? {} : { container }),
    message: sentenceOf(draft, entry),
    ...(facts === undefined ? {} : { facts }),
    ...(sinceMs === undefined ? {} : { since: new Date(sinceMs).toISOString() }),
    fingerprint: `${code}-${sha256(JSON.stringify([code, subject, container, key])).slice(0, 16)}`,
    evidence,
    ...suspects,
    ...seen,
    explainedBy: [],
  };
}

function sentenceOf({ code, message, facts, frame }: FindingDraft, entry: CodeEntry): string {
  if (message !== undefined) return message;
  if (facts === undefined || entry.telling === undefined)
    throw new Tier0Error({ code: 'INTERNAL', message: `A finding of ${code} says nothing.`, hint: 'Give it facts or a message.' });
  const sentence = entry.telling.message(facts);
  return frame === undefined ? sentence : frame(sentence);
}

function unknownCode(code: string): Tier0Error {
  return new Tier0Error({
    code: 'INTERNAL',
    message: `No code table holds "${code}".`,
    hint: 'List the matter that the rule belongs to, with its codes.',
  });
}
