import {
  type CallContext,
  type Cmdb,
  type CmdbFact,
  type CmdbStore,
  type CommitReceipt,
  type Gap,
  type Inventory,
  type InventorySource,
  type ObjectStore,
  type RefreshReport,
  Tier0Error,
  toTier0Error,
} from '@tier0/core';
import { IDENTITY_SOURCE, identifyItems, identityInventory } from '../identity/identity-inventory.ts';
import type { IdentityRule } from '../identity/identity-rule.ts';
import type { DeletionGuard } from '../sync/deletion-guard.ts';
import { Repetitions } from '../sync/expiry.ts';
import { syncFacts } from '../sync/sync-facts.ts';
import { catalogInventory } from './catalog-inventory.ts';
import { keepObjects } from './keep-objects.ts';
import { createLedger } from './ledger.ts';
import { createReader } from './reader.ts';
import { newestMoment } from './world.ts';

/** What a CMDB reads, and where it keeps what it read. */
export interface CmdbOptions {
  /** In order of trust: where two know the same item, the first is believed. */
  readonly sources: readonly InventorySource[];
  /** Remembers facts beyond this process. Default: none. */
  readonly store?: CmdbStore | undefined;
  /** Given the current raw objects as well. Default: none. */
  readonly objects?: ObjectStore | undefined;
  /** Raw objects of overruled versions kept for `asOf` and rehearsals. Default 10,000. The history of facts itself is not bounded by it. */
  readonly historyLimit?: number | undefined;
  /**
   * Milliseconds after which what was overruled is given up, here and in the store: times before cannot be asked about any more.
   * Default: history is kept for ever.
   */
  readonly historyMs?: number | undefined;
  /** Rules by which items of several sources are recognised as one thing and joined by `sameAs`. Default: none are joined. */
  readonly identity?: readonly IdentityRule[] | undefined;
  /** When a source that suddenly misses much is not believed. Default: above 10 % or 50 items of a scope; false: always believed. */
  readonly deletionGuard?: DeletionGuard | false | undefined;
}

/** What one source answered in one refresh. */
type Answer = { readonly inventory: Inventory } | { readonly failure: string; readonly error: Tier0Error };

/** The CMDB: reads its sources into one graph and hands out readers of it. */
export function createCmdb(options: CmdbOptions): Cmdb {
  const ledger = createLedger(options);
  const scopeOfSource = new Map<InventorySource, string>();
  const repetitions = new Repetitions();

  const accept = async (answer: Inventory, source: string, context: CallContext): Promise<readonly string[]> => {
    const slice = { scope: answer.scope, source };
    const { world } = ledger;
    const { deletionGuard: guard = {} } = options;
    const last = ledger.coverageOf(slice);
    const { inventory, facts, notes } = syncFacts({ world, inventory: answer, source, last, nowMs: context.now(), repetitions, guard });
    if (!inventory) return notes;
    await ledger.write(facts, context);
    await keepObjects({ world: ledger.world, slice, inventory, facts, objects: options.objects }, context);
    ledger.world.graph.confirm(slice, Date.parse(inventory.observedAt));
    return notes;
  };
  const fail = async (source: InventorySource, reason: string, context: CallContext) => {
    const scope = scopeOfSource.get(source) ?? ledger.scopeOf(source.name);
    const facts = scope === undefined ? [] : failureFacts(ledger.coverageOf({ scope, source: source.name }), reason);
    await ledger.write(facts, context);
  };
  const refreshOnce = async (context: CallContext, only?: readonly string[]): Promise<RefreshReport> => {
    const failures: Gap[] = (await ledger.open(context)).map((message) => ofStore(message));
    const errors: Tier0Error[] = [];
    const sources = options.sources.filter(({ name }) => only?.includes(name) ?? true);
    const answers = await Promise.all(sources.map((source) => ask(source, context)));
    for (const [index, answer] of answers.entries()) {
      const source = sources[index] as InventorySource;
      if ('failure' in answer) {
        failures.push(lost(source, answer));
        errors.push(answer.error);
        await fail(source, answer.failure, context);
      } else {
        scopeOfSource.set(source, answer.inventory.scope);
        failures.push(...incompleteness(source, answer.inventory));
        const notes = await accept(answer.inventory, source.name, context);
        failures.push(...notes.map((message): Gap => ({ source: source.name, code: 'held-back', message })));
      }
    }
    const catalog = catalogInventory(ledger.world);
    if (catalog) await accept(catalog, 'catalog', context);
    if (options.identity && ledger.world.graph.newestMs !== Number.NEGATIVE_INFINITY) {
      const reader = createReader(ledger.world, newestMoment(ledger.world));
      const { joins } = identifyItems(reader, options.identity);
      await accept(identityInventory(joins, reader.at), IDENTITY_SOURCE, context);
    }
    failures.push(...(await ledger.settle(context)).map((message) => ofStore(message)));
    return { ...ledger.size(), failures, errors };
  };
  let last: Promise<unknown> = Promise.resolve();

  return {
    refresh(context, only) {
      // Two refreshes at once would compare with the same past and write everything twice.
      const next = last.catch(() => undefined).then(() => refreshOnce(context, only));
      last = next;
      return next;
    },
    async record(facts, context, append): Promise<CommitReceipt> {
      await ledger.open(context);
      return ledger.record(facts, context, append);
    },
    async catchUp(context) {
      await ledger.open(context);
      return ledger.catchUp(context);
    },
    reader() {
      const { world } = ledger;
      if (world.graph.newestMs === Number.NEGATIVE_INFINITY) {
        throw new Tier0Error({
          code: 'CONFLICT',
          message: 'The CMDB has not read any source yet.',
          hint: 'Call refresh() and check its failures before asking for a reader.',
        });
      }
      // Who only writes does not wait for walks to become fast; the reader at hand uses the overlay meanwhile.
      if (world.graph.needsMerge) void world.graph.merge();
      return createReader(world, newestMoment(world));
    },
  };
}

async function ask(source: InventorySource, context: CallContext): Promise<Answer> {
  try {
    return { inventory: await source.discover(context) };
  } catch (error) {
    const known = toTier0Error(error);
    return { failure: `${source.name} failed: ${known.message} ${known.hint}`, error: known };
  }
}

/** A source that gave nothing at all. */
function lost(source: InventorySource, { failure, error }: Extract<Answer, { failure: string }>): Gap {
  return { source: source.name, code: error.code === 'PERMISSION_DENIED' ? 'forbidden' : 'failed', message: failure };
}

function ofStore(message: string): Gap {
  return { source: 'store', code: 'failed', message };
}

/** A kind that is not installed is a fact about the cluster, not a failure to read it. */
function incompleteness({ name }: InventorySource, inventory: Inventory): readonly Gap[] {
  return inventory.coverage.flatMap(({ kind, namespace, state, reason = state }): readonly Gap[] => {
    if (state !== 'forbidden' && state !== 'failed') return [];
    return [{ source: name, kind, namespace, code: state, message: `${name} could not read ${kind}: ${reason}` }];
  });
}

/** Since its last reading nothing is known about the scope: what is known stays, what is not known is unknown. */
function failureFacts(last: Extract<CmdbFact, { type: 'scope-covered' }> | undefined, reason: string): readonly CmdbFact[] {
  if (!last || last.coverage.every((row) => row.state === 'failed' && row.reason === reason)) return [];
  return [{ ...last, coverage: last.coverage.map((row) => ({ ...row, state: 'failed', reason })) }];
}
