import { formatDuration, type Inventory } from '@tier0/core';

/** Differences below this are ordinary between machines. */
const TOLERANCE_MS = 60_000;

/** What is known about time when an inventory arrives. Milliseconds since the epoch. */
export interface ClockFacts {
  readonly nowMs: number;
  /** When the slice was read before; undefined for the first time. */
  readonly lastMs: number | undefined;
}

/**
 * Puts an inventory on our clock. One from the future would carry everybody's "now" with it and overrule what is said later; one from
 * before the slice's last reading would take its place in the past and never be seen. Nothing of it is lost, and the skew is said.
 */
export function settleClock(
  inventory: Inventory,
  { nowMs, lastMs }: ClockFacts,
): { readonly inventory: Inventory; readonly note?: string } {
  const observedMs = Date.parse(inventory.observedAt);
  const settledMs = Math.max(Math.min(observedMs, nowMs), lastMs ?? Number.NEGATIVE_INFINITY);
  if (settledMs === observedMs) return { inventory };
  const settled = shifted(inventory, new Date(settledMs).toISOString());
  const skewMs = Math.abs(settledMs - observedMs);
  if (skewMs < TOLERANCE_MS) return { inventory: settled };
  const how = observedMs > settledMs ? 'is ahead of ours by' : 'went back, or it answers from a copy that is behind its last answer, by';
  const note = `${inventory.scope}: the clock of the source ${how} ${formatDuration(skewMs)}; what it says counts from ${settled.observedAt}. Correct its clock (NTP).`;
  return { inventory: settled, note };
}

function shifted(inventory: Inventory, observedAt: string): Inventory {
  const { items, changes } = inventory;
  return {
    ...inventory,
    observedAt,
    items: items.map((item) => ({
      ...item,
      observedAt: item.observedAt === inventory.observedAt ? observedAt : item.observedAt,
      sources: item.sources.map((source) => (source.observedAt === inventory.observedAt ? { ...source, observedAt } : source)),
    })),
    changes: changes.map((change) =>
      change.at > observedAt && inventory.observedAt > observedAt ? { ...change, at: observedAt } : change,
    ),
  };
}
