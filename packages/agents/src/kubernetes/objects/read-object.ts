import { type FieldPath, readField } from '@tier0/core';

/** Text at a path of an object of any shape. */
export function textAt(object: unknown, ...path: FieldPath): string | undefined {
  const value = readField(object, path);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function numberAt(object: unknown, ...path: FieldPath): number | undefined {
  const value = readField(object, path);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Entries of the list at a path; none when it is not a list. */
export function listAt(object: unknown, ...path: FieldPath): readonly unknown[] {
  const value = readField(object, path);
  return Array.isArray(value) ? value : [];
}

/** Text entries of the map at a path, such as labels. */
export function mapAt(object: unknown, ...path: FieldPath): Readonly<Record<string, string>> {
  const value = readField(object, path);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
  if (isTextMap(value)) return value;
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** Nearly every one is, and needs no copy. */
function isTextMap(map: object): map is Readonly<Record<string, string>> {
  for (const key in map) if (typeof (map as Readonly<Record<string, unknown>>)[key] !== 'string') return false;
  return true;
}

/** Milliseconds since the epoch of an instant at a path. */
export function instantAt(object: unknown, ...path: FieldPath): number | undefined {
  const epochMs = Date.parse(textAt(object, ...path) ?? '');
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

/** The condition of a type, or undefined. Asked of every pod again and again, so nothing is made for the question. */
export function conditionOf(object: unknown, type: string): unknown | undefined {
  for (const condition of listAt(object, 'status', 'conditions')) {
    if (typeof condition === 'object' && condition !== null && (condition as { readonly type?: unknown }).type === type) return condition;
  }
  return undefined;
}
