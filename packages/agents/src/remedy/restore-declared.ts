import { type CmdbReader, type FieldPath, type ItemEdit, type JsonValue, parseQuantity, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../findings/remedy-draft.ts';
import { lastApplied } from '../kubernetes/objects/last-applied.ts';
import { editOf, nameOf, remedyOf } from '../kubernetes/objects/remedy-edits.ts';

/** More than this is another object, not a slip. */
const MAX_FIELDS = 10;

/** Sets what somebody edited by hand back to what was applied last, as kubectl noted it on the object. */
export function restoreDeclared({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const item = rootCause.subject;
  const object = reader.object(item);
  const declared = lastApplied(object);
  const paths = ['spec', 'data', 'rules', 'subjects', 'webhooks'].flatMap((part) => [
    ...drifted(readField(declared, [part]), readField(object, [part]), [part]),
  ]);
  const edits = paths
    .filter(({ path }) => !isScaled(reader, item, path))
    .flatMap(({ path, value }): readonly ItemEdit[] => {
      const edit = editOf(reader, item, path, value);
      return edit ? [edit] : [];
    });
  return remedyOf(edits.length > MAX_FIELDS ? [] : edits, {
    id: 'restore-declared',
    title: `Set ${nameOf(item)} back to what was applied last`,
    why: `It was edited since: ${edits.map((edit) => String(edit.fieldPath.at(-1))).join(', ')} is not as it was applied.`,
    precondition: 'The edit was no deliberate stopgap: ask who made it.',
    risk: 'medium',
    verify: 'The finding is gone.',
    rollback: 'Make the edit again.',
    assumption: 'what was applied last worked',
  });
}

/** Replicas belong to the autoscaler where there is one. */
function isScaled(reader: CmdbReader, item: string, path: FieldPath): boolean {
  return path.at(-1) === 'replicas' && reader.relations(item, 'in', 'scales').length > 0;
}

/** Declared fields with another value now; what the API server added to them is no difference. */
function* drifted(
  declared: unknown,
  current: unknown,
  path: FieldPath,
): Generator<{ readonly path: FieldPath; readonly value: JsonValue | undefined }> {
  if (declared === undefined || declared === null) return;
  if (isRecord(declared) && isRecord(current)) {
    // A probe or a hook asks in one way only: the way that was put in beside the declared one goes.
    const isHandler = HANDLERS.some((handler) => declared[handler] !== undefined);
    for (const handler of isHandler ? HANDLERS : [])
      if (declared[handler] === undefined && current[handler] !== undefined) yield { path: [...path, handler], value: undefined };
    // A port that names no protocol means TCP.
    if (isPort(declared) && declared.protocol === undefined && ![undefined, 'TCP'].includes(current.protocol as string | undefined))
      yield { path: [...path, 'protocol'], value: 'TCP' };
    for (const key of Object.keys(declared).sort()) yield* drifted(declared[key], current[key], [...path, key]);
  } else if (Array.isArray(declared) && Array.isArray(current) && declared.length === current.length) {
    for (const [index, entry] of declared.entries()) yield* drifted(entry, current[index], [...path, index]);
  } else if (!isSame(declared, current)) yield { path, value: declared as JsonValue };
}

function isPort(declared: Readonly<Record<string, unknown>>): boolean {
  return typeof declared.port === 'number' || typeof declared.containerPort === 'number';
}

/** Ways to ask a container, of which one may stand. */
const HANDLERS = ['exec', 'grpc', 'httpGet', 'sleep', 'tcpSocket'] as const;

function isSame(declared: unknown, current: unknown): boolean {
  if (JSON.stringify(declared) === JSON.stringify(current)) return true;
  const isEmpty = typeof declared === 'object' && declared !== null && Object.keys(declared).length === 0 && current === undefined;
  const amount = parseQuantity(declared);
  return isEmpty || (amount !== undefined && amount === parseQuantity(current));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
