import { expect, test } from 'vitest';
import { codeEntry } from '../kubernetes/matters.ts';
import { CONDITION_ROWS } from './condition.ts';
import { CONDITIONS } from './conditions.ts';

test.each(Object.entries(CONDITION_ROWS))('every entry of list %s is answered', (source, rows) => {
  const answered = new Set(CONDITIONS.filter((entry) => entry.source === source).map((entry) => entry.row));
  const gaps = Array.from({ length: rows }, (_, index) => index + 1).filter((row) => !answered.has(row));
  expect(gaps).toEqual([]);
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
