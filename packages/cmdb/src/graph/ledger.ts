import {
  type AppendOptions,
  type CallContext,
  type CmdbCommit,
  type CmdbFact,
  type CommitReceipt,
  isTier0Error,
  MAX_FACTS_PER_COMMIT,
  type ScopeCovered,
  type SourceSlice,
  toTier0Error,
} from '@tier0/core';
import { assertAppendable, assertExpected } from '../stores/append-rules.ts';
import { checkFacts } from './check-facts.ts';
import type { CmdbOptions } from './cmdb.ts';
import { FactGraph } from './engine/fact-graph.ts';
import { forgetHistory } from './engine/forget-history.ts';
import { InstantReader } from './engine/instant-reader.ts';
import { NONE } from './engine/versions.ts';
import { fromSnapshot, toSnapshot } from './graph-snapshot.ts';
import { newestMoment, ObjectVersions, type World } from './world.ts';

const OBJECTS_KEPT = 10_000;
/** Rows recorded since the last snapshot from which on a new one is worth writing, and their share of all rows. */
const SNAPSHOT_ROWS = 20_000;
const SNAPSHOT_SHARE = 1 / 8;
/** How often in the span of the history it is shortened, if the graph has grown by this factor since. */
const TIMES_FORGOTTEN = 8;
const WORTH_FORGETTING = 1.25;
/** Fewer rows are not worth it. */
const FORGET_ROWS = 2_000;

/** The world and its record, kept in step: what is in the graph is in the store, in the same order. */
export interface Ledger {
  readonly world: World;
  /** Reads what earlier processes recorded, once. Gives what a person should know about it. */
  open(context: CallContext): Promise<readonly string[]>;
  /** Writes facts in as many commits as they need. */
  write(facts: readonly CmdbFact[], context: CallContext): Promise<void>;
  record(facts: readonly CmdbFact[], context: CallContext, options?: AppendOptions): Promise<CommitReceipt>;
  catchUp(context: CallContext): Promise<number>;
  /** Puts the graph in order after much was written: a new adjacency, a new snapshot. Gives what went wrong with the snapshot. */
  settle(context: CallContext): Promise<readonly string[]>;
  size(): { readonly items: number; readonly relations: number };
  /** Scope an adapter spoke about before; undefined where it is not one only. */
  scopeOf(source: string): string | undefined;
  /** What the slice said last about its coverage, valid since its last reading. */
  coverageOf(slice: SourceSlice): ScopeCovered | undefined;
}

export function createLedger({ sources, store, objects, historyMs, historyLimit = OBJECTS_KEPT }: CmdbOptions): Ledger {
  const names = sources.map((source) => source.name);
  const worldOf = (graph: FactGraph, versions = new ObjectVersions(historyLimit)): World => ({
    graph,
    objects: versions,
    trust: (slice) => {
      const at = names.indexOf(graph.slices.slices[slice]?.slice.source ?? '');
      return at === -1 ? names.length : at;
    },
  });
  const instants = new InstantReader();
  let world = worldOf(new FactGraph());
  let snapshotRows = 0;
  let opening: Promise<readonly string[]> | undefined;
  let catching: Promise<unknown> = Promise.resolve();
  let recordedMs = 0;
  let forgottenMs: number | undefined;
  let keptRows = 0;
  let isCompacting = false;
  let compactedMs = Number.NEGATIVE_INFINITY;
  const compactionNotes: string[] = [];

  const takeIn = (commit: CmdbCommit) => {
    if (commit.sequence > world.graph.commits.newest) world.graph.apply(commit);
  };
  const catchUp = (context: CallContext): Promise<number> => {
    const next = catching
      .catch(() => undefined)
      .then(async () => {
        if (store) for await (const commit of store.since(world.graph.commits.newest, context)) takeIn(commit);
        return world.graph.commits.newest;
      });
    catching = next;
    return next;
  };
  const recordHere = (facts: readonly CmdbFact[], context: CallContext, options?: AppendOptions): CommitReceipt => {
    assertAppendable(facts);
    assertExpected(world.graph.commits.newest, options);
    recordedMs = Math.max(recordedMs, context.now());
    const receipt = { sequence: world.graph.commits.newest + 1, recordedAt: new Date(recordedMs).toISOString() };
    takeIn({ ...receipt, facts });
    return receipt;
  };
  const record: Ledger['record'] = async (facts, context, options) => {
    checkFacts(facts, instants);
    const receipt = store ? await store.append(facts, context, options) : recordHere(facts, context, options);
    // Commits of other writers may lie in between; then the store says what they were.
    if (receipt.sequence === world.graph.commits.newest + 1) takeIn({ ...receipt, facts });
    else if (receipt.sequence > world.graph.commits.newest) await catchUp(context);
    return receipt;
  };
  const restore = async (context: CallContext): Promise<readonly string[]> => {
    const notes: string[] = [];
    try {
      const snapshot = await store?.snapshots?.read(context);
      const latest = (await store?.latest(context)) ?? 0;
      if (snapshot && snapshot.sequence <= latest) world = worldOf(fromSnapshot(snapshot));
      snapshotRows = rowsOf(world.graph);
    } catch (error) {
      if (!isTier0Error(error) || (error.code !== 'MALFORMED_RESPONSE' && error.code !== 'UNSUPPORTED')) throw error;
      notes.push(`${error.message} ${error.hint}`);
    }
    await catchUp(context);
    if (objects) for await (const [id, object] of objects.entries(context)) attach(world, id, object);
    if (world.graph.needsMerge) await world.graph.merge();
    return notes;
  };

  /** Beside everything else, since it reads the whole record; what went wrong is said by the next `settle`. */
  const compactStore = (beforeMs: number, context: CallContext) => {
    // Reading the whole record costs more than forgetting in memory, and disks are larger: once in the span is enough.
    if (store === undefined || isCompacting || beforeMs - compactedMs < (historyMs ?? 0)) return;
    isCompacting = true;
    compactedMs = beforeMs;
    store
      .compact({ before: new Date(beforeMs).toISOString() }, context)
      .catch((error: unknown) => {
        if (!context.signal.aborted) compactionNotes.push(`The store keeps its old history for now: ${toTier0Error(error).message}`);
      })
      .finally(() => {
        isCompacting = false;
      });
  };
  /** Gives up what was overruled too long ago, a few times in that span: each time the graph is written anew. */
  const forget = async (context: CallContext): Promise<void> => {
    const nowMs = context.now();
    forgottenMs ??= nowMs;
    if (historyMs === undefined || nowMs - forgottenMs < historyMs / TIMES_FORGOTTEN) return;
    forgottenMs = nowMs;
    if (rowsOf(world.graph) < keptRows * WORTH_FORGETTING + FORGET_ROWS) return;
    const beforeMs = nowMs - historyMs;
    const { graph, itemRows } = await forgetHistory(world.graph, beforeMs);
    const rowOf = (row: number) => (itemRows[row] === NONE ? undefined : itemRows[row]);
    world = worldOf(graph, world.objects.moved(rowOf));
    keptRows = rowsOf(graph);
    // The snapshot at hand is of the longer history.
    snapshotRows = 0;
    compactStore(beforeMs, context);
  };

  return {
    get world() {
      return world;
    },
    async open(context) {
      if (opening) return opening.then(() => []);
      opening = restore(context);
      // A store that could not be read is asked again next time.
      opening.catch(() => {
        opening = undefined;
      });
      return opening;
    },
    async write(facts, context) {
      for (let at = 0; at < facts.length; at += MAX_FACTS_PER_COMMIT) {
        await record(facts.slice(at, at + MAX_FACTS_PER_COMMIT), context);
      }
    },
    record,
    catchUp,
    async settle(context) {
      await forget(context);
      const notes = compactionNotes.splice(0);
      const { graph } = world;
      if (graph.needsMerge) await graph.merge();
      const fresh = rowsOf(graph) - snapshotRows;
      if (!store?.snapshots || fresh < SNAPSHOT_ROWS || fresh < rowsOf(graph) * SNAPSHOT_SHARE) return notes;
      try {
        await store.snapshots.write(toSnapshot(graph), context);
        snapshotRows = rowsOf(graph);
        return notes;
      } catch (error) {
        return [
          ...notes,
          `The graph snapshot was not written: ${error instanceof Error ? error.message : String(error)}. The record is complete; opening takes longer.`,
        ];
      }
    },
    size: () => sizeOf(world),
    scopeOf(source) {
      const scopes = world.graph.slices.slices.filter(({ slice }) => slice.source === source);
      return scopes.length === 1 ? scopes[0]?.slice.scope : undefined;
    },
    coverageOf(slice) {
      const { slices, coverages } = { slices: world.graph.slices, coverages: world.graph.slices.coverages };
      const entry = slices.coverageAt(slices.number(slice), Number.POSITIVE_INFINITY, coverages.length);
      if (!entry) return undefined;
      const { contract, role, coverage, checkpoint, confirmedMs } = entry;
      const covered = { type: 'scope-covered', slice, validFrom: new Date(confirmedMs).toISOString(), contract, role, coverage } as const;
      return checkpoint === undefined ? covered : { ...covered, checkpoint };
    },
  };
}

function rowsOf(graph: FactGraph): number {
  return graph.items.versions.size + graph.relations.versions.size;
}

function attach(world: World, id: string, object: unknown): void {
  const moment = newestMoment(world);
  const [first] = moment.statements(moment.node(id));
  if (first && world.objects.get(first.row) === undefined) world.objects.set(first.row, object);
}

/** Items and relations that hold now; a relation that two slices state counts twice. */
function sizeOf(world: World): { readonly items: number; readonly relations: number } {
  const moment = newestMoment(world);
  const { items, relations } = world.graph;
  let found = 0;
  for (let node = 0; node < items.firstKey.length; node++) if (items.firstKey[node] !== 0 && moment.hasItem(node)) found++;
  let related = 0;
  for (let key = 0; key < relations.keys; key++) {
    if (relations.versions.holding(key, moment.validAt, moment.bounds.relations) !== NONE) related++;
  }
  return { items: found, relations: related };
}
