import { isDeepStrictEqual } from 'node:util';
import { type FieldPath, type JsonValue, readField, writeField } from '@tier0/core';
import { parseAllDocuments } from 'yaml';
import type { SecondReader } from './second-reader.ts';
import type { Site } from './site.ts';

/**
 * What became of a site. `clean`: only permitted bytes changed, and the stream means the original with just that value set; `dirty`: the
 * meaning is right but other bytes changed; `wrong`: it does not parse, or means something else; `refused`: the writer declined.
 */
export type Verdict = 'clean' | 'dirty' | 'wrong' | 'refused';

export interface Judgement {
  readonly verdict: Verdict;
  /** Lines of the source that the result has lost, beyond the one that was edited. */
  readonly collateralLines: number;
  /** What the second parser says; `skipped` where it cannot read the source itself. */
  readonly second: 'agrees' | 'disagrees' | 'skipped';
}

/** Judges what a writer made of a site; undefined: it refused. */
export function judge(site: Site, result: string | undefined, reader: SecondReader): Judgement {
  if (result === undefined) return { verdict: 'refused', collateralLines: 0, second: 'skipped' };
  const second = reader.judge(site, result);
  const collateralLines = collateral(site.source, result);
  if (!meansIt(site, result) || second === 'disagrees') return { verdict: 'wrong', collateralLines, second };
  return { verdict: onlyPermittedBytes(site, result) ? 'clean' : 'dirty', collateralLines, second };
}

function meansIt(site: Site, result: string): boolean {
  const before = read(site.source, '1.2');
  const after = read(result, '1.2');
  if (!before || !after) return false;
  const documents = before.length === 0 ? [null] : before;
  const wanted = documents.map((value, index) => (index === site.document ? writeField(value, site.path, site.value) : value));
  if (!isDeepStrictEqual(after, wanted)) return false;
  return typeof site.value !== 'string' || isStringForOldReaders(site, result);
}

/** A string must be that string for YAML 1.1 readers too, where the source is YAML 1.1 at all. */
function isStringForOldReaders(site: Site, result: string): boolean {
  const old = read(site.source, '1.1');
  const now = read(site.source, '1.2');
  if (!old || !now || !isSameRoad(old[site.document], now[site.document], site.path)) return true;
  return readField(read(result, '1.1')?.[site.document], site.path) === site.value;
}

/** Whether both readings have the same steps towards a field: to a YAML 1.1 reader the key `y` is no text. */
export function isSameRoad(old: unknown, now: unknown, path: FieldPath): boolean {
  return path.every((_, index) => {
    const steps = path.slice(0, index + 1);
    return (readField(old, steps) === undefined) === (readField(now, steps) === undefined);
  });
}

/** What each document means; undefined where the text does not parse. */
export function read(text: string, version: '1.1' | '1.2'): readonly JsonValue[] | undefined {
  try {
    const documents = parseAllDocuments(text.replace(/^\uFEFF/, ''), { version, merge: true, uniqueKeys: false, logLevel: 'silent' });
    if (!Array.isArray(documents)) return [];
    if (documents.some((document) => document.errors.length > 0)) return undefined;
    return documents.map((document) => document.toJS({ maxAliasCount: 1_000_000 }) as JsonValue);
  } catch {
    return undefined;
  }
}

function onlyPermittedBytes(site: Site, result: string): boolean {
  const before = Buffer.from(site.source);
  const after = Buffer.from(result);
  if (site.op === 'insert') return isOneNewPiece(before, after, site);
  const [start, end] = site.span;
  const tail = before.length - end;
  if (after.length < start + tail) return false;
  if (!before.subarray(0, start).equals(after.subarray(0, start))) return false;
  if (!before.subarray(end).equals(after.subarray(after.length - tail))) return false;
  const middle = after.subarray(start, after.length - tail).toString();
  if (site.op !== 'fill') return site.newLines === undefined || linesFit(site, middle);
  const comment = /\s(#.*)$/.exec(before.subarray(start, end).toString())?.[1];
  return (comment === undefined || middle.includes(comment.trimEnd())) && linesFit(site, middle);
}

function isOneNewPiece(before: Buffer, after: Buffer, site: Site): boolean {
  if (after.length <= before.length) return false;
  let head = 0;
  while (head < before.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < before.length - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  return head + tail >= before.length && linesFit(site, after.subarray(head, head + after.length - before.length).toString());
}

/** Line breaks that come in are few, and of the kind the file uses. */
function linesFit(site: Site, added: string): boolean {
  const breaks = count(added, '\n');
  if (site.newLines !== undefined && breaks > site.newLines) return false;
  const windows = count(site.source, '\r\n');
  if (windows === 0) return !added.includes('\r\n');
  return windows !== count(site.source, '\n') || count(added, '\r\n') === breaks;
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

function collateral(before: string, after: string): number {
  const left = new Map<string, number>();
  for (const line of after.split('\n')) left.set(line, (left.get(line) ?? 0) + 1);
  let lost = 0;
  for (const line of before.split('\n')) {
    const rest = left.get(line) ?? 0;
    if (rest > 0) left.set(line, rest - 1);
    else lost++;
  }
  return Math.max(0, lost - 1);
}
