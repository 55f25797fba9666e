import { type FieldPath, type FieldPathSegment, type JsonValue, readField } from '@tier0/core';
import { type Document, isMap, isScalar, isSeq, Scalar } from 'yaml';
import { readLikeKubectl } from './kubectl-scalar.ts';
import type { YamlScalar } from './yaml-scalar.ts';

/** The node at a path; undefined where none is written, also where a value comes through an alias or a merge key. */
export function nodeAt(document: Document.Parsed, path: FieldPath, meaning: JsonValue): unknown {
  return path.reduce<unknown>((node, segment, depth) => stepTo(node, segment, readField(meaning, path.slice(0, depth))), document.contents);
}

function stepTo(node: unknown, segment: FieldPathSegment, value: unknown): unknown {
  if (isMap(node)) return node.items.findLast((pair) => isScalar(pair.key) && String(pair.key.value) === segment)?.value;
  if (!isSeq(node) || typeof segment === 'string') return undefined;
  if (typeof segment === 'number') return node.items[segment];
  const entries = Array.isArray(value) ? value : [];
  return node.items[entries.findIndex((entry) => readField(entry, [segment.key]) === segment.value)];
}

/** A scalar without quotes, as it is written and as both kinds of readers take it. */
export interface PlainScalar {
  /** `0640` */
  readonly source: string;
  /** What YAML 1.2 readers see: 640. */
  readonly value: YamlScalar;
  /** What kubectl and Helm see: 416. */
  readonly kubectl: YamlScalar;
}

/** The plain scalar a node is; undefined for anything else. A tag decides for every reader. */
export function plainScalar(node: unknown): PlainScalar | undefined {
  if (!isScalar(node) || node.type !== Scalar.PLAIN || node.tag || node.source === undefined) return undefined;
  const kubectl = node.source.includes('\n') ? node.source : readLikeKubectl(node.source);
  return { source: node.source, value: node.value as YamlScalar, kubectl };
}
