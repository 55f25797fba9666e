import { expect, test } from 'vitest';
import { costOf } from './cost-of.ts';
import { NO_PRICES, type PriceTable } from './price-table.ts';

const table: PriceTable = {
  asOf: '2026-11-01',
  prices: [
    { model: 'big', input: 3, cached: 0.3, cacheWrite: 3.75, output: 15 },
    { model: 'big-mini', input: 1, output: 2 },
  ],
};

test('cached and written tokens are counted once, each at its own price', () => {
  const usage = {
    inputTokens: 1_000_000,
    cachedTokens: 600_000,
    cacheWriteTokens: 100_000,
    outputTokens: 100_000,
    reasoningTokens: 90_000,
  };
  const cost = costOf('big-2026', usage, table);
  expect(cost).toMatchObject({ state: 'priced', asOf: '2026-11-01' });
  expect(cost.state === 'priced' && cost.usd).toBeCloseTo(0.3 * 3 + 0.6 * 0.3 + 0.1 * 3.75 + 0.1 * 15, 10);
});

test('the longest name decides, and a cache without a price costs as much as input', () => {
  expect(costOf('big-mini-1', { inputTokens: 1_000_000, cachedTokens: 1_000_000, outputTokens: 0 }, table)).toMatchObject({ usd: 1 });
});

test('what has no price, or no usage, is unpriced and not free', () => {
  expect(costOf('other', { inputTokens: 1, outputTokens: 1 }, table)).toEqual({ state: 'unpriced', why: 'unknown-model' });
  expect(costOf('big', { inputTokens: 1, outputTokens: 1 }, NO_PRICES)).toEqual({ state: 'unpriced', why: 'unknown-model' });
  expect(costOf('big', { outputTokens: 1 }, table)).toEqual({ state: 'unpriced', why: 'unknown-usage' });
  expect(costOf('big', undefined, table)).toEqual({ state: 'unpriced', why: 'unknown-usage' });
});
