import type { Change } from '../model/change.ts';
import type { ConfigurationItem } from '../model/configuration-item.ts';
import type { Relation } from '../model/relation.ts';
import type { Adapter, CallContext } from './adapter.ts';
import type { SourceRole } from './cmdb-fact.ts';

/** How completely one kind was read. Only `complete` may lead to deletions; anything else means "unknown", not "absent". */
export interface Coverage {
  readonly kind: string;
  /** Absent: the whole scope. */
  readonly namespace?: string | undefined;
  readonly state: 'complete' | 'forbidden' | 'notInstalled' | 'failed';
  /** Why it is not complete, for a person. */
  readonly reason?: string | undefined;
}

/** What a source promises about an inventory: a full set, states that expire, or ordered increments. */
export type SyncContract = 'snapshot' | 'repeated-states' | 'increments';

/** One answer of a source. */
export interface Inventory {
  /** What this answer is about, e.g. `kubernetes:production` or `backstage:<file>`; deletions never leave it. */
  readonly scope: string;
  readonly contract: SyncContract;
  /** How things are (`observed`, the default) or how they shall be (`declared`). */
  readonly role?: SourceRole | undefined;
  readonly items: readonly ConfigurationItem[];
  readonly relations: readonly Relation[];
  /** Raw object by item id. */
  readonly objects: ReadonlyMap<string, unknown>;
  readonly coverage: readonly Coverage[];
  /** Changes the source itself can prove (revisions, managed fields, sync history). */
  readonly changes: readonly Change[];
  /** The moment this was true. ISO 8601, UTC. */
  readonly observedAt: string;
  /** Contract `repeated-states`: an item that was not repeated for longer than this is given up. Milliseconds; default: never. */
  readonly expiresAfterMs?: number | undefined;
  /** Contract `increments`: item ids that are gone. */
  readonly removed?: readonly string[] | undefined;
  /** Contract `increments`: which steps of the source's own feed this is. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** A stretch of an ordered feed, in the source's own words. It is taken in once, and only where `from` is where the last one ended. */
export interface Checkpoint {
  /** Undefined: from the beginning, a full reading. */
  readonly from?: string | undefined;
  readonly to: string;
}

/** Where items come from: a cluster, a catalog, a state file. */
export interface InventorySource extends Adapter {
  /**
   * Reads everything once. What could not be read is said in `coverage`, never silently missing.
   * Throws UNAVAILABLE or PERMISSION_DENIED only when nothing at all could be read.
   */
  discover(context: CallContext): Promise<Inventory>;
}
