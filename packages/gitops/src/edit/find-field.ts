import { type FieldPath, type FieldPathSegment, formatFieldPath, type JsonValue, readField } from '@tier0/core';
import { nearestName } from '../gate/schema/near-name.ts';
import { typeAt } from '../gate/schema/type-at.ts';
import { nodeAt, type PlainScalar, plainScalar } from './scalar-at.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

/** Which field of a text is meant. */
export interface FieldQuestion {
  readonly path: FieldPath;
  /** Position of the document, from 0. Left out: the one document that has the field. */
  readonly document?: number | undefined;
  /** Whether a field may be made that neither the schema nor its neighbours know. */
  readonly create?: boolean | undefined;
}

/** A field and what it says, or why it is not clear which one is meant. */
export type FieldAnswer =
  | {
      readonly status: 'found';
      readonly document: number;
      /** What the document means. */
      readonly object: JsonValue;
      /** Undefined where the field is not there yet. */
      readonly value: JsonValue | undefined;
      /** How it is written, where it is a scalar without quotes. */
      readonly plain?: PlainScalar | undefined;
    }
  | { readonly status: 'refused'; readonly reason: string };

/** Finds the one field that a path can mean in a text of one or several documents. Never throws. */
export function findField(text: string, question: FieldQuestion): FieldAnswer {
  const reading = readYaml(text);
  if (reading.status === 'unreadable') return refused(`the file is ${reading.reason}`);
  const { source } = reading;
  const chosen = chooseDocument(source, question);
  if (typeof chosen === 'string') return refused(chosen);
  const object = source.values[chosen] ?? null;
  const value = readField(object, question.path) as JsonValue | undefined;
  const flaw = value === undefined && !question.create ? whyUnknown(object, question.path) : undefined;
  if (flaw) return refused(flaw);
  const document = source.documents[chosen];
  const plain = document && plainScalar(nodeAt(document, question.path, object));
  return { status: 'found', document: chosen, object, value, ...(plain ? { plain } : {}) };
}

/** The position of the document, or why there is none. */
function chooseDocument({ values }: YamlSource, { path, document, create }: FieldQuestion): number | string {
  if (document !== undefined) {
    return document < Math.max(values.length, 1)
      ? document
      : `the file has ${values.length} documents, there is none at position ${document}`;
  }
  if (values.length < 2) return 0;
  const having = positions(values, (value) => readField(value, path) !== undefined);
  const [only, another] = having;
  if (only !== undefined && another === undefined) return only;
  const text = formatFieldPath(path);
  if (another !== undefined) return `${having.length} documents have ${text}: ${named(having, values)}. Say which with --document N`;
  const able = positions(values, (value) => typeAt(value, path).status === 'known' && whyUnknown(value, path) === undefined);
  const wayOut = able.length > 0 ? `It may stand in ${named(able, values)}: choose with --document N` : 'Choose one with --document N';
  const near = values.map((value) => whyUnknown(value, path)).find((flaw) => flaw?.includes('did you mean'));
  return `none of its ${values.length} documents has ${text}${near ? ` (${near})` : ''}. ${wayOut}${create ? '' : ', or check the path'}`;
}

function positions(values: readonly JsonValue[], test: (value: JsonValue) => boolean): readonly number[] {
  return values.flatMap((value, index) => (test(value) ? [index] : []));
}

function named(indexes: readonly number[], values: readonly JsonValue[]): string {
  return indexes.map((index) => `${index} (${nameOf(values[index])})`).join(', ');
}

function nameOf(value: unknown): string {
  const kind = readField(value, ['kind']);
  const name = readField(value, ['metadata', 'name']);
  return typeof kind === 'string' ? `${kind}${typeof name === 'string' ? `/${name}` : ''}` : 'no Kubernetes object';
}

/** Why nothing is known of a field that is not there; undefined where the schema or its neighbours know it. */
function whyUnknown(object: JsonValue, path: FieldPath): string | undefined {
  const depth = path.findIndex((_, index) => readField(object, path.slice(0, index + 1)) === undefined);
  const parent = readField(object, path.slice(0, depth));
  const missing = path[depth] as FieldPathSegment;
  if (typeof missing === 'object') return whyNoEntry(parent, missing, path.slice(0, depth));
  const type = typeAt(object, path);
  const later = path.slice(depth).find((segment) => typeof segment === 'object');
  if (type.status === 'known' && later === undefined) return undefined;
  if (type.status === 'unknown') {
    return unknown(path.slice(0, type.depth + 1), 'the schema knows no such field', type.nearest && `"${type.nearest}"`);
  }
  if (typeof missing === 'number' && Array.isArray(parent) && missing === parent.length && later === undefined) return undefined;
  if (knownToSiblings(object, path, depth)) return undefined;
  const keys = parent !== null && typeof parent === 'object' && !Array.isArray(parent) ? Object.keys(parent) : [];
  const near = typeof missing === 'string' ? nearestName(missing, keys) : undefined;
  return unknown(path.slice(0, depth + 1), 'it is not there', near && `"${near}"`);
}

function whyNoEntry(parent: unknown, wanted: Exclude<FieldPathSegment, string | number>, at: FieldPath): string | undefined {
  const entries = Array.isArray(parent) ? parent : [];
  const values = entries.map((entry) => readField(entry, [wanted.key])).filter((value) => value !== undefined);
  const text = [...at, wanted];
  if (values.length > 0) {
    const near = nearestName(wanted.value, values.map(String)) ?? (values.length === 1 ? String(values[0]) : undefined);
    return unknown(text, `no entry has ${wanted.key} ${JSON.stringify(wanted.value)}`, near && `[${wanted.key}=${near}]`);
  }
  const keys = [...new Set(entries.flatMap((entry) => (entry !== null && typeof entry === 'object' ? Object.keys(entry) : [])))];
  const near = nearestName(wanted.key, keys);
  return unknown(text, `no entry has a ${wanted.key}`, near && `[${near}=...]`);
}

/** Whether another entry of a list on the way has the field. */
function knownToSiblings(object: JsonValue, path: FieldPath, depth: number): boolean {
  return path.slice(0, depth).some((segment, index) => {
    if (typeof segment === 'string') return false;
    const entries = readField(object, path.slice(0, index));
    return Array.isArray(entries) && entries.some((entry) => readField(entry, path.slice(index + 1)) !== undefined);
  });
}

function unknown(path: FieldPath, why: string, near: string | undefined): string {
  const hint = near ? `; did you mean ${near}?` : '.';
  return `${formatFieldPath(path)} is unknown: ${why}${hint} --create makes it all the same`;
}

function refused(reason: string): FieldAnswer {
  return { status: 'refused', reason };
}
