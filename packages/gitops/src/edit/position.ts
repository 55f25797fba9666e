import type { FieldPath } from '@tier0/core';
import { isNode, LineCounter, type Node } from 'yaml';
import { nodeAt } from './scalar-at.ts';
import { readYaml } from './yaml-source.ts';

/** Where something stands in a text. Lines and columns count from 1, columns in UTF-16 units; the end is the first place after it. */
export interface TextRegion {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Where a field of a YAML or JSON document stands; where it is not written, the nearest map or list around it. Undefined for a text that cannot be read. */
export function regionOf(
  text: string,
  { document, path }: { readonly document: number; readonly path: FieldPath },
): TextRegion | undefined {
  const reading = readYaml(text);
  if (reading.status !== 'read') return undefined;
  const parsed = reading.source.documents[document];
  const meaning = reading.source.values[document] ?? null;
  if (!parsed) return undefined;
  for (let depth = path.length; depth >= 0; depth--) {
    const node = nodeAt(parsed, path.slice(0, depth), meaning);
    if (isNode(node) && node.range)
      return regionBetween(reading.source.text, node as Node & { readonly range: readonly [number, number, number] });
  }
  return undefined;
}

function regionBetween(text: string, { range: [start, end] }: { readonly range: readonly [number, number, number] }): TextRegion {
  const lines = new LineCounter();
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  if (text.length > 0) lines.lineStarts.unshift(0);
  // What ends with its line break ends on the line before.
  const last = text.slice(0, end).trimEnd().length;
  const [from, to] = [lines.linePos(start), lines.linePos(Math.max(start, Math.min(end, last)))];
  return { startLine: from.line, startColumn: from.col, endLine: to.line, endColumn: to.col };
}
