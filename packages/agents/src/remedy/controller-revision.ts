import { type Change, type CmdbReader, type FieldChange, type FieldPath, type JsonValue, readField } from '@tier0/core';
import { numberAt, textAt } from '../kubernetes/objects/read-object.ts';
import { kindOf } from '../kubernetes/objects/remedy-edits.ts';

/** The last change of a StatefulSet's or DaemonSet's template, from the revisions that its controller keeps; undefined when there is none. */
export function lastRevisionChange(reader: CmdbReader, workload: string): Change | undefined {
  if (!/^(StatefulSet|DaemonSet)$/.test(kindOf(workload))) return undefined;
  const revisions = reader
    .relations(workload, 'in', 'managedBy')
    .filter(({ from }) => kindOf(from) === 'ControllerRevision')
    .map(({ from }) => ({ id: from, object: reader.object(from) }))
    .sort((a, b) => (numberAt(b.object, 'revision') ?? 0) - (numberAt(a.object, 'revision') ?? 0));
  const [newest, previous] = revisions;
  const at = textAt(newest?.object, 'metadata', 'creationTimestamp');
  if (newest === undefined || previous === undefined || at === undefined) return undefined;
  const fields = [...differences(templateOf(previous.object), templateOf(newest.object), ['spec', 'template'])];
  const number = numberAt(newest.object, 'revision');
  return fields.length === 0
    ? undefined
    : {
        id: newest.id,
        item: workload,
        at: new Date(at).toISOString(),
        summary: `revision ${number} of its template`,
        fields,
        source: 'cmdb',
      };
}

function templateOf(revision: unknown): unknown {
  const template = readField(revision, ['data', 'spec', 'template']);
  if (!isRecord(template)) return template;
  const { $patch: _patch, ...rest } = template;
  return rest;
}

/** The smallest fields that differ; lists of named entries are compared by name. */
function* differences(before: unknown, after: unknown, path: FieldPath): Generator<FieldChange> {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  if (isRecord(before) && isRecord(after)) {
    for (const key of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort())
      yield* differences(before[key], after[key], [...path, key]);
  } else if (isNamed(before) && isNamed(after)) {
    const names = [...new Set([...before, ...after].map(({ name }) => name))];
    const find = (list: readonly Named[], name: string) => list.find((entry) => entry.name === name);
    for (const name of names) yield* differences(find(before, name), find(after, name), [...path, { key: 'name', value: name }]);
  } else {
    yield {
      path,
      ...(before === undefined ? {} : { from: before as JsonValue }),
      ...(after === undefined ? {} : { to: after as JsonValue }),
    };
  }
}

type Named = Record<string, unknown> & { readonly name: string };

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamed(value: unknown): value is readonly Named[] {
  return Array.isArray(value) && value.length > 0 && value.every((entry) => isRecord(entry) && typeof entry.name === 'string');
}
