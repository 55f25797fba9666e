import { isDeepStrictEqual } from 'node:util';
import type { FieldPath, JsonValue } from '@tier0/core';
import { type Document, isCollection, isMap, isNode, isScalar, isSeq, type Node, visit, type YAMLMap } from 'yaml';
import { nodeAt, plainScalar } from './scalar-at.ts';
import { isJson, meaningOf, parseYaml, type YamlText } from './yaml-source.ts';
import type { Splice } from './yaml-splice.ts';

/** What is to be proved: that `text`, made from `source` by `splices`, means the same with one document as `intended`. */
export interface Claim {
  readonly source: YamlText;
  readonly text: string;
  readonly splices: readonly Splice[];
  /** Position of the edited document. */
  readonly index: number;
  readonly intended: JsonValue;
  /** The field that was set: what is written there must mean the same to every reader. */
  readonly path: FieldPath;
}

/** Why the new text does not mean what was intended; undefined when it is proved. Never throws. */
export function disprove(claim: Claim): string | undefined {
  const { source, text } = claim;
  if (isJson(source.text) && !isJson(text)) return 'the edit would leave a file that is no longer JSON';
  const part = partOf(claim);
  try {
    return part ? disprovePart(part, claim) : disproveWhole(claim);
  } catch (error) {
    return `the edit would leave a document that cannot be taken apart: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Reads the whole result again. */
function disproveWhole({ source, text, index, intended, path }: Claim): string | undefined {
  const after = parseYaml(text);
  if ('status' in after) return `the edit would leave a file that is ${after.reason}`;
  const expected = source.documents.length === 0 ? [intended] : source.documents.map((one, n) => (n === index ? intended : meaningOf(one)));
  const isIntended =
    after.documents.length === expected.length && after.documents.every((one, n) => saysExactly(one, expected[n] as JsonValue));
  if (warningsOf(after.documents) > warningsOf(source.documents)) return TAG_LOST;
  if (!isIntended) return 'the edit would change more than this field';
  return whyMisread(after.documents[index], path, intended);
}

/** Why kubectl or Helm would see another value at the edited place than YAML 1.2 does. */
function whyMisread(document: Document.Parsed | undefined, path: FieldPath, intended: JsonValue): string | undefined {
  const node = document && nodeAt(document, path, intended);
  const found: string[] = [];
  visit((isNode(node) ? node : null) as Node | null, {
    Scalar: (_, scalar) => {
      const plain = plainScalar(scalar);
      if (plain && !Object.is(plain.kubectl, plain.value)) found.push(plain.source);
    },
  });
  return found[0] === undefined ? undefined : `kubectl and Helm would read ${found[0]} as another value`;
}

/**
 * The text of the edited document alone, when reading it alone proves as much as reading everything: the bytes before it and after it are
 * untouched, what follows begins with `---` at a line's start, and no directive or `...` reaches over that border. A document whose root
 * is a map or a list ends at that marker whatever it holds, unless it leaves quotes or brackets open, and then it cannot be read alone.
 */
export function partOf({ source, text, splices, index }: Claim): string | undefined {
  const document = source.documents[index];
  const next = source.documents[index + 1];
  if (source.documents.length < 2 || !document || !isCollection(document.contents)) return undefined;
  if (/^(?:%|\.\.\.)/m.test(source.text)) return undefined;
  const start = document.range[0];
  const end = next ? next.range[0] : source.text.length;
  if (index > 0 && !isMarker(source.text, start)) return undefined;
  if (next && !isMarker(source.text, end)) return undefined;
  // The marker is a marker only with the blank after it.
  const firstByte = isMarker(source.text, start) ? start + 4 : start;
  if (!splices.every((splice) => splice.start >= firstByte && splice.end <= end)) return undefined;
  const part = text.slice(start, end + text.length - source.text.length);
  return next && !part.endsWith('\n') ? undefined : part;
}

function isMarker(text: string, offset: number): boolean {
  return (offset === 0 || text[offset - 1] === '\n') && /^---(?:\s|$)/.test(text.slice(offset, offset + 4));
}

function disprovePart(part: string, { source, index, intended, path }: Claim): string | undefined {
  const after = parseYaml(part);
  if ('status' in after) return `the edit would leave a document that is ${after.reason}`;
  const [only] = after.documents;
  if (!only || after.documents.length > 1 || !isCollection(only.contents)) return 'the edit would change where its document ends';
  if (only.warnings.length > (source.documents[index]?.warnings.length ?? 0)) return TAG_LOST;
  return saysExactly(only, intended) ? whyMisread(only, path, intended) : 'the edit would change more than this field';
}

/** The parser only warns about `!!int [x]`; other readers stop there. */
const TAG_LOST = 'the edit would leave a tag where it does not fit';

function warningsOf(documents: readonly Document.Parsed[]): number {
  return documents.reduce((sum, document) => sum + document.warnings.length, 0);
}

/** Whether a document means a value. */
function saysExactly(document: Document.Parsed, value: JsonValue): boolean {
  return isPlainly(document.contents, value) || isDeepStrictEqual(meaningOf(document), value);
}

/**
 * Whether a node means a value, without building what it means. False also where that is not plain to see: aliases, merge keys, tagged
 * collections, keys that are not text or that stand twice.
 */
function isPlainly(node: unknown, value: unknown): boolean {
  if (isScalar(node)) return Object.is(node.value, value);
  if (isSeq(node)) {
    if (node.tag || !Array.isArray(value) || node.items.length !== value.length) return false;
    return node.items.every((item, index) => isPlainly(item, value[index]));
  }
  return isMap(node) && !node.tag && typeof value === 'object' && value !== null && isPlainMap(node, value as Record<string, unknown>);
}

function isPlainMap(node: YAMLMap, value: Readonly<Record<string, unknown>>): boolean {
  const seen = new Set<string>();
  for (const { key, value: child } of node.items) {
    if (!isScalar(key) || typeof key.value !== 'string' || key.value === '<<' || !Object.hasOwn(value, key.value)) return false;
    seen.add(key.value);
    if (!isPlainly(child, value[key.value]) && !(child === null && value[key.value] === null)) return false;
  }
  return seen.size === node.items.length && seen.size === Object.keys(value).length;
}
