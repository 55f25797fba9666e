import type { Adapter, CallContext } from './adapter.ts';
import { type CmdbFact, factItems } from './cmdb-fact.ts';

/** Facts a commit holds at most; more are appended in several commits. */
export const MAX_FACTS_PER_COMMIT = 10_000;
/** UTF-8 bytes of one fact as JSON at most; what is larger belongs into the `ObjectStore`. */
export const MAX_FACT_BYTES = 1_048_576;

/** Facts that were recorded together: durable all or none, and visible together. */
export interface CmdbCommit {
  /** Rises with each commit, from 1, without gaps; fences writers and is the cursor of readers. */
  readonly sequence: number;
  /** When it was recorded (transaction time). ISO 8601, UTC. Never earlier than that of the commit before, whatever the clock does. */
  readonly recordedAt: string;
  readonly facts: readonly CmdbFact[];
}

/** The envelope without the facts: what a writer is told. */
export type CommitReceipt = Omit<CmdbCommit, 'facts'>;

/** What an append depends on. */
export interface AppendOptions {
  /** Newest sequence the writer knows. When another commit came in between, nothing is written and CONFLICT is thrown. */
  readonly expectSequence?: number | undefined;
}

/** Which facts a reader of the feed wants; every part that is given must hold. */
export interface FactFilter {
  readonly types?: readonly CmdbFact['type'][] | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly sources?: readonly string[] | undefined;
  /** Item ids; a relation matches with either end. */
  readonly items?: readonly string[] | undefined;
}

/** How much history is given up. */
export interface CompactOptions {
  /** History up to this recorded instant is given up: facts that were overruled by then. ISO 8601, UTC. */
  readonly before: string;
}

/** What a compaction did. */
export interface CompactReport {
  /** Facts removed. */
  readonly removed: number;
  /** Facts kept. */
  readonly kept: number;
}

/** One named part of a graph snapshot. */
export interface SnapshotBlock {
  /** Unique within the snapshot, at most 64 characters. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The graph as it was after a commit, in the layout of the process that wrote it. */
export interface GraphSnapshot {
  /** Newest commit it contains. */
  readonly sequence: number;
  /** Layout of the blocks; a reader ignores what it does not know. */
  readonly layout: string;
  readonly blocks: readonly SnapshotBlock[];
}

/**
 * A cache: whoever opens a large store reads the snapshot and then only the commits after it. Losing it costs time, never data.
 */
export interface GraphSnapshots {
  /** Undefined when there is none. Throws MALFORMED_RESPONSE for a damaged one and UNSUPPORTED for one from a newer version. */
  read(context: CallContext): Promise<GraphSnapshot | undefined>;
  /** Replaces the one before, all or nothing. */
  write(snapshot: GraphSnapshot, context: CallContext): Promise<void>;
}

/** The durable, append-only memory of the CMDB; the graph is a cache that can be rebuilt from it. */
export interface CmdbStore extends Adapter {
  /**
   * Appends; the commit is durable when the promise resolves. Throws INVALID_INPUT for more than `MAX_FACTS_PER_COMMIT` facts, none, or
   * one above `MAX_FACT_BYTES`, and CONFLICT where `expectSequence` does not hold; then nothing was written.
   */
  append(facts: readonly CmdbFact[], context: CallContext, options?: AppendOptions): Promise<CommitReceipt>;
  /** Every commit, oldest first, in bounded memory. */
  load(context: CallContext): AsyncIterable<CmdbCommit>;
  /**
   * Commits after `sequence`, oldest first, in bounded memory. Ends when it has caught up. With a filter each commit carries the matching
   * facts only, and commits without any are left out.
   */
  since(sequence: number, context: CallContext, filter?: FactFilter): AsyncIterable<CmdbCommit>;
  /** Sequence of the newest durable commit; 0 when there is none. */
  latest(context: CallContext): Promise<number>;
  /**
   * Waits until a commit after `sequence` is durable, whoever wrote it, and gives the newest sequence known. A wake-up only: the truth
   * is `since`. When the signal aborts it resolves with `sequence`.
   */
  wait(sequence: number, context: CallContext): Promise<number>;
  /**
   * Gives up history: removes facts that another one of the same `factKey`, itself valid and recorded before the bound, overrules, and
   * changes that took place and were recorded before it. What holds now, and what held at any instant after the bound, is never removed.
   * Sequences keep their numbers.
   */
  compact(options: CompactOptions, context: CallContext): Promise<CompactReport>;
  /** Where the graph may be kept between runs; absent where the store has no place for it. */
  readonly snapshots?: GraphSnapshots | undefined;
}

/** Whether a fact is one the filter asks for. */
export function matchesFilter(fact: CmdbFact, filter: FactFilter | undefined): boolean {
  if (!filter) return true;
  return (
    (filter.types?.includes(fact.type) ?? true) &&
    (filter.scopes?.includes(fact.slice.scope) ?? true) &&
    (filter.sources?.includes(fact.slice.source) ?? true) &&
    (filter.items === undefined || factItems(fact).some((item) => filter.items?.includes(item)))
  );
}
