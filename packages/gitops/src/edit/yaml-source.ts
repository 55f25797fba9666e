import type { JsonValue } from '@tier0/core';
import { type Document, isCollection, isMap, isPair, isScalar, type Node, parseAllDocuments, Scalar, visit } from 'yaml';

/** Aliases one document may expand to; more is an attempt to exhaust memory. */
const MAX_ALIASES = 10_000;

/** A YAML or JSON text with what its documents mean and where everything stands. */
export interface YamlSource {
  /** Without the byte order mark. Every offset counts in it. */
  readonly text: string;
  readonly byteOrderMark: string;
  readonly documents: readonly Document.Parsed[];
  /** What each document means, aliases and merge keys resolved. */
  readonly values: readonly JsonValue[];
}

export type YamlReading =
  | { readonly status: 'read'; readonly source: YamlSource }
  | { readonly status: 'unreadable'; readonly reason: string; readonly line: number; readonly column: number };

/** Reads a text; a syntax error is an answer with its line and column, counted from 1. */
export function readYaml(text: string): YamlReading {
  const byteOrderMark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const body = text.slice(byteOrderMark.length);
  try {
    const parsed = parseAllDocuments(body, { merge: true, uniqueKeys: false, logLevel: 'silent' });
    const documents = Array.isArray(parsed) ? (parsed as Document.Parsed[]) : [];
    for (const document of documents) {
      const error = document.errors[0];
      if (error) return unreadable(body, firstLine(error.message), error.linePos?.[0] ?? { line: 1, col: 1 });
    }
    const values = documents.map((document) => document.toJS({ maxAliasCount: MAX_ALIASES }) as JsonValue);
    return { status: 'read', source: { text: body, byteOrderMark, documents, values } };
  } catch (error) {
    return unreadable(body, firstLine(error instanceof Error ? error.message : String(error)), { line: 1, col: 1 });
  }
}

function unreadable(body: string, message: string, at: { readonly line: number; readonly col: number }): YamlReading {
  const hint = body.includes('{{') ? ' (it holds template expressions `{{ }}`)' : '';
  const reason = `not readable as YAML at line ${at.line}, column ${at.col}: ${message}${hint}`;
  return { status: 'unreadable', reason, line: at.line, column: at.col };
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
}

/** Whether the document is a template: `{{ }}` outside quotes, block scalars and comments. */
export function isTemplated(document: Document.Parsed, text: string): boolean {
  let templated = false;
  visit(document, {
    Map: (_, node) => {
      if (node.flow && node.range && /^\{\s*\{/.test(text.slice(node.range[0], node.range[0] + 8))) templated = true;
    },
    Scalar: (_, node) => {
      if (node.type === Scalar.PLAIN && node.source?.includes('{{')) templated = true;
    },
  });
  return templated;
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
  const from = key.range?.[1] ?? 0;
  const match = /^[ \t]*:/.exec(text.slice(from, from + 200));
  return match ? from + match[0].length : undefined;
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
  const slice = text.slice(start, end);
  if (start === end) return text.slice(0, start).replace(/[ \t]+$/, '').length;
  if (node.type !== Scalar.BLOCK_LITERAL && node.type !== Scalar.BLOCK_FOLDED) return end;
  const keepsBlankLines = /^[|>]\d?\+/.test(slice);
  return start + (keepsBlankLines ? slice.replace(/\r?\n$/, '') : slice.replace(/\s+$/, '')).length;
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
}

/** Reads the layout off the document, by majority. */
export function layoutOf(document: Document.Parsed, text: string): YamlLayout {
  const steps: number[] = [];
  const dashes: number[] = [];
  visit(document, {
    Pair: (_, pair) => {
      const key = pair.key as Node | null;
      const value = pair.value as Node | null;
      if (!key?.range || !value?.range || !isCollection(value) || value.flow) return;
      const distance = columnOf(text, value.range[0]) - columnOf(text, key.range[0]);
      if (lineStart(text, value.range[0]) === lineStart(text, key.range[0])) return;
      (isMap(value) ? steps : dashes).push(distance);
    },
  });
  const step = mostCommon(steps.filter((distance) => distance > 0)) ?? 2;
  const returns = text.split('\r\n').length - 1;
  const breaks = text.split('\n').length - 1;
  return { step, dashOffset: mostCommon(dashes) ?? step, lineBreak: returns * 2 > breaks ? '\r\n' : '\n' };
}

function mostCommon(values: readonly number[]): number | undefined {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
