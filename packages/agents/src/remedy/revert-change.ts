import type { Change, CmdbReader, FieldChange, ItemEdit } from '@tier0/core';
import { factsOf } from '../findings/code-entry.ts';
import type { RemedyCase, RemedyDraft } from '../findings/remedy-draft.ts';
import { MissingKeySchema } from '../kubernetes/configuration/facts.ts';
import { editOf, kindOf, nameOf } from '../kubernetes/objects/remedy-edits.ts';
import { lastRevisionChange } from './controller-revision.ts';

/** A change longer ago than this before the trouble began did not bring it. */
const WINDOW_MS = 7 * 86_400_000;
/** The change may be recorded a little after its first effect. */
const SLACK_MS = 120_000;
/** What a revision may differ in and still be taken back as a whole. */
const MAX_FIELDS = 20;
/** Kinds that hold a pod template, and so can have brought in a reference. */
const TEMPLATE = /^(Deployment|StatefulSet|DaemonSet)$/;

/**
 * Takes back the last change of the subject's fields, when it came before the trouble and its values still stand; where the subject is
 * what others refer to, the change of the referrer that brought the reference in.
 */
export function revertChange(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader, rootCause, finding } = remedyCase;
  const own = revertOf(remedyCase, rootCause.subject, () => true);
  if (own.length > 0) return own;
  const users = reader.relations(rootCause.subject, 'in').map(({ from }) => from);
  const referrers = [...new Set([...(finding.seenOn ?? []), ...users])].filter(
    (item) => item !== rootCause.subject && TEMPLATE.test(kindOf(item)),
  );
  const names = namesOf(remedyCase);
  return referrers.sort().flatMap((item) => revertOf(remedyCase, item, (change) => broughtIn(change, names)));
}

/** What a change must have brought in to be the one: the object that is missing, or the key of it that is. */
function namesOf({ rootCause, finding }: RemedyCase): readonly string[] {
  const key = factsOf(finding, MissingKeySchema)?.key;
  return key === undefined ? [nameOf(rootCause.subject)] : [key];
}

function broughtIn(change: Change, names: readonly string[]): boolean {
  const says = (value: unknown) => names.some((name) => JSON.stringify(value ?? null).includes(name));
  return change.fields.some((field) => says(field.to) && !says(field.from));
}

function revertOf({ reader, finding }: RemedyCase, item: string, isMeant: (change: Change) => boolean): readonly RemedyDraft[] {
  const last = lastChange(reader, item, Date.parse(finding.since ?? reader.at));
  if (last === undefined || last.fields.length > MAX_FIELDS || !isMeant(last)) return [];
  const edits = last.fields.filter((field) => !isCopied(field) && !isRestart(field)).map((field) => backwards(last, field, reader));
  if (edits.length === 0 || edits.some((edit) => edit === undefined)) return [];
  return [
    {
      id: 'revert-change',
      kind: 'revert',
      title: `Take back the change of ${nameOf(item)} of ${last.at.slice(0, 16).replace('T', ' ')} UTC`,
      why: `It came before the trouble: ${last.summary}${last.actor ? `, by ${last.actor}` : ''}. What was there before was in force until then.`,
      edits: edits as readonly ItemEdit[],
      precondition: 'Nothing else relies on the change that is taken back.',
      risk: 'medium',
      verify: 'The rollout finishes and its pods are ready.',
      rollback: 'Apply the change again.',
      assumption: 'the pods run with the former template as they did before the change',
    },
  ];
}

function lastChange(reader: CmdbReader, item: string, sinceMs: number): Change | undefined {
  const noted = reader
    .whatChanged(item, { windowMs: WINDOW_MS + (Date.parse(reader.at) - sinceMs), hops: 0 })
    .map(({ change }) => change)
    .filter((change) => change.item === item && change.fields.length > 0);
  const revision = lastRevisionChange(reader, item);
  const changes = [...noted, ...(revision ? [revision] : [])].filter((change) => isNear(Date.parse(change.at), sinceMs));
  return changes.sort((a, b) => (a.at < b.at ? 1 : -1))[0];
}

function isNear(atMs: number, sinceMs: number): boolean {
  return atMs <= sinceMs + SLACK_MS && atMs >= sinceMs - WINDOW_MS;
}

/** The API server keeps `serviceAccount` as a copy of `serviceAccountName`, under its old name: nobody writes it. */
function isCopied({ path }: FieldChange): boolean {
  return path.at(-1) === 'serviceAccount' && path.at(-2) === 'spec';
}

/** A restart is no change of what runs: taking the mark back would only restart once more. */
function isRestart({ path, from, to }: FieldChange): boolean {
  const at = path.indexOf('annotations');
  if (at === -1) return false;
  const keys = [from, to].flatMap((value) => (typeof value === 'object' && value !== null ? Object.keys(value) : []));
  const named = at === path.length - 1 ? keys : [String(path.at(at + 1))];
  return named.length > 0 && named.every((key) => /\/restartedAt$/.test(key));
}

function backwards(change: Change, field: FieldChange, reader: CmdbReader): ItemEdit | undefined {
  const edit = editOf(reader, change.item, field.path, field.from);
  return JSON.stringify(edit?.expectOld) === JSON.stringify(field.to) ? edit : undefined;
}
