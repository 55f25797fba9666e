import { expect, test } from 'vitest';
import type { CodeEntry } from '../findings/code-entry.ts';
import { CODES, MATTERS } from './matters.ts';

/** Codes of each matter whose sentence a rule still writes itself. A number may only fall: a new code brings its facts. */
const WRITTEN_BY_RULES: Readonly<Record<string, number>> = {
  image: 9,
  configuration: 13,
  start: 39,
  scheduling: 17,
  nodes: 7,
  rollout: 15,
  admission: 16,
  scaling: 10,
  batch: 12,
  network: 9,
  routing: 8,
  storage: 14,
  identity: 3,
  certificates: 4,
  'control-plane': 7,
  delivery: 14,
  'custom-resources': 0,
  change: 1,
  logs: 70,
};

test('a sentence is made of facts; those that rules write themselves only become fewer', () => {
  const now = MATTERS.map(({ name, codes }) => ({
    name,
    count: Object.values(codes).filter(({ telling }) => telling === undefined).length,
  }));
  expect(now.filter(({ name, count }) => count > (WRITTEN_BY_RULES[name] ?? 0))).toEqual([]);
});

test('facts of another shape are told from those of a code', () => {
  const table: readonly (readonly [string, CodeEntry])[] = Object.entries(CODES);
  for (const [code, { telling }] of table) expect(telling?.schema.safeParse({ unheardOf: true }).success ?? false, code).toBe(false);
});
