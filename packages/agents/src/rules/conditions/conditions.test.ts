import { expect, test } from 'vitest';
import { codeEntry } from '../codes.ts';
import { CONDITION_ROWS, type ConditionSource } from './condition.ts';
import { CONDITIONS } from './conditions.ts';

/** Entries about pods and their workloads that are not written down yet: to be emptied, never to be filled. */
const NOT_YET: Readonly<Record<ConditionSource, readonly number[]>> = {
  '1.1': [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 16, 17, 18],
  '1.2': [4],
  '2': [5, 6, 7, 8, 9, 10, 11, 12, 13, 24, 27, 29, 31],
};

test.each(Object.entries(CONDITION_ROWS))('every entry of list %s is answered', (source, rows) => {
  const answered = new Set(CONDITIONS.filter((entry) => entry.source === source).map((entry) => entry.row));
  const gaps = Array.from({ length: rows }, (_, index) => index + 1).filter((row) => !answered.has(row));
  expect(gaps).toEqual(NOT_YET[source as ConditionSource]);
  expect([...answered].filter((row) => row < 1 || row > rows)).toEqual([]);
});

test('every condition names codes that exist, or a reason', () => {
  for (const entry of CONDITIONS) {
    if ('codes' in entry) for (const code of entry.codes) expect(codeEntry(code), code).toBeDefined();
    else expect(entry.leftOut.length).toBeGreaterThan(20);
  }
});

test('no condition stands twice', () => {
  const keys = CONDITIONS.map((entry) => [entry.source, entry.row, entry.kind, entry.condition].join('|'));
  expect(new Set(keys).size).toBe(keys.length);
});
