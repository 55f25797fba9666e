import type { Change, ItemEdit } from '@tier0/core';
import type { Advice } from '../advice.ts';
import { type AdviceCase, editOf, nameOf } from './advice-case.ts';

/** A change longer ago than this before the trouble began did not bring it. */
const WINDOW_MS = 7 * 86_400_000;
/** The change may be recorded a little after its first effect. */
const SLACK_MS = 120_000;
/** What a revision may differ in and still be taken back as a whole. */
const MAX_FIELDS = 20;

/** Takes back the last change of the subject's fields, when it came before the trouble and its values still stand. */
export function revertChange({ reader, rootCause, finding }: AdviceCase): readonly Advice[] {
  const sinceMs = Date.parse(finding.since ?? reader.at);
  const changes = reader
    .whatChanged(rootCause.subject, { windowMs: WINDOW_MS + (Date.parse(reader.at) - sinceMs), hops: 0 })
    .map(({ change }) => change)
    .filter((change) => change.item === rootCause.subject && change.fields.length > 0 && Date.parse(change.at) <= sinceMs + SLACK_MS);
  const last = changes.sort((a, b) => (a.at < b.at ? 1 : -1))[0];
  if (last === undefined || last.fields.length > MAX_FIELDS) return [];
  const edits = last.fields.map((field) => backwards(last, field, reader));
  if (edits.some((edit) => edit === undefined)) return [];
  return [
    {
      id: 'revert-change',
      kind: 'revert',
      title: `Take back the change of ${nameOf(rootCause.subject)} of ${last.at.slice(0, 16).replace('T', ' ')} UTC`,
      why: `It came before the trouble: ${last.summary}${last.actor ? `, by ${last.actor}` : ''}. The state before it is known to have run.`,
      edits: edits as readonly ItemEdit[],
      precondition: 'Nothing else relies on the change that is taken back.',
      risk: 'medium',
      verify: 'The rollout finishes and its pods are ready.',
      rollback: 'Apply the change again.',
    },
  ];
}

function backwards(change: Change, field: Change['fields'][number], reader: AdviceCase['reader']): ItemEdit | undefined {
  const edit = editOf(reader, change.item, field.path, field.from);
  return JSON.stringify(edit?.expectOld) === JSON.stringify(field.to) ? edit : undefined;
}
