import { expect, test } from 'vitest';
import { percentile, sizeContainer, toQuantities } from './size-container.ts';
import { makeUsages, worthOf } from './testing/made-usage.ts';

test('of 165 workloads of eleven shapes nearly none is killed in the week after, and no more is reserved than the 95th percentile would by much', () => {
  const usages = makeUsages(165, 13);
  const judged = usages.map((usage) => {
    const verdict = sizeContainer({ memory: usage.seen, cpu: [], memoryLimit: usage.memoryLimit });
    if (verdict.state !== 'sized') throw new Error(verdict.reason);
    const p95 = percentile(
      usage.seen.map(([, value]) => value),
      0.95,
    );
    return { ours: worthOf(usage, verdict.size), plain: worthOf(usage, { memoryRequest: p95, memoryLimit: p95 }) };
  });
  const killed = (who: 'ours' | 'plain') => judged.filter((one) => one[who].killed).length / judged.length;
  const waste = (who: 'ours' | 'plain') => judged.reduce((sum, one) => sum + one[who].waste, 0) / judged.length;
  expect(killed('ours')).toBeLessThanOrEqual(0.02);
  expect(killed('plain')).toBeGreaterThan(0.9);
  expect(waste('ours')).toBeLessThanOrEqual(waste('plain') + 0.05);
});

const hours = (days: number, value: (hour: number) => number) =>
  Array.from({ length: days * 24 }, (_, hour) => [hour * 3_600_000, value(hour)] as const);

test('too little is no reason to guess', () => {
  expect(sizeContainer({ memory: [], cpu: [] })).toMatchObject({ state: 'unknown' });
  expect(sizeContainer({ memory: hours(2, () => 1e8), cpu: [] })).toMatchObject({
    state: 'unknown',
    reason: expect.stringContaining('2 days'),
  });
});

test('what grows is carried on, and said to grow; what came up to its limit is not believed', () => {
  const growing = sizeContainer({ memory: hours(14, (hour) => 1e8 + hour * 1e6), cpu: [] });
  expect(growing).toMatchObject({ state: 'sized', size: { notes: [expect.stringContaining('grows'), expect.anything()] } });
  if (growing.state === 'sized') expect(growing.size.memoryLimit).toBeGreaterThan(1e8 + 21 * 24 * 1e6);
  const cut = sizeContainer({ memory: hours(14, () => 2e8), cpu: [], memoryLimit: 2e8 });
  if (cut.state !== 'sized') throw new Error(cut.reason);
  expect(cut.size.memoryLimit).toBeGreaterThanOrEqual(3e8);
});

test('a request never stands above its limit, and quantities are rounded up', () => {
  const size = { memoryRequest: 100.2 * 2 ** 20, memoryLimit: 2 ** 27 + 1, cpuRequest: 0.0121, days: 14, notes: [] };
  expect(toQuantities(size)).toEqual({ memoryRequest: '101Mi', memoryLimit: '129Mi', cpuRequest: '13m' });
  for (const usage of makeUsages(33, 7)) {
    const verdict = sizeContainer({ memory: usage.seen, cpu: [], memoryLimit: usage.memoryLimit });
    if (verdict.state === 'sized') expect(verdict.size.memoryRequest).toBeLessThanOrEqual(verdict.size.memoryLimit);
  }
});
