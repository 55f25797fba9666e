import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FieldPath, JsonValue } from '@tier0/core';

/** One edit to make, and what the result is judged by. */
export interface Site {
  readonly id: string;
  readonly source: string;
  /** Position of the document in the file, from 0. */
  readonly document: number;
  readonly path: FieldPath;
  /** Value before; undefined where there is none. */
  readonly old: JsonValue | undefined;
  /** Value to set; undefined takes the field away. */
  readonly value: JsonValue | undefined;
  readonly op: 'replace' | 'insert' | 'fill' | 'remove';
  /** Bytes [start, end) that may change; for an insert none may, and one piece comes in. */
  readonly span: readonly [number, number];
  /** Line breaks that may come in; undefined where the new value itself has several lines. */
  readonly newLines: number | undefined;
  /** What the file is like: `crlf`, `multi-document`. */
  readonly features: readonly string[];
}

interface RawSite {
  readonly id: string;
  readonly file: string;
  readonly document: number;
  readonly path: readonly (string | number)[];
  readonly exists: boolean;
  readonly old: JsonValue;
  readonly new: JsonValue;
  readonly op: 'replace' | 'insert' | 'fill';
  readonly span?: readonly [number, number];
  readonly newKeys?: number;
  readonly features: readonly string[];
}

/** Reads `sites.jsonl` of a data folder and the files it names. */
export function readSites(folder: string): readonly Site[] {
  const sources = new Map<string, string>();
  const lines = readFileSync(join(folder, 'sites.jsonl'), 'utf8').split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const raw = JSON.parse(line) as RawSite;
      const source = sources.get(raw.file) ?? readFileSync(join(folder, raw.file), 'utf8');
      sources.set(raw.file, source);
      return {
        id: raw.id,
        source,
        document: raw.document,
        path: raw.path,
        old: raw.exists ? raw.old : undefined,
        value: raw.new,
        op: raw.op,
        span: raw.span ?? [0, 0],
        newLines: raw.op === 'replace' ? 0 : (raw.newKeys ?? 0),
        features: raw.features,
      };
    });
}
