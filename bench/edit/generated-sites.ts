import { type JsonValue, readField } from '@tier0/core';
import { read } from './check.ts';
import { type GeneratedDocument, generateDocument, type Habits, type Place } from './generate.ts';
import { createRandom, type Random } from './random.ts';
import { newKey, newValue } from './scalars.ts';
import type { Site } from './site.ts';

/**
 * Sites in generated texts, the same for the same seed. A text that does not parse, or a place that does not mean what was meant (a key
 * written twice, a value that came out as part of another), is dropped and counted by `onDropped`.
 */
export function* generateSites(seed: number, count: number, onDropped: () => void): Generator<Site> {
  const random = createRandom(seed);
  for (let made = 0; made < count; ) {
    const site = generateSite(random, made);
    if (site) {
      made++;
      yield site;
    } else onDropped();
  }
}

function generateSite(random: Random, number: number): Site | undefined {
  const habits: Habits = {
    eol: random.chance(0.15) ? '\r\n' : '\n',
    step: random.pick([2, 2, 2, 3, 4, 1]),
    dash: random.pick([0, 0, 2, 1, 4]),
    comments: random.pick([0, 0.1, 0.3]),
  };
  const form = random.pick(['block', 'block', 'block', 'block', 'flow', 'json'] as const);
  const documents = Array.from({ length: form === 'json' || random.chance(0.6) ? 1 : 2 + random.below(3) }, () =>
    generateDocument(random, habits, form),
  );
  const chosen = random.below(documents.length);
  const stream = assemble(random, habits, documents, form === 'json');
  const values = read(stream.text, '1.2');
  if (!values || values.length !== documents.length || isCircular(values)) return undefined;
  const place = random.pick((documents[chosen] as GeneratedDocument).places);
  return siteAt(random, { number, stream, chosen, place, values, habits });
}

/** An alias inside what its own anchor names. */
function isCircular(values: unknown): boolean {
  try {
    JSON.stringify(values);
    return false;
  } catch {
    return true;
  }
}

interface Stream {
  readonly text: string;
  /** Where each document begins. */
  readonly offsets: readonly number[];
}

function assemble(random: Random, { eol }: Habits, documents: readonly GeneratedDocument[], json: boolean): Stream {
  let text = json || random.chance(0.6) ? '' : random.pick(['---', '--- # first', `%YAML 1.2${eol}---`, `# head${eol}${eol}---`]) + eol;
  const offsets: number[] = [];
  for (const [index, document] of documents.entries()) {
    if (index > 0) text += random.pick(['---', '---', '--- # next', `...${eol}---`, `# before${eol}---`, `${eol}---`]) + eol;
    offsets.push(text.length);
    text += document.text;
  }
  if (random.chance(0.2)) text = text.replace(/\r?\n$/, '');
  else if (random.chance(0.1)) text += eol.repeat(2);
  const mark = random.chance(0.03) && !json ? '\uFEFF' : '';
  return { text: mark + text, offsets: offsets.map((offset) => offset + mark.length) };
}

interface At {
  readonly number: number;
  readonly stream: Stream;
  readonly chosen: number;
  readonly place: Place;
  readonly values: readonly JsonValue[];
  readonly habits: Habits;
}

function siteAt(random: Random, at: At): Site | undefined {
  const { stream, chosen, place, values, number, habits } = at;
  const found = readField(values[chosen], place.path) as JsonValue | undefined;
  if (found === undefined || !fits(place, found)) return undefined;
  const edit = editAt(random, place, found);
  if (!edit) return undefined;
  const bytes = (offset: number) => Buffer.byteLength(stream.text.slice(0, Math.max(0, Math.min(offset, stream.text.length))));
  const offset = stream.offsets[chosen] as number;
  const old = readField(values[chosen], edit.path) as JsonValue | undefined;
  const isUnfolded = edit.op === 'fill' || (edit.op === 'replace' && typeof edit.value === 'object' && edit.value !== null);
  const [start, end] = edit.span.map((one) => offset + one) as [number, number];
  const stop = blankEnd(stream.text, start, end);
  const span = isUnfolded ? wholeRest(stream.text, start, stop) : [start, stop];
  if (JSON.stringify(old) === JSON.stringify(edit.value)) return undefined;
  return {
    id: `generated-${number}`,
    source: stream.text,
    document: chosen,
    path: edit.path,
    old,
    value: edit.value,
    op: isUnfolded ? 'fill' : edit.op,
    span: [bytes(span[0] as number), bytes(span[1] as number)],
    newLines: undefined,
    features: [habits.eol === '\n' ? 'lf' : 'crlf', ...(stream.offsets.length > 1 ? ['multi-document'] : [])],
  };
}

/** A value that becomes several lines leaves the key's line: from the blanks before it to the end of its line. */
function wholeRest(text: string, start: number, end: number): readonly [number, number] {
  const from = text.slice(0, start).trimEnd().length;
  const stop = text.indexOf('\n', Math.max(start, end - 1));
  return [from, stop === -1 ? text.length : stop + 1];
}

/** Blank lines after a text written with `|+` belong to it. */
function blankEnd(text: string, start: number, end: number): number {
  return /^[|>]|[|>]\d?\+/.test(text.slice(start, end)) ? end + (/^\s*/.exec(text.slice(end))?.[0].length ?? 0) : end;
}

function fits(place: Place, found: JsonValue): boolean {
  const isMap = typeof found === 'object' && found !== null && !Array.isArray(found);
  if (place.kind === 'map') return isMap && Object.keys(found).length > 0;
  if (place.kind === 'list') return Array.isArray(found);
  if (place.kind === 'scalar') return typeof found !== 'object' || found === null;
  return found === null || (isMap && Object.keys(found).length === 0);
}

type Edit = Pick<Site, 'path' | 'value' | 'op' | 'span'>;

function editAt(random: Random, place: Place, found: JsonValue): Edit | undefined {
  const { path, kind, start, end, removable } = place;
  if (removable && random.chance(0.15)) return { path, value: undefined, op: 'remove', span: removable };
  const value = newValue(random);
  if (kind === 'scalar')
    return path.length === 0
      ? undefined
      : { path, value: random.chance(0.85) ? scalarOf(random) : value, op: 'replace', span: [start, end] };
  const length = Array.isArray(found) ? found.length : 0;
  if (kind === 'list') return { path: [...path, length], value, op: length === 0 ? 'fill' : 'insert', span: [start, end] };
  const keys = Array.from({ length: 1 + random.below(3) }, (_, index) =>
    index === 0 ? newKey(random) : random.pick(['limits', 'memory', 'x']),
  );
  return { path: [...path, ...keys], value, op: kind === 'map' ? 'insert' : 'fill', span: [start, end] };
}

function scalarOf(random: Random): JsonValue {
  const value = newValue(random);
  return typeof value === 'object' && value !== null ? 'plain' : value;
}
