import type { IncidentShape, Pattern } from '@tier0/core';
import type { IncidentSignature } from './incident-shape.ts';

/** A pattern that an incident was recognised as. */
export interface Recognition {
  readonly pattern: Pattern;
  /** 0 to 1. */
  readonly similarity: number;
  /** What the similarity rests on, one line a part. */
  readonly reasons: readonly string[];
}

/** What each part counts, where both sides have it. A judgement: the rules that fired say more than the words they used. */
const WEIGHTS = { codes: 0.4, path: 0.2, templates: 0.35, metric: 0.05 } as const;
/** From here on it is the same incident again. Measured by `pnpm bench recognition`, which reports both kinds of error. */
export const RECOGNISED_FROM = 0.6;

/** The pattern that an incident is another occurrence of; undefined when it is like none of them. Pure. */
export function recognise(incident: IncidentSignature, patterns: Iterable<Pattern>): Recognition | undefined {
  let best: Recognition | undefined;
  for (const pattern of patterns) {
    const { cause, shape } = pattern.signature;
    if (!shape) continue;
    const { similarity, reasons } = compareSignatures(incident, { cause, shape });
    if (similarity >= RECOGNISED_FROM && similarity > (best?.similarity ?? 0)) best = { pattern, similarity, reasons };
  }
  return best;
}

/** How far two incidents are the same, whatever they happened to. A different cause is a different incident, however alike its words are. */
export function compareSignatures(
  a: IncidentSignature,
  b: IncidentSignature,
): { readonly similarity: number; readonly reasons: readonly string[] } {
  if (a.cause !== undefined && b.cause !== undefined && a.cause !== b.cause)
    return { similarity: 0, reasons: [`cause ${a.cause} is not ${b.cause}`] };
  const parts = partsOf(a.shape, b.shape);
  const weight = parts.reduce((sum, part) => sum + WEIGHTS[part.name], 0);
  if (weight === 0) return { similarity: 0, reasons: ['nothing to compare'] };
  const similarity = parts.reduce((sum, part) => sum + WEIGHTS[part.name] * part.likeness, 0) / weight;
  return { similarity, reasons: parts.map(({ name, likeness }) => `${name} ${(100 * likeness).toFixed(0)} % alike`) };
}

interface Part {
  readonly name: keyof typeof WEIGHTS;
  readonly likeness: number;
}

function partsOf(a: IncidentShape, b: IncidentShape): readonly Part[] {
  const parts: Part[] = [];
  if (a.codes.length + b.codes.length > 0) parts.push({ name: 'codes', likeness: overlap(a.codes, b.codes) });
  if (a.path.length > 0 && b.path.length > 0) parts.push({ name: 'path', likeness: overlap(stepsOf(a.path), stepsOf(b.path)) });
  if (a.templates.length > 0 && b.templates.length > 0)
    parts.push({ name: 'templates', likeness: templateLikeness(a.templates, b.templates) });
  if (a.metric !== undefined && b.metric !== undefined) parts.push({ name: 'metric', likeness: a.metric === b.metric ? 1 : 0 });
  return parts;
}

/** Kinds and the steps between them: a way of the same kinds in another order is another shape. */
function stepsOf(path: readonly string[]): readonly string[] {
  return [...path, ...path.slice(1).map((kind, index) => `${path[index]} > ${kind}`)];
}

/** Shared of all (Jaccard). */
function overlap(a: readonly string[], b: readonly string[]): number {
  const [left, right] = [new Set(a), new Set(b)];
  const shared = [...left].filter((one) => right.has(one)).length;
  return shared / (left.size + right.size - shared || 1);
}

/** Each template with the most similar one of the other side, both ways. */
function templateLikeness(a: readonly string[], b: readonly string[]): number {
  const [left, right] = [a.map(wordsOf), b.map(wordsOf)];
  const toward = (from: readonly (readonly string[])[], to: readonly (readonly string[])[]) =>
    from.reduce((sum, one) => sum + Math.max(...to.map((other) => overlap(one, other))), 0) / from.length;
  return (toward(left, right) + toward(right, left)) / 2;
}

function wordsOf(template: string): readonly string[] {
  return template.toLowerCase().match(/[a-z][a-z0-9_]+/g) ?? [];
}
