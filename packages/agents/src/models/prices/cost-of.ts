import type { ModelUsage } from '@tier0/core';
import type { ModelPrice, PriceTable } from './price-table.ts';

/** What a turn cost. `unpriced`: the model has no price, or the provider did not say how much was used. */
export type Cost =
  | { readonly state: 'priced'; readonly usd: number; readonly asOf: string }
  | { readonly state: 'unpriced'; readonly why: 'unknown-model' | 'unknown-usage' };

/** The price of a turn: fresh, cached and written input each at its own rate, and output. */
export function costOf(model: string, usage: ModelUsage | undefined, table: PriceTable): Cost {
  const price = priceOf(model, table);
  if (!price) return { state: 'unpriced', why: 'unknown-model' };
  const { inputTokens, outputTokens, cachedTokens = 0, cacheWriteTokens = 0 } = usage ?? {};
  if (inputTokens === undefined || outputTokens === undefined) return { state: 'unpriced', why: 'unknown-usage' };
  const fresh = Math.max(0, inputTokens - cachedTokens - cacheWriteTokens);
  const { input, cached = input, cacheWrite = input, output } = price;
  const usd = (fresh * input + cachedTokens * cached + cacheWriteTokens * cacheWrite + outputTokens * output) / 1e6;
  return { state: 'priced', usd, asOf: table.asOf };
}

function priceOf(model: string, { prices }: PriceTable): ModelPrice | undefined {
  const fitting = prices.filter((price) => model.startsWith(price.model));
  return fitting.reduce<ModelPrice | undefined>(
    (best, price) => (best && best.model.length >= price.model.length ? best : price),
    undefined,
  );
}
