import { type Finding, formatItemId, type ItemEdit, parseKubernetesItemId, parseQuantity, type Remedy } from '@tier0/core';
import { whyNotWritable } from '@tier0/core/kubernetes';
import { codesOf, type Matter, remedyMakersOf } from '../findings/matter.ts';
import type { RemedyCase, RemedyDraft } from '../findings/remedy-draft.ts';
import { handOver } from './hand-over.ts';
import { withReadingAnew } from './read-anew.ts';
import { restoreDeclared } from './restore-declared.ts';
import { revertChange } from './revert-change.ts';

/** Ways to take a root cause away, best first; the last resort is people. Never empty. */
export function remediesFor(remedyCase: RemedyCase, matters: readonly Matter[]): readonly Remedy[] {
  const [best = [], ...others] = remedyMakersOf(matters, remedyCase.rootCause.cause)
    .map((make) => make(remedyCase))
    .filter((found) => found.length > 0);
  const all = [...best.slice(0, 1), ...revertChange(remedyCase), ...restoreDeclared(remedyCase), ...best.slice(1), ...others.flat()];
  const drafts = takeBacksFirst(distinct(all))
    .map((draft) => withReadingAnew(draft, remedyCase))
    .filter((draft) => isWritable(draft, remedyCase));
  const chosen = drafts.length > 0 ? drafts : [handOver(remedyCase, codesOf(matters))];
  return chosen.map((draft) => toRemedy(withCare(draft), remedyCase));
}

/** What ran and was approved is known to be meant; a value that is worked out only fits. A rehearsal still says which of them cure. */
function takeBacksFirst(drafts: readonly RemedyDraft[]): readonly RemedyDraft[] {
  return [...drafts.filter(({ kind }) => kind === 'revert'), ...drafts.filter(({ kind }) => kind !== 'revert')];
}

function distinct(drafts: readonly RemedyDraft[]): readonly RemedyDraft[] {
  const byEdits = new Map<string, RemedyDraft>();
  for (const draft of drafts) {
    const key = JSON.stringify(draft.edits);
    if (!byEdits.has(key)) byEdits.set(key, draft);
  }
  return [...byEdits.values()];
}

/** What a controller or an operator writes, or what cannot be changed, is no remedy. */
function isWritable({ edits }: RemedyDraft, { reader }: RemedyCase): boolean {
  return edits.every(({ item, fieldPath }) => whyNotWritable(reader.object(item), fieldPath) === undefined);
}

function toRemedy(draft: RemedyDraft, { rootCause, finding }: RemedyCase): Remedy {
  return {
    ...draft,
    edits: [...draft.edits].sort((a, b) => turnOf(a) - turnOf(b)),
    cause: rootCause.cause,
    subject: rootCause.subject,
    disproof: `The opposite of this is seen: ${draft.verify}`,
    success: { kind: 'finding-gone', item: rootCause.subject, fingerprint: finding.fingerprint },
    ...(rootCause.pattern === undefined ? {} : { pattern: rootCause.pattern }),
  };
}

/** Edits that are made one after the other never leave a request above its limit: what makes room goes first. */
function turnOf({ fieldPath, expectOld, value }: ItemEdit): number {
  const [old, now] = [parseQuantity(expectOld), parseQuantity(value)];
  if (old === undefined || now === undefined) return 1;
  if (fieldPath.includes('requests')) return now < old ? 0 : 2;
  return fieldPath.includes('limits') ? (now < old ? 2 : 0) : 1;
}

/** What the whole cluster stands on is never touched lightly. */
function withCare(draft: RemedyDraft): RemedyDraft {
  const isSystem = draft.edits.some(({ item }) => /^kube-(system|public|node-lease)$/.test(parseKubernetesItemId(item)?.namespace ?? ''));
  return isSystem ? { ...draft, risk: 'high' } : draft;
}

/** The finding that a root cause rests on. */
export function findingOf(findings: readonly Finding[], fingerprint: string | undefined): Finding | undefined {
  return findings.find((finding) => finding.fingerprint === fingerprint);
}

/** Objects that a remedy edits, as people say them. */
export function editedObjects({ edits }: Pick<Remedy, 'edits'>): string {
  return [...new Set(edits.map(({ item }) => formatItemId(item)))].join(', ');
}
