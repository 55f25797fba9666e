import { expect, test } from 'vitest';
import { OBJECT_LIMITS, whyTooLarge } from './json-limits.ts';

test('an ordinary value is not too large, at each limit it still is not, and one further it is', () => {
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  const map = (size: number) => Object.fromEntries(Array.from({ length: size }, (_, i) => [`k${i}`, i]));
  expect(whyTooLarge({ a: [1, 'x', null, { b: true }] })).toBeUndefined();
  expect(whyTooLarge(nested(200))).toBeUndefined();
  expect(whyTooLarge(nested(201))).toContain('deeper');
  expect(whyTooLarge(map(10_000))).toBeUndefined();
  expect(whyTooLarge(map(10_001))).toContain('keys');
  expect(whyTooLarge(new Array(20_000).fill(0))).toBeUndefined();
  expect(whyTooLarge(new Array(20_001).fill(0))).toContain('entries');
  expect(whyTooLarge(['x'.repeat(9_000_000)], OBJECT_LIMITS)).toContain('texts');
});

test('a value that holds itself, or that is shared until it is endless, ends', () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  expect(whyTooLarge(cyclic)).toContain('deeper');
  let shared: unknown = 'x';
  for (let level = 0; level < 60; level++) shared = [shared, shared];
  expect(whyTooLarge(shared)).toContain('values');
  let deep: unknown = 1;
  for (let level = 0; level < 200_000; level++) deep = [deep];
  expect(whyTooLarge(deep)).toContain('deeper');
});
