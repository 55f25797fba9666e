import type { Inventory } from '@tier0/core';

/** When each item of a slice was last repeated. Not durable: after a start every item counts as seen, so that nothing expires too early. */
export class Repetitions {
  readonly #seenMs = new Map<string, Map<string, number>>();

  /**
   * Notes what an inventory repeats and gives the held items that were not repeated for too long. Time passes with the source's own
   * readings only: while it cannot be read, nothing expires.
   */
  expired(slice: string, inventory: Inventory, held: Iterable<string>): readonly string[] {
    const seen = this.#seenMs.get(slice) ?? new Map<string, number>();
    this.#seenMs.set(slice, seen);
    const nowMs = Date.parse(inventory.observedAt);
    for (const { id } of inventory.items) seen.set(id, nowMs);
    const gone: string[] = [];
    for (const id of held) {
      const last = seen.get(id);
      if (last === undefined) seen.set(id, nowMs);
      else if (inventory.expiresAfterMs !== undefined && nowMs - last > inventory.expiresAfterMs) gone.push(id);
    }
    for (const id of gone) seen.delete(id);
    return gone;
  }
}
