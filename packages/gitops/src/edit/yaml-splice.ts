import type { JsonValue } from '@tier0/core';
import { isMap, isScalar, isSeq, type Node, type Pair, Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { spliceBlockScalar } from './yaml-block-scalar.ts';
import { indented, isScalarValue, renderBlock, renderEntries, renderFlow, renderFlowPair, renderPairs } from './yaml-render.ts';
import { type QuoteStyle, renderScalar, type YamlScalar } from './yaml-scalar.ts';
import { afterColon, columnOf, contentEnd, isBlockScalar, lineBreak, lineStart, type YamlLayout } from './yaml-source.ts';

/** Bytes [start, end) give way to `text`. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Where a node stands: the map or list around it, and the pair that names it when that is a map. Absent at the root. */
export interface Place {
  readonly node: Node;
  readonly container?: YAMLMap | YAMLSeq | undefined;
  readonly pair?: Pair | undefined;
  /** The text around is JSON, so new keys and strings are quoted as JSON does. */
  readonly json: boolean;
}

/** What the functions below need to know about the file. */
export interface Page {
  readonly text: string;
  readonly layout: YamlLayout;
}

/** Why no splice was made. */
export interface Refusal {
  readonly refused: string;
}

export type SpliceResult = readonly Splice[] | Refusal;

/** Puts another value where a node stands. */
export function spliceValue(page: Page, place: Place, value: JsonValue): SpliceResult {
  const { node, container, pair, json } = place;
  if (node.tag && !fitsTag(node.tag, value)) return { refused: `its value carries the tag ${node.tag}` };
  if (isScalar(node) && isScalarValue(value) && node.range && node.range[0] !== node.range[1]) return spliceScalar(page, node, value, json);
  if (!container) return spliceRoot(page, place, value);
  if (container.flow) return spliceInFlow(page, place, value);
  if (pair) return spliceUnderKey(page, pair, node, value);
  if (isAbsent(node)) return spliceAfterDash(page, node, value);
  const [first = '', ...rest] = entryLines(page, value, columnOf(page.text, startOf(node)));
  const end = contentEnd(page.text, node);
  return [{ start: startOf(node), end, text: first }, ...linesAfter(page, end, rest)];
}

/** Whether an explicit tag stays true: the text says it of the new value as well. */
function fitsTag(tag: string, value: JsonValue): boolean {
  const kind = typeof value === 'string' ? 'str' : Array.isArray(value) ? 'seq' : typeof value === 'object' && value !== null ? 'map' : '';
  return kind !== '' && tag === `tag:yaml.org,2002:${kind}`;
}

function spliceScalar(page: Page, node: Scalar, value: YamlScalar, json: boolean): SpliceResult {
  const [start = 0, end = 0] = node.range ?? [];
  if (isBlockScalar(node)) return [spliceBlockScalar(page, node, value)];
  return [{ start, end, text: json ? renderFlow(value, true) : renderScalar(value, quoteStyle(node)) }];
}

function quoteStyle(node: Scalar): QuoteStyle {
  if (node.type === Scalar.QUOTE_SINGLE) return 'single';
  return node.type === Scalar.QUOTE_DOUBLE ? 'double' : 'plain';
}

/** A root of `{}` or `[]` is filled on its line, with quotes, so that JSON stays JSON. */
function spliceRoot(page: Page, { node }: Place, value: JsonValue): SpliceResult {
  if (!(isMap(node) || isSeq(node)) || !node.flow || node.items.length > 0) return { refused: 'the whole document would be replaced' };
  return [{ start: startOf(node), end: contentEnd(page.text, node), text: renderFlow(value, true) }];
}

function spliceInFlow(page: Page, { node, pair, json }: Place, value: JsonValue): SpliceResult {
  const start = startOf(node);
  if (!pair || node.range?.[0] !== node.range?.[1]) return [{ start, end: contentEnd(page.text, node), text: renderFlow(value, json) }];
  const key = pair.key as Node;
  const colon = afterColon(page.text, key);
  const at = colon ?? key.range?.[1] ?? start;
  return [{ start: at, end: at, text: `${colon === undefined ? ':' : ''} ${renderFlow(value, json)}` }];
}

function spliceAfterDash(page: Page, node: Node, value: JsonValue): SpliceResult {
  const at = contentEnd(page.text, node);
  if (page.text[at - 1] !== '-') return { refused: 'its entry is written in a form that is not supported' };
  const [first = '', ...rest] = entryLines(page, value, columnOf(page.text, at) + 1);
  return [{ start: at, end: at, text: ` ${first}` }, ...linesAfter(page, at, rest)];
}

function spliceUnderKey(page: Page, pair: Pair, node: Node, value: JsonValue): SpliceResult {
  const { text, layout } = page;
  const key = pair.key as Node;
  const colon = afterColon(text, key);
  if (colon === undefined) return { refused: 'its key is written in a form that is not supported' };
  const from = afterProperties(text, colon, startOf(node));
  const end = Math.max(from, contentEnd(text, node));
  if (/(^|\s)#/.test(text.slice(from, Math.max(from, Math.min(end, startOf(node)))))) {
    return { refused: 'a comment stands between the key and its value' };
  }
  const form = renderBlock(value, layout);
  if ('inline' in form) return [{ start: from, end, text: ` ${form.inline}` }];
  const lines = indented(form.lines, columnOf(text, itemStart(pair)));
  const header = form.header === '' ? '' : ` ${form.header}`;
  return [{ start: from, end, text: header }, insertLinesAfter(page, end, lines)];
}

/** Offset after the anchor and the tag that stand between a colon and its value: they stay. */
function afterProperties(text: string, colon: number, start: number): number {
  const match = /^(?:[ \t]+[&!]\S*)+/.exec(text.slice(colon, Math.max(colon, start)));
  return match ? colon + match[0].length : colon;
}

/** Adds a key to a map that has at least one. */
export function spliceNewPair(
  page: Page,
  map: YAMLMap,
  pair: { readonly key: string; readonly value: JsonValue },
  json: boolean,
): SpliceResult {
  if (map.flow) return spliceIntoFlow(page, map, renderFlowPair(pair.key, pair.value, json ? jsonColon(page, map) : undefined));
  const lines = indented(renderPairs({ [pair.key]: pair.value }, page.layout), firstKeyColumn(page.text, startOf(map)));
  return [insertLinesAfter(page, contentEnd(page.text, map), lines)];
}

/** Column of a map's first key; an anchor or tag of the key counts as its beginning. */
function firstKeyColumn(text: string, start: number): number {
  const lead = text.slice(lineStart(text, start), start);
  return lead.replace(/(?:[&!][^\s&!]+[ \t]+)+$/, '').length;
}

/** Adds an entry at the end of a list that has at least one. */
export function spliceNewEntry(page: Page, list: YAMLSeq, value: JsonValue, json: boolean): SpliceResult {
  if (list.flow) return spliceIntoFlow(page, list, renderFlow(value, json));
  const lines = indented(renderEntries([value], page.layout), columnOf(page.text, startOf(list)));
  return [insertLinesAfter(page, contentEnd(page.text, list), lines)];
}

function spliceIntoFlow(page: Page, collection: YAMLMap | YAMLSeq, text: string): SpliceResult {
  const last = collection.items.at(-1);
  const lastNode = nodeOf(last);
  const start = isPairItem(last) ? startOf(last.key as Node) : startOf(lastNode);
  const end = contentEnd(page.text, lastNode);
  const lead = page.text.slice(lineStart(page.text, start), start);
  const ownLine = lead.trim() === '' && lineStart(page.text, start) > startOf(collection);
  const separator = ownLine ? page.layout.lineBreak + lead : isCompact(page, collection) ? '' : ' ';
  const hasComma = /^\s*,\s*[}\]]/.test(page.text.slice(end, collection.range?.[1]));
  const at = hasComma ? page.text.indexOf(',', end) + 1 : end;
  return [{ start: at, end: at, text: `${hasComma ? '' : ','}${separator}${text}` }];
}

/** Whether the entries follow each other without a space, as compact JSON is written. */
function isCompact({ text }: Page, collection: YAMLMap | YAMLSeq): boolean {
  const [first, second] = collection.items as readonly unknown[];
  if (second !== undefined) return text[itemStart(second) - 1] === ',';
  return isPairItem(first) && first.value !== null && text[startOf(first.value as Node) - 1] === ':';
}

/** What stands between a key and its value in this JSON map. */
function jsonColon({ text }: Page, map: YAMLMap): string {
  const value = map.items[0]?.value as Node | null | undefined;
  return value && text[startOf(value) - 1] === ':' ? ':' : ': ';
}

/** Takes a key or a list entry away. The last one leaves `{}` or `[]` behind. */
export function spliceAway(page: Page, place: Place, containerPlace: Place | undefined): SpliceResult {
  const { container, pair, node } = place;
  if (!container) return { refused: 'the whole document would be removed' };
  if (container.items.length === 1 && containerPlace) return spliceValue(page, containerPlace, isMap(container) ? {} : []);
  if (container.items.length === 1) return { refused: 'the document would be left without content' };
  const index = (container.items as unknown[]).indexOf(pair ?? node);
  return container.flow ? removeFromFlow(page, container, index) : removeLines(page, container, index);
}

function removeFromFlow(page: Page, container: YAMLMap | YAMLSeq, index: number): SpliceResult {
  const items = container.items as readonly unknown[];
  const start = writtenStart(page, items[index]);
  const next = items[index + 1];
  if (next) return [{ start, end: writtenStart(page, next), text: '' }];
  return [{ start: contentEnd(page.text, nodeOf(items[index - 1])), end: contentEnd(page.text, nodeOf(items[index])), text: '' }];
}

function removeLines(page: Page, container: YAMLMap | YAMLSeq, index: number): SpliceResult {
  const { text } = page;
  const item = container.items[index];
  const start = isAbsent(item) ? contentEnd(text, item) : writtenStart(page, item);
  const from = lineStart(text, start);
  const end = isPairItem(item) && !item.value ? (afterColon(text, item.key as Node) ?? start) : contentEnd(text, nodeOf(item));
  const lead = text.slice(from, start);
  if (isMap(container) ? lead.trim() !== '' : !/^\s*-\s*$/.test(lead)) return removeFirstOfEntry(page, container, index);
  const stop = lineBreak(text, end);
  if (stop < text.length) return [{ start: from, end: stop + 1, text: '' }];
  return [{ start: text.slice(0, from).replace(/\r?\n$/, '').length, end: stop, text: '' }];
}

/** The first key of `- name: x` shares its line with the dash: the next key moves up to it. */
function removeFirstOfEntry(page: Page, container: YAMLMap | YAMLSeq, index: number): SpliceResult {
  const next = container.items[index + 1];
  const start = writtenStart(page, container.items[index]);
  const end = next ? writtenStart(page, next) : start;
  if (!isMap(container) || start === end || page.text.slice(start, end).includes('#')) {
    return { refused: 'it cannot be removed without touching what is around it' };
  }
  return [{ start, end, text: '' }];
}

/** Where an item begins, with the question mark, the anchor and the tag before it. */
function writtenStart({ text }: Page, item: unknown): number {
  const start = itemStart(item);
  const lead = text.slice(lineStart(text, start), start);
  return start - (/(?:\?[ \t]+)?(?:[&!][^\s,[\]{}]*[ \t]+)*$/.exec(lead)?.[0].length ?? 0);
}

/** A list entry's lines without its dash; the first one stands at `column` already. */
function entryLines(page: Page, value: JsonValue, column: number): readonly string[] {
  const [first = '', ...rest] = renderEntries([value], page.layout);
  const below = rest.map((line) => line.slice(2));
  return [first.slice(2), ...indented(below, column)];
}

function linesAfter(page: Page, offset: number, lines: readonly string[]): readonly Splice[] {
  return lines.length === 0 ? [] : [insertLinesAfter(page, offset, lines)];
}

function insertLinesAfter(page: Page, offset: number, lines: readonly string[]): Splice {
  const at = lineBreak(page.text, offset);
  const body = lines.join(page.layout.lineBreak);
  if (at === page.text.length) return { start: at, end: at, text: page.layout.lineBreak + body };
  return { start: at + 1, end: at + 1, text: body + page.layout.lineBreak };
}

/** Applies splices that do not overlap; at one place they come in the order given. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  return splices
    .toReversed()
    .sort((a, b) => b.start - a.start)
    .reduce((rest, splice) => rest.slice(0, splice.start) + splice.text + rest.slice(splice.end), text);
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** A value that is not written at all. Its range is where the next token stands. */
function isAbsent(item: unknown): item is Scalar {
  return isScalar(item) && item.range?.[0] === item.range?.[1];
}

function isPairItem(item: unknown): item is Pair {
  return typeof item === 'object' && item !== null && 'key' in item;
}

/** The node that stands for an item: a pair's value, or its key when it has none. */
function nodeOf(item: unknown): Node {
  return (isPairItem(item) ? (item.value ?? item.key) : item) as Node;
}

function itemStart(item: unknown): number {
  return startOf((isPairItem(item) ? item.key : item) as Node);
}
