import type { Adapter, CallContext } from './adapter.ts';
import type { Inventory } from './inventory-source.ts';

/** One accepted inventory, in the order it was recorded. */
export interface CmdbRecord {
  /** Rises by one with each record, from 1. */
  readonly sequence: number;
  /** When it was recorded. ISO 8601, UTC. */
  readonly recordedAt: string;
  readonly inventory: Inventory;
}

/** The durable, append-only memory of the CMDB; the graph is a cache that can be rebuilt from it. */
export interface CmdbStore extends Adapter {
  /** Appends; the record is durable when the promise resolves. */
  append(inventory: Inventory, context: CallContext): Promise<CmdbRecord>;
  /** Every record, oldest first. */
  load(context: CallContext): AsyncIterable<CmdbRecord>;
  /** Records after `sequence`, oldest first. Ends when it has caught up. */
  since(sequence: number, context: CallContext): AsyncIterable<CmdbRecord>;
}
