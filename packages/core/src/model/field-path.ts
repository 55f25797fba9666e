import { z } from 'zod';
import { Tier0Error } from '../errors/tier0-error.ts';
import { exactly } from './exactly.ts';

/** Selects the entry of a list whose `key` equals `value`, e.g. the container with `name: payment`. */
export interface ListKey {
  readonly key: string;
  readonly value: string;
}

/** One step into a document: a map key, a list index, or the list entry found by a key. */
export type FieldPathSegment = string | number | ListKey;

/** Where a field stands in an object, from the root. Written `spec.containers[name=payment].image`. */
export type FieldPath = readonly FieldPathSegment[];

export const FieldPathSchema: z.ZodType<FieldPath> = exactly<FieldPath>()(
  z.array(z.union([z.string(), z.number().int().nonnegative(), z.strictObject({ key: z.string(), value: z.string() })])),
);

const PLAIN_KEY = /^[A-Za-z_][\w-]*$/;

/** Text form of a path; keys with dots or slashes are quoted: `metadata.annotations["a.b/c"]`. */
export function formatFieldPath(path: FieldPath): string {
  return path.map((segment, index) => formatSegment(segment, index === 0)).join('');
}

function formatSegment(segment: FieldPathSegment, first: boolean): string {
  if (typeof segment === 'number') return `[${segment}]`;
  if (typeof segment === 'object') return `[${segment.key}=${segment.value}]`;
  if (!PLAIN_KEY.test(segment)) return `[${JSON.stringify(segment)}]`;
  return first ? segment : `.${segment}`;
}

const SEGMENT = /^(?:\.?([A-Za-z_][\w-]*)|\[(\d+)\]|\[([A-Za-z_][\w-]*)=([^\]]*)\]|\[("(?:[^"\\]|\\.)*")\])/;

/** Reads the text form back. Throws INVALID_INPUT at the first part that is not a path. */
export function parseFieldPath(text: string): FieldPath {
  const path: FieldPathSegment[] = [];
  let rest = text;
  while (rest.length > 0) {
    const match = SEGMENT.exec(rest);
    if (!match) throw invalidPath(text, rest);
    path.push(toSegment(match));
    rest = rest.slice(match[0].length);
  }
  return path;
}

function toSegment(match: RegExpExecArray): FieldPathSegment {
  const [, name, index, key, value, quoted] = match;
  if (name !== undefined) return name;
  if (index !== undefined) return Number(index);
  if (quoted !== undefined) return JSON.parse(quoted) as string;
  return { key: key ?? '', value: value ?? '' };
}

function invalidPath(text: string, rest: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${text}" is not a field path: cannot read it from "${rest}" on.`,
    hint: 'Write it like spec.template.spec.containers[name=web].image or metadata.annotations["a.b/c"].',
  });
}

/** The value at `path`, or undefined when any step is missing. Never throws. */
export function readField(object: unknown, path: FieldPath): unknown {
  let current: unknown = object;
  for (const segment of path) {
    if (current === null || typeof current !== 'object') return undefined;
    current = stepInto(current, segment);
  }
  return current;
}

function stepInto(current: object, segment: FieldPathSegment): unknown {
  if (typeof segment === 'object') {
    if (!Array.isArray(current)) return undefined;
    for (const entry of current) if (isEntry(entry, segment)) return entry;
    return undefined;
  }
  const value = (current as Record<string | number, unknown>)[segment];
  // Most fields that are asked for are not there; only what was found may be inherited.
  return value !== undefined && Object.hasOwn(current, segment) ? value : undefined;
}

function isEntry(entry: unknown, key: ListKey): boolean {
  return typeof entry === 'object' && entry !== null && (entry as Record<string, unknown>)[key.key] === key.value;
}

/** A copy of `object` with `value` at `path`; missing maps and list entries are made, `undefined` removes. */
export function writeField<T>(object: T, path: FieldPath, value: unknown): T {
  const [segment, ...rest] = path;
  if (segment === undefined) return value as T;
  const child = readField(object, [segment]);
  const next = rest.length === 0 ? value : writeField(child ?? {}, rest, value);
  return (typeof segment === 'string' ? withKey(object, segment, next) : withEntry(object, segment, next)) as T;
}

function withKey(object: unknown, key: string, value: unknown): unknown {
  const copy: Record<string, unknown> = { ...(object as Record<string, unknown>) };
  if (value === undefined) delete copy[key];
  else Object.defineProperty(copy, key, { value, enumerable: true, configurable: true, writable: true });
  return copy;
}

function withEntry(object: unknown, segment: number | ListKey, value: unknown): unknown {
  const list = Array.isArray(object) ? [...object] : [];
  const found = typeof segment === 'number' ? segment : list.findIndex((entry) => isEntry(entry, segment));
  const index = found === -1 ? list.length : found;
  if (value === undefined) return list.filter((_, position) => position !== index);
  list[index] =
    typeof segment === 'object' && value !== null && typeof value === 'object' ? { [segment.key]: segment.value, ...value } : value;
  return list;
}
