import type { FieldChange, FieldPath, JsonValue } from '@tier0/core';
import { isRecord } from '../kinds/kubernetes-object.ts';
import { sameJson } from './same-json.ts';

/** Fields told apart at most; a rewritten object does not need a thousand lines. */
const MAX_FIELDS = 50;

/** The smallest fields that differ between two values. Lists of named entries are compared by name, where each name stands once. */
export function compareFields(before: unknown, after: unknown, path: FieldPath = []): readonly FieldChange[] {
  return [...differences(before, after, path)].slice(0, MAX_FIELDS);
}

function* differences(before: unknown, after: unknown, path: FieldPath): Generator<FieldChange> {
  if (sameJson(before ?? null, after ?? null)) return;
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    for (const key of keys) yield* differences(before[key], after[key], [...path, key]);
  } else if (isNamedList(before) && isNamedList(after)) {
    const names = [...new Set([...before, ...after].map((entry) => entry.name))];
    const find = (list: readonly NamedEntry[], name: string) => list.find((entry) => entry.name === name);
    for (const name of names) yield* differences(find(before, name), find(after, name), [...path, { key: 'name', value: name }]);
  } else {
    yield {
      path,
      ...(before === undefined ? {} : { from: before as JsonValue }),
      ...(after === undefined ? {} : { to: after as JsonValue }),
    };
  }
}

type NamedEntry = Record<string, unknown> & { readonly name: string };

function isNamedList(value: unknown): value is readonly NamedEntry[] {
  if (!Array.isArray(value) || value.length === 0) return false;
  const names = value.map((entry: unknown) => (isRecord(entry) ? entry.name : undefined));
  return names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
}
