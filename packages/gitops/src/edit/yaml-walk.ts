import { type FieldPath, type FieldPathSegment, formatFieldPath, type JsonValue, readField } from '@tier0/core';
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { renderPairs } from './yaml-render.ts';
import { isJson, isTemplateExpression, layoutOf, type YamlText } from './yaml-source.ts';
import { type Page, type Place, type SpliceResult, spliceAway, spliceNewEntry, spliceNewPair, spliceValue } from './yaml-splice.ts';

/** A field to set or to remove in a document, with the document's meaning before and after. */
export interface Wanted {
  readonly path: FieldPath;
  readonly value: JsonValue | undefined;
  readonly original: JsonValue;
  readonly intended: JsonValue;
}

/** The splices that set or remove the field, or why there are none. */
export function spliceFor(source: YamlText, document: Document.Parsed | undefined, wanted: Wanted): SpliceResult {
  const page = pageOf(source.text, document);
  const walk = walkPath(document, source.text, wanted);
  if ('refused' in walk) return walk;
  if (walk.places.some(({ node }) => isTemplateExpression(node, source.text))) return { refused: 'its value is a template expression' };
  const place = walk.places.at(-1);
  if (!place) return fillEmptyFile(page, source, wanted);
  if (walk.depth < wanted.path.length) return spliceMissing(page, place, walk, wanted);
  if (wanted.value === undefined) return spliceAway(page, place, walk.places.at(-2));
  if (isScalar(place.node) && typeof place.node.value === 'string' && place.node.value.includes('{{')) {
    return { refused: 'its value is a template expression' };
  }
  return spliceValue(page, place, wanted.value);
}

/** The layout is read off the file only when something is laid out. */
function pageOf(text: string, document: Document.Parsed | undefined): Page {
  let layout: Page['layout'] | undefined;
  return {
    text,
    get layout() {
      layout ??= document ? layoutOf(document, text) : { step: 2, dashOffset: 2, lineBreak: '\n', endsOpen: false };
      return layout;
    },
  };
}

/** A file that says nothing, or only comments, gets its first lines at its end. */
function fillEmptyFile({ text, layout }: Page, source: YamlText, { intended }: Wanted): SpliceResult {
  if (source.documents.length > 1 || /^\.\.\./m.test(text)) return { refused: 'the document is empty' };
  if (typeof intended !== 'object' || intended === null || Array.isArray(intended)) return { refused: 'the document is empty' };
  const lines = renderPairs(intended as Readonly<Record<string, JsonValue>>, layout).join(layout.lineBreak) + layout.lineBreak;
  const lead = text === '' || text.endsWith('\n') ? '' : layout.lineBreak;
  return [{ start: text.length, end: text.length, text: lead + lines }];
}

/** Adds what is missing below the deepest node that exists. */
function spliceMissing(page: Page, place: Place, { depth, merged }: Walked, wanted: Wanted): SpliceResult {
  const { node, json } = place;
  const here = wanted.path.slice(0, depth);
  const segment = wanted.path[depth] as FieldPathSegment;
  const isEmpty = (isScalar(node) && node.value === null) || ((isMap(node) || isSeq(node)) && node.items.length === 0);
  if (isEmpty) return fillEmpty(page, place, readField(wanted.intended, here) as JsonValue);
  const child = readField(wanted.intended, [...here, segment]) as JsonValue | undefined;
  if (child === undefined)
    return { refused: `"${segment}" comes through a merge key (<<), where it cannot be removed for one place alone` };
  if (merged && json) return { refused: `"${segment}" comes through a merge key (<<)` };
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

interface Walked {
  /** The nodes passed through, the root first. */
  readonly places: readonly Place[];
  /** Segments of the path that exist. */
  readonly depth: number;
  /** Whether the next segment exists only through a merge key: it is overridden here. */
  readonly merged: boolean;
}

/** Follows the path as far as it exists; stops at what several places share. */
function walkPath(document: Document.Parsed | undefined, text: string, wanted: Wanted): Walked | { readonly refused: string } {
  const root = (document?.contents ?? null) as Node | null;
  if (!root || (isScalar(root) && root.value === null && isNothing(root))) return { places: [], depth: 0, merged: false };
  const places: Place[] = [{ node: root, json: isJsonLike(root) || isJson(text) }];
  for (const [depth, segment] of wanted.path.entries()) {
    const { node, json } = places.at(-1) as Place;
    if (isAlias(node)) return aliased(node.source);
    const next = stepInto(node, segment, readField(wanted.original, wanted.path.slice(0, depth)));
    if (next === undefined || next === 'merged') return { places, depth, merged: next === 'merged' };
    if ('refused' in next) return next;
    places.push({ ...next, json: json || isJsonLike(next.node) });
  }
  const { node } = places.at(-1) as Place;
  return isAlias(node) ? aliased(node.source) : { places, depth: wanted.path.length, merged: false };
}

function aliased(anchor: string): { readonly refused: string } {
  return { refused: `it comes from the alias *${anchor}, which other places share` };
}

type Step = Omit<Place, 'json'> | { readonly refused: string } | 'merged' | undefined;

function stepInto(node: Node, segment: FieldPathSegment, value: unknown): Step {
  if (isMap(node) && typeof segment === 'string') return stepIntoMap(node as YAMLMap, segment, value);
  if (isSeq(node) && typeof segment !== 'string') return stepIntoList(node as YAMLSeq, segment, value as readonly unknown[]);
  return undefined;
}

function stepIntoList(node: YAMLSeq, segment: Exclude<FieldPathSegment, string>, list: readonly unknown[]): Step {
  const index = typeof segment === 'number' ? segment : indexOfEntry(list, segment.key, segment.value);
  if (typeof index !== 'number') return index;
  const item = node.items[index] as Node | undefined;
  return item ? { node: item, container: node } : undefined;
}

function indexOfEntry(list: readonly unknown[], key: string, value: string): number | { readonly refused: string } {
  const values = list.map((entry) => readField(entry, [key]));
  const [first = -1, second] = values.flatMap((found, index) => (found === value ? [index] : []));
  if (second !== undefined) return { refused: `several entries have ${key} ${JSON.stringify(value)}; name one by its position` };
  const alike = first === -1 ? values.findIndex((found) => String(found) === value) : -1;
  if (alike !== -1) return { refused: `the entry's ${key} is not the text ${JSON.stringify(value)}; name it by its position, [${alike}]` };
  return first;
}

function stepIntoMap(map: YAMLMap, key: string, value: unknown): Step {
  const pairs = map.items.filter((candidate) => isScalar(candidate.key) && keyText(candidate.key) === key) as Pair[];
  const pair = pairs.at(-1);
  if (pair) return { node: (pair.value ?? emptyAfter(pair)) as Node, container: map, pair };
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? 'merged' : undefined;
}

function keyText(key: Scalar): string {
  return key.value === null ? '' : String(key.value);
}

function emptyAfter(pair: Pair): Scalar {
  const node = new Scalar(null);
  const end = (pair.key as Node).range?.[1] ?? 0;
  node.range = [end, end, end];
  return node;
}

function isNothing(node: Scalar): boolean {
  return node.range?.[0] === node.range?.[1] && !node.anchor && !node.tag;
}

function isJsonLike(node: Node): boolean {
  if (!(isMap(node) || isSeq(node)) || !node.flow) return false;
  const first = isMap(node) ? node.items[0]?.key : node.items[0];
  return isScalar(first) ? first.type === Scalar.QUOTE_DOUBLE : isMap(first) && isJsonLike(first);
}
