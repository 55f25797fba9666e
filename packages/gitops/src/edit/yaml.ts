import { isDeepStrictEqual } from 'node:util';
import { type FieldPath, type FieldPathSegment, formatFieldPath, type JsonValue, readField, writeField } from '@tier0/core';
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { isScalarValue } from './yaml-render.ts';
import { isTemplated, layoutOf, readYaml, sharedAnchors, type YamlSource } from './yaml-source.ts';
import {
  applySplices,
  type Page,
  type Place,
  type SpliceResult,
  spliceAway,
  spliceNewEntry,
  spliceNewPair,
  spliceValue,
} from './yaml-splice.ts';

/** One field of one document, what it says now and what it shall say. */
export interface YamlEdit {
  /** Position of the document in the file, from 0. Default 0. */
  readonly document?: number | undefined;
  readonly path: FieldPath;
  /** Value the file must still say. Absent: the field must not be there. */
  readonly expectOld?: JsonValue | undefined;
  /** Value it shall say. Absent: the field shall be removed. */
  readonly value?: JsonValue | undefined;
}

export type YamlEditResult =
  | { readonly status: 'edited'; readonly text: string }
  | { readonly status: 'refused'; readonly reason: string }
  | { readonly status: 'precondition-failed'; readonly found: JsonValue | undefined; readonly reason: string }
  /** The file already says it. */
  | { readonly status: 'no-change' };

/** Bytes a file may have to be edited. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Changes one field of a YAML or JSON text and no other byte. The result is proved: read again, every document must equal the original
 * with exactly this field set, else the edit is refused.
 */
export function editYaml(content: string | Uint8Array, edit: YamlEdit): YamlEditResult {
  const text = typeof content === 'string' ? content : decode(content);
  if (text === undefined) return refused('the file is not UTF-8 text');
  if (text.length > MAX_BYTES) return refused(`the file is larger than ${MAX_BYTES} bytes`);
  const reading = readYaml(text);
  if (reading.status === 'unreadable') return refused(reading.reason);
  const { source } = reading;
  const index = edit.document ?? 0;
  const document = source.documents[index];
  if (!document) return refused(`the file has ${source.documents.length} documents, there is none at position ${index}`);
  if (isTemplated(document, source.text)) return refused('the document is a template: it holds `{{ }}` outside quotes');
  return editDocument(source, document, { ...edit, document: index });
}

function editDocument(source: YamlSource, document: Document.Parsed, edit: YamlEdit & { document: number }): YamlEditResult {
  const original = source.values[edit.document] as JsonValue;
  const found = readField(original, edit.path) as JsonValue | undefined;
  if (isDeepStrictEqual(found, edit.value)) return { status: 'no-change' };
  if (!isDeepStrictEqual(found, edit.expectOld)) {
    const reason = `${formatFieldPath(edit.path)} says ${shown(found)}, expected ${shown(edit.expectOld)}`;
    return { status: 'precondition-failed', found, reason };
  }
  const intended = writeField(original, edit.path, edit.value);
  const result = spliceFor(source, document, { path: edit.path, value: edit.value, original, intended });
  if ('refused' in result) return refused(`${formatFieldPath(edit.path)}: ${result.refused}`);
  const text = applySplices(source.text, result);
  const flaw = disprove(text, source, edit.document, intended);
  return flaw
    ? refused(`${formatFieldPath(edit.path)}: ${flaw}${sharingNote(document)}`)
    : { status: 'edited', text: source.byteOrderMark + text };
}

/** Why the new text does not mean what was intended; undefined when it is proved. */
function disprove(text: string, source: YamlSource, index: number, intended: JsonValue): string | undefined {
  const reading = readYaml(text);
  if (reading.status === 'unreadable') return `the edit would leave a file that is ${reading.reason}`;
  const expected = source.values.map((value, position) => (position === index ? intended : value));
  return isDeepStrictEqual(reading.source.values, expected) ? undefined : 'the edit would change more than this field';
}

function sharingNote(document: Document.Parsed): string {
  const anchors = sharedAnchors(document);
  return anchors.length > 0 ? `; the document repeats ${anchors.map((anchor) => `&${anchor}`).join(', ')} by alias` : '';
}

interface Wanted {
  readonly path: FieldPath;
  readonly value: JsonValue | undefined;
  readonly original: JsonValue;
  readonly intended: JsonValue;
}

function spliceFor(source: YamlSource, document: Document.Parsed, wanted: Wanted): SpliceResult {
  const page: Page = { text: source.text, layout: layoutOf(document, source.text) };
  const walk = walkPath(document, wanted);
  if ('refused' in walk) return walk;
  const place = walk.places.at(-1);
  if (!place) return { refused: 'the document is empty' };
  if (walk.depth === wanted.path.length) {
    if (wanted.value === undefined) return spliceAway(page, place, walk.places.at(-2));
    if (isScalar(place.node) && typeof place.node.value === 'string' && place.node.value.includes('{{')) {
      return { refused: 'its value is a template expression' };
    }
    return spliceValue(page, place, wanted.value);
  }
  return spliceMissing(page, place, walk.depth, wanted);
}

/** Adds what is missing below the deepest node that exists. */
function spliceMissing(page: Page, place: Place, depth: number, wanted: Wanted): SpliceResult {
  const { node, json } = place;
  const here = wanted.path.slice(0, depth);
  const segment = wanted.path[depth] as FieldPathSegment;
  const isEmpty = (isScalar(node) && node.value === null) || ((isMap(node) || isSeq(node)) && node.items.length === 0);
  if (isEmpty) return fillEmpty(page, place, readField(wanted.intended, here) as JsonValue);
  const child = readField(wanted.intended, [...here, segment]) as JsonValue;
  if (isMap(node) && typeof segment === 'string') return spliceNewPair(page, node as YAMLMap, { key: segment, value: child }, json);
  if (isSeq(node) && typeof segment === 'object') return spliceNewEntry(page, node as YAMLSeq, child, json);
  if (isSeq(node) && segment === node.items.length) return spliceNewEntry(page, node as YAMLSeq, child, json);
  return { refused: `${formatFieldPath(here) || 'the document'} has no place for ${formatFieldPath([segment])}` };
}

function fillEmpty(page: Page, place: Place, value: JsonValue): SpliceResult {
  const wantsList = Array.isArray(value);
  if ((isMap(place.node) && wantsList) || (isSeq(place.node) && !wantsList))
    return { refused: 'a list stands where a map is wanted, or a map where a list is' };
  return spliceValue(page, place, value);
}

type Walk = { readonly places: readonly Place[]; readonly depth: number } | { readonly refused: string };

/** Follows the path as far as it exists; stops at what several places share. */
function walkPath(document: Document.Parsed, wanted: Wanted): Walk {
  const root = document.contents as Node | null;
  if (!root) return { places: [], depth: 0 };
  const json = isFlowMap(root) && isQuoted((root.items[0]?.key ?? null) as Node | null);
  const places: Place[] = [{ node: root, json }];
  for (const [depth, segment] of wanted.path.entries()) {
    const { node } = places.at(-1) as Place;
    if (isAlias(node)) return { refused: `it comes from the alias *${node.source}, which other places share` };
    const next = stepInto(node, segment, readField(wanted.original, wanted.path.slice(0, depth)));
    if (next === undefined) return { places, depth };
    if ('refused' in next) return next;
    places.push({ ...next, json: json || isJsonLike(next.node) });
  }
  const { node } = places.at(-1) as Place;
  if (isAlias(node)) return { refused: `it comes from the alias *${node.source}, which other places share` };
  return { places, depth: wanted.path.length };
}

type Step = Omit<Place, 'json'> | { readonly refused: string } | undefined;

function stepInto(node: Node, segment: FieldPathSegment, value: unknown): Step {
  if (isMap(node) && typeof segment === 'string') return stepIntoMap(node as YAMLMap, segment, value);
  if (isSeq(node) && typeof segment !== 'string') {
    const list = value as readonly unknown[];
    const index =
      typeof segment === 'number' ? segment : list.findIndex((_, position) => readField(list, [position, segment.key]) === segment.value);
    const item = node.items[index] as Node | undefined;
    return item ? { node: item, container: node as YAMLSeq } : undefined;
  }
  return undefined;
}

function stepIntoMap(map: YAMLMap, key: string, value: unknown): Step {
  const pair = map.items.findLast((candidate) => isScalar(candidate.key) && String(candidate.key.value) === key) as Pair | undefined;
  if (pair) return { node: (pair.value ?? emptyAfter(pair)) as Node, container: map, pair };
  if (typeof value === 'object' && value !== null && Object.hasOwn(value, key)) {
    return { refused: `"${key}" comes through a merge key (<<), which other places share` };
  }
  return undefined;
}

function emptyAfter(pair: Pair): Scalar {
  const node = new Scalar(null);
  const end = (pair.key as Node).range?.[1] ?? 0;
  node.range = [end, end, end];
  return node;
}

function isFlowMap(node: Node): node is YAMLMap {
  return isMap(node) && node.flow === true;
}

function isQuoted(key: Node | null): boolean {
  return isScalar(key) && key.type === Scalar.QUOTE_DOUBLE;
}

function isJsonLike(node: Node): boolean {
  return isFlowMap(node) && isQuoted((node.items[0]?.key ?? null) as Node | null);
}

function shown(value: JsonValue | undefined): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return isScalarValue(value) || text.length <= 80 ? text.slice(0, 200) : `${text.slice(0, 80)}...`;
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function refused(reason: string): YamlEditResult {
  return { status: 'refused', reason };
}
