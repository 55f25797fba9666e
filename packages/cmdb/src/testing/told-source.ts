import { type ConfigurationItem, type Inventory, type InventorySource, sha256, toTimestamp } from '@tier0/core';

/** One item as a made-up source tells it. */
export interface ToldItem {
  readonly id: string;
  readonly kind?: string;
  readonly name?: string;
  readonly columns?: ConfigurationItem['columns'];
  readonly identifiers?: ConfigurationItem['identifiers'];
}

/** A source that says what it is told, for tests; `tell` may change it, fail it, or move its clock. */
export function createToldSource(name: string, first: readonly ToldItem[] = []) {
  let told: { readonly items: readonly ToldItem[]; readonly more: Partial<Inventory> } | Error = { items: first, more: {} };
  const source: InventorySource = {
    name,
    async discover({ now }) {
      if (told instanceof Error) throw told;
      return { ...toldInventory(name, told.items, toTimestamp(now())), ...told.more };
    },
  };
  return {
    source,
    tell(items: readonly ToldItem[], more: Partial<Inventory> = {}) {
      told = { items, more };
    },
    fail(error: Error) {
      told = error;
    },
  };
}

/** A complete snapshot of the items. */
export function toldInventory(name: string, told: readonly ToldItem[], observedAt: string): Inventory {
  const items = told.map(({ id, kind = 'Server', name: called = id, columns = {}, identifiers = [] }): ConfigurationItem => {
    const digest = sha256(JSON.stringify([called, columns, identifiers]));
    return { id, kind, name: called, scope: name, columns, digest, identifiers, sources: [{ name, observedAt }], observedAt };
  });
  const coverage = [{ kind: '*', state: 'complete' as const }];
  return { scope: `${name}:all`, contract: 'snapshot', items, relations: [], objects: new Map(), coverage, changes: [], observedAt };
}
