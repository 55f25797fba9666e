import { isDeepStrictEqual } from 'node:util';
import { type CallContext, type FieldPath, formatFieldPath, type ItemEdit, type JsonValue, readField, writeField } from '@tier0/core';
import type { ChartRelease, ChartRenderer } from './chart-renderer.ts';
import { splitImage } from './image.ts';
import { isRecord } from './kustomize.ts';
import type { WantedValue } from './values-change.ts';
import { isSame } from './values-conventions.ts';

/** A field of an object that a release makes. */
export interface ChartTrial {
  readonly release: ChartRelease;
  readonly edit: ItemEdit;
  readonly kind: string;
  /** Name of the live object. */
  readonly name: string;
  /** Paths to try besides those whose value is seen in the field. */
  readonly conventional: readonly FieldPath[];
}

export type ChartFinding =
  /** The one value that sets the field and nothing else. `rendered`: what the field is as declared. */
  | { readonly status: 'found'; readonly value: WantedValue; readonly rendered: JsonValue | undefined }
  | { readonly status: 'ambiguous'; readonly paths: readonly FieldPath[]; readonly reason: string }
  | { readonly status: 'none'; readonly reason: string }
  | { readonly status: 'not-rendered'; readonly reason: string };

/** More values than this are not tried: each is one run of the renderer. */
const MAX_TRIALS = 48;

/** Changes one value of the release after the other and renders: the value is the one that gives exactly the wanted field. */
export async function tryValues(trial: ChartTrial, renderer: ChartRenderer, context: CallContext): Promise<ChartFinding> {
  const { release, edit } = trial;
  const before = await renderer.render(release, context);
  if (before.status === 'failed') return { status: 'not-rendered', reason: before.reason };
  const targets = before.objects.filter((object) => isTarget(object, trial));
  if (targets.length !== 1)
    return { status: 'not-rendered', reason: `the chart makes ${targets.length} objects ${trial.kind} ${trial.name}` };
  const rendered = readField(targets[0], edit.fieldPath) as JsonValue | undefined;
  const wanted = before.objects.map((object) => (isTarget(object, trial) ? writeField(object, edit.fieldPath, edit.value) : object));
  const candidates = candidateValues(trial, rendered);
  if (candidates.length > MAX_TRIALS) return { status: 'not-rendered', reason: `more than ${MAX_TRIALS} values may set the field` };
  const [right, reaching]: [WantedValue[], FieldPath[]] = [[], []];
  for (const candidate of candidates) {
    const after = await renderer.render({ ...release, values: changed(release, candidate) }, context);
    if (after.status === 'failed') continue;
    if (isDeepStrictEqual(after.objects, wanted)) right.push(candidate);
    else if (after.objects.some((object) => isTarget(object, trial) && isSame(readField(object, edit.fieldPath) as JsonValue, edit.value)))
      reaching.push(candidate.path);
  }
  return judged(right, reaching, rendered);
}

function judged(right: readonly WantedValue[], reaching: readonly FieldPath[], rendered: JsonValue | undefined): ChartFinding {
  const [only] = right;
  if (only && right.length === 1) return { status: 'found', value: only, rendered };
  const shown = (paths: readonly FieldPath[]) => paths.map((path) => formatFieldPath(path)).join(', ');
  if (only)
    return { status: 'ambiguous', paths: right.map(({ path }) => path), reason: `each of ${shown(right.map(({ path }) => path))} sets it` };
  if (reaching.length > 0) return { status: 'ambiguous', paths: reaching, reason: `${shown(reaching)} sets this field and others with it` };
  return { status: 'none', reason: 'no value of the chart sets it: its templates do' };
}

function changed({ values }: ChartRelease, { path, value }: WantedValue): ChartRelease['values'] {
  const after = writeField(values as JsonValue, path, value);
  return isRecord(after) ? after : values;
}

function isTarget(object: JsonValue, { kind, name }: ChartTrial): boolean {
  return readField(object, ['kind']) === kind && readField(object, ['metadata', 'name']) === name;
}

/** Values that are the field, or a part of it, and those that have its name by convention and say nothing yet. */
function candidateValues({ release, edit, conventional }: ChartTrial, rendered: JsonValue | undefined): readonly WantedValue[] {
  const [old, wanted] = [printed(rendered), printed(edit.value)];
  const seen = leavesOf(release.values, []).flatMap(({ path, value }) => {
    const part = old === undefined || wanted === undefined ? undefined : partFor(String(value), old, wanted);
    return part === undefined ? [] : [{ path, value: ofType(value, part, edit.value) }];
  });
  const silent = conventional.filter((path) => {
    const said = readField(release.values, path);
    return (said === undefined || said === null || said === '') && !seen.some((one) => isDeepStrictEqual(one.path, path));
  });
  return [...seen, ...silent.map((path) => ({ path, value: silentValue(path, edit) }))];
}

/** What a value that says nothing yet would say: of an image its part. */
function silentValue(path: FieldPath, { fieldPath, value }: ItemEdit): JsonValue | undefined {
  if (fieldPath.at(-1) !== 'image' || typeof value !== 'string') return value;
  const { name, tag } = splitImage(value);
  return path.at(-1) === 'tag' ? tag : path.at(-1) === 'repository' ? name : value;
}

function printed(value: JsonValue | undefined): string | undefined {
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}

/** What the value must become so that the whole becomes what is wanted; undefined where it is no part of the whole. */
function partFor(value: string, old: string, wanted: string): string | undefined {
  if (value === old) return wanted;
  for (let at = value === '' ? -1 : old.indexOf(value); at !== -1; at = old.indexOf(value, at + 1)) {
    const [before, after] = [old.slice(0, at), old.slice(at + value.length)];
    const fits = wanted.startsWith(before) && wanted.endsWith(after) && wanted.length > before.length + after.length;
    if (fits) return wanted.slice(before.length, wanted.length - after.length);
  }
  return undefined;
}

/** A value keeps the type it has, where the new one can be said in it. */
function ofType(old: JsonValue, part: string, whole: JsonValue | undefined): JsonValue {
  if (typeof old === 'string') return part;
  if (typeof old === 'boolean') return part === 'true' ? true : part === 'false' ? false : part;
  if (typeof old === 'number' && String(Number(part)) === part) return Number(part);
  return whole !== undefined && String(whole) === part ? whole : part;
}

function leavesOf(value: JsonValue, path: FieldPath): readonly { readonly path: FieldPath; readonly value: JsonValue }[] {
  if (Array.isArray(value)) return value.flatMap((entry, index) => leavesOf(entry, [...path, stepTo(value, index)]));
  if (isRecord(value)) return Object.entries(value).flatMap(([key, entry]) => leavesOf(entry as JsonValue, [...path, key]));
  return value === null ? [] : [{ path, value }];
}

/** Entries of lists are found by their name where each has one of its own. */
function stepTo(list: readonly JsonValue[], index: number): FieldPath[number] {
  const name = readField(list[index], ['name']);
  const isOwn = typeof name === 'string' && list.filter((one) => readField(one, ['name']) === name).length === 1;
  return isOwn ? { key: 'name', value: name } : index;
}
