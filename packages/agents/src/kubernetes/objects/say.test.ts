import { expect, test } from 'vitest';
import { inBrackets, pathBelow, sayDuration } from './say.ts';

test('of many names three are told', () => {
  expect(inBrackets([])).toBe('');
  expect(inBrackets(['a', 'b'])).toBe(' (a, b)');
  expect(inBrackets(['a', 'b', 'c', 'd', 'e'])).toBe(' (a, b, c and 2 more)');
});

test('a path is told below its first part, entries by their names', () => {
  expect(pathBelow(['ports', { key: 'name', value: 'http' }, 'containerPort'])).toBe('http.containerPort');
  expect(pathBelow(['spec'])).toBe('');
});

test('seconds up to two minutes, then minutes', () => {
  expect([-5, 48_000, 119_400, 130_000].map(sayDuration)).toEqual(['0 s', '48 s', '119 s', '2 minutes']);
});
