import {
  type CallContext,
  type Cmdb,
  type CmdbStore,
  type Inventory,
  type InventorySource,
  type ObjectStore,
  Tier0Error,
  toTier0Error,
  toTimestamp,
} from '@tier0/core';
import { createHistory } from './history.ts';
import { createReader } from './reader.ts';

/** What a CMDB reads, and where it keeps what it read. */
export interface CmdbOptions {
  /** In order of trust: where two know the same item, the first is believed. */
  readonly sources: readonly InventorySource[];
  /** Remembers inventories beyond this process. Default: none. */
  readonly store?: CmdbStore | undefined;
  /** Given the current raw objects as well. Default: none. */
  readonly objects?: ObjectStore | undefined;
  /** Moments of each scope kept for `asOf`. Default 100. */
  readonly historyLimit?: number | undefined;
}

/** What one source answered in one refresh. */
type Answer = { readonly inventory: Inventory } | { readonly failure: string };

/** The CMDB: reads its sources into one graph and hands out readers of it. */
export function createCmdb(options: CmdbOptions): Cmdb {
  const history = createHistory(options.historyLimit ?? 100);
  const scopeOfSource = new Map<InventorySource, string>();
  let restored: Promise<void> | undefined;

  const restore = async (context: CallContext) => {
    if (!options.store) return;
    for await (const record of options.store.load(context)) history.accept(record.inventory, record.recordedAt);
  };
  const accept = async (inventory: Inventory, context: CallContext) => {
    const recorded = options.store && history.isNews(inventory) ? await options.store.append(inventory, context) : undefined;
    await options.objects?.put(inventory.objects, context);
    history.accept(inventory, recorded?.recordedAt ?? toTimestamp(context.now()));
  };

  return {
    async refresh(context) {
      restored ??= restore(context);
      await restored;
      const answers = await Promise.all(options.sources.map((source) => ask(source, context)));
      const failures: string[] = [];
      for (const [index, answer] of answers.entries()) {
        const source = options.sources[index] as InventorySource;
        if ('failure' in answer) {
          failures.push(answer.failure);
          history.markFailed(scopeOfSource.get(source) ?? '', answer.failure);
        } else {
          scopeOfSource.set(source, answer.inventory.scope);
          failures.push(...incompleteness(source, answer.inventory));
          await accept(answer.inventory, context);
        }
      }
      const snapshot = history.current();
      return { items: snapshot.items.size, relations: snapshot.relations.length, failures };
    },
    reader() {
      if (history.isEmpty) {
        throw new Tier0Error({
          code: 'CONFLICT',
          message: 'The CMDB has not read any source yet.',
          hint: 'Call refresh() and check its failures before asking for a reader.',
        });
      }
      return createReader(history.current(), history);
    },
  };
}

async function ask(source: InventorySource, context: CallContext): Promise<Answer> {
  try {
    return { inventory: await source.discover(context) };
  } catch (error) {
    const { message, hint } = toTier0Error(error);
    return { failure: `${source.name} failed: ${message} ${hint}` };
  }
}

/** A kind that is not installed is a fact about the cluster, not a failure to read it. */
function incompleteness(source: InventorySource, inventory: Inventory): readonly string[] {
  return inventory.coverage
    .filter((row) => row.state === 'forbidden' || row.state === 'failed')
    .map((row) => `${source.name} could not read ${row.kind}: ${row.reason ?? row.state}`);
}
