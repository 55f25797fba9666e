/** What a million tokens cost, in US dollars. */
export interface ModelPrice {
  /** Start of the model id; the longest that fits decides. */
  readonly model: string;
  readonly input: number;
  /** Input read from a cache. Absent: as input. */
  readonly cached?: number | undefined;
  /** Input written to a cache. Absent: as input. */
  readonly cacheWrite?: number | undefined;
  readonly output: number;
}

/** Prices as they were on one day, by one source. */
export interface PriceTable {
  /** Day the prices were read. ISO 8601 date. */
  readonly asOf: string;
  readonly prices: readonly ModelPrice[];
}

/**
 * A price list of one's own starts from this one: it is empty on purpose. Prices change without notice and differ by contract; a wrong
 * price is worse than none, and an unknown model is unpriced, never free.
 */
export const NO_PRICES: PriceTable = { asOf: '1970-01-01', prices: [] };
