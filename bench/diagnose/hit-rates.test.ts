import { expect, test } from 'vitest';
import { binOf, hitRates, type Named } from './hit-rates.ts';

const named = (recording: string, maker: string, isTrue: boolean): Named => ({
  recording,
  maker,
  code: 'T0-POD-001',
  proof: 'stated',
  stated: 0.8,
  isTrue,
});

test('what a recording or its maker would be expected to give leaves out its own', () => {
  const all = [named('a', 'one', true), named('b', 'one', true), named('c', 'two', false)];
  const [rate] = hitRates(all, ({ code }) => code);
  expect(rate).toMatchObject({ name: 'T0-POD-001', n: 3, right: 2 });
  // a and b see one right of two others, c sees two right of two: (2/4 + 2/4 + 3/4) / 3.
  expect(rate?.leaveOneOut).toBeCloseTo(7 / 12);
  // a and b see none right of one, c sees two of two: (1/3 + 1/3 + 3/4) / 3.
  expect(rate?.leaveMakerOut).toBeCloseTo(17 / 36);
  expect(rate?.low).toBeCloseTo(0.21, 2);
  expect(rate?.high).toBeCloseTo(0.94, 2);
});

test('a confidence falls into its tenth', () => {
  expect([0.7, 0.79, 0.8, 0.95, 1].map((stated) => binOf({ ...named('a', 'b', true), stated }))).toEqual([
    '.7-.8',
    '.7-.8',
    '.8-.9',
    '.9-1',
    '.9-1',
  ]);
});
