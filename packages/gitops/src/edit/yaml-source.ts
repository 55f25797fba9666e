import { type JsonValue, whyTooLarge } from '@tier0/core';
import { type Document, isCollection, isMap, isPair, isScalar, type Node, parseAllDocuments, Scalar, visit } from 'yaml';

/** UTF-16 units of one text; what declares a cluster is smaller by far. */
const MAX_TEXT = 16 * 1024 * 1024;
/** Aliases one document may expand to; more is an attempt to exhaust memory. */
const MAX_ALIASES = 10_000;

/** A YAML or JSON text with where everything stands in it. */
export interface YamlText {
  /** Without the byte order mark. Every offset counts in it. */
  readonly text: string;
  readonly byteOrderMark: string;
  readonly documents: readonly Document.Parsed[];
}

/** The same, with what the documents mean. */
export interface YamlSource extends YamlText {
  /** What each document means, aliases and merge keys resolved. */
  readonly values: readonly JsonValue[];
}

export interface Unreadable {
  readonly status: 'unreadable';
  readonly reason: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
}

export type YamlReading = { readonly status: 'read'; readonly source: YamlSource } | Unreadable;

/** Reads a text; a syntax error is an answer with its line and column, counted from 1. */
export function readYaml(text: string): YamlReading {
  const parsed = parseYaml(text);
  if ('status' in parsed) return parsed;
  try {
    return { status: 'read', source: { ...parsed, values: parsed.documents.map(meaningOf) } };
  } catch (error) {
    return unreadable(parsed.text, messageOf(error), 0);
  }
}

/** Finds the documents of a text without working out what they mean. */
export function parseYaml(text: string): YamlText | Unreadable {
  const byteOrderMark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const body = text.slice(byteOrderMark.length);
  if (text.length > MAX_TEXT) return unreadable('', `it is longer than ${MAX_TEXT} characters`, 0);
  try {
    const parsed = parseAllDocuments(body, { merge: true, uniqueKeys: false, logLevel: 'silent', prettyErrors: false });
    const documents = Array.isArray(parsed) ? (parsed as Document.Parsed[]) : [];
    const error = documents.find((document) => document.errors.length > 0)?.errors[0];
    return error ? unreadable(body, error.message, error.pos[0]) : { text: body, byteOrderMark, documents };
  } catch (error) {
    return unreadable(body, messageOf(error), 0);
  }
}

/** What a document means. Throws where aliases expand without measure or come back to themselves, and where it is nested without end. */
export function meaningOf(document: Document.Parsed): JsonValue {
  const value = document.toJS({ maxAliasCount: MAX_ALIASES }) as JsonValue;
  const flaw = whyTooLarge(value);
  if (flaw !== undefined) throw new Error(flaw);
  return value;
}

function messageOf(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply';
  return error instanceof Error ? error.message : String(error);
}

function unreadable(body: string, message: string, offset: number): Unreadable {
  const hint = body.includes('{{') ? ' (it holds template expressions `{{ }}`)' : '';
  const line = body.slice(0, offset).split('\n').length;
  const column = columnOf(body, offset) + 1;
  const reason = `not readable as YAML at line ${line}, column ${column}: ${message.split('\n')[0]}${hint}`;
  return { status: 'unreadable', reason, line, column };
}

/** Whether the whole text is JSON, and must stay it. */
export function isJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether `{{ }}` decides how the document is built: as a key, or as lines of their own inside a text. Elsewhere it is a value like others,
 * data of a HelmRelease or a place that a template fills.
 */
export function isTemplated(document: Document.Parsed, text: string): boolean {
  if (!text.includes('{{') && !/\{\s+\{/.test(text)) return false;
  let templated = false;
  visit(document, {
    Pair: (_, pair) => {
      if (isTemplateExpression(pair.key, text)) templated = true;
    },
    Scalar: (_, node) => {
      if (node.type === Scalar.PLAIN && /\n\s*\{\{/.test(text.slice(...rangeOf(node)))) templated = true;
    },
  });
  return templated;
}

/** Whether a node is `{{ ... }}`, which YAML takes for a map with a map as its key. */
export function isTemplateExpression(node: unknown, text: string): boolean {
  if (!isMap(node) || !node.flow || !node.range) return false;
  const key = node.items[0]?.key;
  return isMap(key) && key.flow === true && /^\{\s*\{/.test(text.slice(node.range[0], node.range[0] + 8));
}

function rangeOf(node: Scalar): [number, number] {
  return [node.range?.[0] ?? 0, node.range?.[1] ?? 0];
}

/** Names of the anchors that the document repeats by an alias. */
export function sharedAnchors(document: Document.Parsed): readonly string[] {
  const anchors = new Set<string>();
  visit(document, {
    Alias: (_, alias) => {
      anchors.add(alias.source);
    },
  });
  return [...anchors];
}

/** Offset after the colon that follows a key; undefined for `? key` and other rare forms. */
export function afterColon(text: string, key: Node): number | undefined {
  let at = key.range?.[1] ?? 0;
  while (text[at] === ' ' || text[at] === '\t') at++;
  return text[at] === ':' ? at + 1 : undefined;
}

/** Offset after the last character that belongs to the node's content: no trailing comment, no final line break. */
export function contentEnd(text: string, node: Node): number {
  const [start, end] = node.range ?? [0, 0, 0];
  if (isScalar(node)) return scalarEnd(text, node, start, end);
  if (!isCollection(node) || node.flow) return end;
  const last = node.items.at(-1);
  if (isPair(last)) {
    const value = last.value as Node | null;
    const key = last.key as Node;
    const keyEnd = afterColon(text, key) ?? key.range?.[1] ?? end;
    return value ? Math.max(keyEnd, contentEnd(text, value)) : keyEnd;
  }
  return last ? contentEnd(text, last as Node) : end;
}

function scalarEnd(text: string, node: Scalar, start: number, end: number): number {
  if (start === end) return emptyEnd(text, start);
  if (!isBlockScalar(node) || text[end - 1] !== '\n') return end;
  return text[end - 2] === '\r' ? end - 2 : end - 1;
}

/** An absent value stands where the next token does: what belongs to it ends with the last character before that is not blank. */
function emptyEnd(text: string, start: number): number {
  let end = start;
  while (end > 0 && /\s/.test(text[end - 1] as string)) end--;
  return end;
}

/** Whether the scalar is written with `|` or `>`. */
export function isBlockScalar(node: Scalar): boolean {
  return node.type === Scalar.BLOCK_LITERAL || node.type === Scalar.BLOCK_FOLDED;
}

/** Column of an offset, from 0. */
export function columnOf(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** Offset of the first character of the line. */
export function lineStart(text: string, offset: number): number {
  return offset === 0 ? 0 : text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset of the line break that ends the line, or of the end of the text. */
export function lineBreak(text: string, offset: number): number {
  const found = text.indexOf('\n', offset);
  return found === -1 ? text.length : found;
}

/** How the file is laid out: spaces per level, how far `-` stands from its key, and which line break it uses. */
export interface YamlLayout {
  readonly step: number;
  readonly dashOffset: number;
  readonly lineBreak: '\n' | '\r\n';
  /** The text ends in the middle of a line: a block scalar there has no last line break to some readers, and one to others. */
  readonly endsOpen: boolean;
}

/** Reads the layout off the document, by majority. */
export function layoutOf(document: Document.Parsed, text: string): YamlLayout {
  const steps: number[] = [];
  const dashes: number[] = [];
  const measure = (node: unknown): void => {
    if (!isCollection(node) || node.flow) return;
    for (const item of node.items) {
      const value = (isPair(item) ? item.value : item) as Node | null;
      const key = isPair(item) ? (item.key as Node | null) : undefined;
      if (key?.range && value?.range && isCollection(value) && !value.flow && isBelow(text, key.range[0], value.range[0])) {
        (isMap(value) ? steps : dashes).push(columnOf(text, value.range[0]) - columnOf(text, key.range[0]));
      }
      measure(value);
    }
  };
  measure(document.contents);
  const step = mostCommon(steps.filter((distance) => distance > 0)) ?? 2;
  return {
    step,
    dashOffset: mostCommon(dashes.filter((distance) => distance >= 0)) ?? step,
    lineBreak: lineBreakOf(text),
    endsOpen: !text.endsWith('\n'),
  };
}

function isBelow(text: string, above: number, below: number): boolean {
  return lineStart(text, above) !== lineStart(text, below);
}

function lineBreakOf(text: string): '\n' | '\r\n' {
  if (!text.includes('\r\n')) return '\n';
  const returns = text.split('\r\n').length - 1;
  const breaks = text.split('\n').length - 1;
  return returns * 2 > breaks ? '\r\n' : '\n';
}

function mostCommon(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
