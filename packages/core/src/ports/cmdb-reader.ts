import type { BlastRadius } from '../model/blast-radius.ts';
import type { Change } from '../model/change.ts';
import type { ConfigurationItem } from '../model/configuration-item.ts';
import type { ItemEdit } from '../model/item-edit.ts';
import type { Relation, RelationType } from '../model/relation.ts';
import type { CallContext } from './adapter.ts';
import type { Coverage } from './inventory-source.ts';

/** Tri-state answer: "does not exist" is only ever said on `absent`. */
export type Lookup =
  | { readonly state: 'found'; readonly item: ConfigurationItem }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly reason: string };

/** Which items are asked for; every part that is given must hold. */
export interface ItemFilter {
  readonly kind?: string | undefined;
  readonly scope?: string | undefined;
  readonly name?: string | undefined;
}

/** Items with what is known about how completely they were read. */
export interface ItemList {
  readonly items: readonly ConfigurationItem[];
  /** The coverage rows that speak about the asked kind; empty when no source was asked for it. */
  readonly coverage: readonly Coverage[];
}

/** Bounds of an impact walk, so that a hub cannot make it endless. */
export interface ImpactOptions {
  /** Relations walked at most. Default 16: a service, its endpoints and its workload already make three. */
  readonly hops?: number | undefined;
  readonly relationTypes?: readonly RelationType[] | undefined;
  /** Items returned at most. Default 1,000; more sets `truncated`. */
  readonly limit?: number | undefined;
}

/** Who owns an item, and how that was found out. */
export interface Ownership {
  /** Item id of the team, e.g. `backstage:group:default/payments`. */
  readonly team: string;
  /** Item ids from the item to the team. */
  readonly path: readonly string[];
  /** 0 to 1: the product of the confidences along the path. */
  readonly confidence: number;
}

/** How far from an item, in time and in relations, changes are looked for. */
export interface ChangeWindow {
  /** How far back from the reader's moment, milliseconds. */
  readonly windowMs: number;
  /** Relations walked from the item. 0 = the item only. */
  readonly hops: number;
}

/** A change near an item, nearest in graph and time first. */
export interface NearbyChange {
  readonly change: Change;
  readonly distance: number;
}

/** What differs between two moments. */
export interface CmdbDiff {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/**
 * The graph as it was at one moment. Synchronous, consistent, without a clock of its own.
 * A rule is `(reader) => Finding[]`; where coverage is not complete the answer is unknown, and unknown never becomes a finding.
 */
export interface CmdbReader {
  /** The moment the answers are true for. ISO 8601, UTC. */
  readonly at: string;
  get(id: string): Lookup;
  items(filter: ItemFilter): ItemList;
  /** Relations of one item: `out` where it is the source, `in` where it is the target. Sorted, so runs repeat. */
  relations(id: string, direction: 'out' | 'in', type?: RelationType): readonly Relation[];
  /** The raw object of an item; undefined when none was kept. */
  object(id: string): unknown | undefined;
  /** What a failure of the item can reach, nearest first, along each relation's impact direction. */
  impact(id: string, options?: ImpactOptions): BlastRadius;
  /** Undefined when no path leads to a team. */
  owner(id: string): Ownership | undefined;
  whatChanged(id: string, window: ChangeWindow): readonly NearbyChange[];
  /** What differs between the moment `other` and this one. */
  diff(other: CmdbReader): CmdbDiff;
  /** Items matching a text query: `kind:Deployment name:payment label:app=shop`, all parts must hold. Throws INVALID_INPUT. */
  query(text: string): readonly ConfigurationItem[];
  /** The graph as it was at another moment, as known now or as known at `recordedAt`. */
  asOf(validAt: string, recordedAt?: string): CmdbReader;
  /**
   * A copy in which the edits are in force, for rehearsal: edited objects carry the new values, and objects that a controller would
   * replace (pods of an edited template) are replaced by what is known about the new template. What cannot be known is unknown.
   */
  rehearse(edits: readonly ItemEdit[]): CmdbReader;
}

/** Reads the sources into the graph and hands out readers. */
export interface Cmdb {
  /** Asks every source once. A source that fails changes nothing and is named in `failures`. */
  refresh(context: CallContext): Promise<RefreshReport>;
  /** The newest moment. Throws CONFLICT before the first refresh. */
  reader(): CmdbReader;
}

/** What one reading of all sources brought, and what it could not bring. */
export interface RefreshReport {
  /** Number of items after the refresh. */
  readonly items: number;
  readonly relations: number;
  /** One line for each source that failed or was incomplete. */
  readonly failures: readonly string[];
}
