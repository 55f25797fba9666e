import type { Tier0Error } from '../errors/tier0-error.ts';
import type { BlastRadius } from '../model/blast-radius.ts';
import type { Change } from '../model/change.ts';
import type { ColumnValue, ConfigurationItem } from '../model/configuration-item.ts';
import type { Gap } from '../model/gap.ts';
import type { ItemEdit } from '../model/item-edit.ts';
import type { Relation, RelationType } from '../model/relation.ts';
import type { CallContext } from './adapter.ts';
import type { CmdbFact, SourceRole, SourceSlice } from './cmdb-fact.ts';
import type { AppendOptions, CommitReceipt } from './cmdb-store.ts';
import type { Coverage, SyncContract } from './inventory-source.ts';

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

/** Which way a walk goes: to what a failure of the item reaches, or to what can reach the item. */
export type ImpactFlow = 'downstream' | 'upstream';

/** What every walk over the graph may be told. */
export interface WalkOptions {
  /** Default `downstream`. */
  readonly direction?: ImpactFlow | undefined;
  /** Relations walked at most. Default 16: a service, its endpoints and its workload already make three. */
  readonly hops?: number | undefined;
  /** Relations of other types are not walked. Default: all that carry failure. */
  readonly relationTypes?: readonly RelationType[] | undefined;
  /** Items returned at most; more sets `truncated`. */
  readonly limit?: number | undefined;
  /** Asked now and then; true ends the walk and sets `truncated`. The bound in time: `() => context.now() > until`. */
  readonly stop?: (() => boolean) | undefined;
}

/** Bounds of an impact walk, so that a hub cannot make it endless. `limit` is 1,000 by default. */
export interface ImpactOptions extends WalkOptions {
  /**
   * `reach` (default): everything a failure could reach. `redundancy`: an item fails only when fewer members of a redundancy group remain
   * than it needs. Relations of one item with the same `group` property form a group; `minAvailable` on them says how many must remain,
   * a count (`1`) or a share (`"50%"`, rounded up). A relation without a group is needed by itself. Downstream only.
   */
  readonly mode?: 'reach' | 'redundancy' | undefined;
  /** Item ids that have failed together with the subject; matters in mode `redundancy`. */
  readonly alsoFailed?: readonly string[] | undefined;
}

/** A set of items that a walk reached: ids are decoded only when asked for. The start is not part of it. */
export interface Reach {
  readonly size: number;
  readonly truncated: boolean;
  /** Whether the item is among what was reached. */
  has(id: string): boolean;
  /** Item ids in the order they were reached. */
  ids(): IterableIterator<string>;
}

/** What one source slice says about an item, and how fresh that is. */
export interface ItemFact {
  readonly slice: SourceSlice;
  readonly role: SourceRole;
  /** The item as this slice alone states it. */
  readonly item: ConfigurationItem;
  /** Since when it has been so. ISO 8601, UTC. */
  readonly validFrom: string;
  /** When that was learned. ISO 8601, UTC. */
  readonly recordedAt: string;
  /** Newest instant the slice confirmed it. ISO 8601, UTC. */
  readonly observedAt: string;
}

/** What a reader knows about one source slice. */
export interface SliceState {
  readonly slice: SourceSlice;
  readonly role: SourceRole;
  readonly contract: SyncContract;
  /** Newest instant it was read. ISO 8601, UTC. */
  readonly observedAt: string;
  readonly coverage: readonly Coverage[];
}

/** How well an item is; `unknown` where not all of it could be looked at. */
export type HealthState = 'healthy' | 'degraded' | 'failed' | 'unknown';

/** Health of an item, its own and that of what it depends on. */
export interface Health {
  readonly state: HealthState;
  /** What the item's sources say of it alone: its `health` column. */
  readonly own: HealthState;
  /** One sentence for each thing that decided the state, worst first. */
  readonly reasons: readonly string[];
  /** Item ids from the item that is at fault to this one; empty when it is the item itself, or nothing is at fault. */
  readonly path: readonly string[];
  /** True when the walk stopped at a bound: then a fault further away may be missing. */
  readonly truncated: boolean;
}

/** A column in which declaration and observation differ. */
export interface DriftedColumn {
  readonly column: string;
  /** Absent: not declared there. */
  readonly declared?: ColumnValue | undefined;
  readonly observed?: ColumnValue | undefined;
}

/** One item that is not as it was declared. */
export interface Drift {
  readonly item: string;
  /** `missing`: declared, and known not to be there. `unmanaged`: there, and not in a declaration that was read completely. */
  readonly state: 'differs' | 'missing' | 'unmanaged';
  readonly columns: readonly DriftedColumn[];
  readonly declaredBy?: SourceSlice | undefined;
  readonly observedBy?: SourceSlice | undefined;
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
  /** Relations that came and went, sorted. */
  readonly relations: { readonly added: readonly RelationKey[]; readonly removed: readonly RelationKey[] };
}

/** What makes two relations the same one. */
export interface RelationKey {
  readonly from: string;
  readonly type: RelationType;
  readonly to: string;
}

/**
 * The graph as it was at one moment. Synchronous, consistent, without a clock of its own.
 * A rule is `(reader) => Finding[]`; where coverage is not complete the answer is unknown, and unknown never becomes a finding.
 */
export interface CmdbReader {
  /** The moment the answers are true for. ISO 8601, UTC. */
  readonly at: string;
  /** Newest commit the answers include; 0 where there is none. */
  readonly sequence: number;
  /** One item as it was at this moment: found, absent, or unknown where it could not be looked at. */
  get(id: string): Lookup;
  /** The items that fit, with how completely their kinds were read. */
  items(filter: ItemFilter): ItemList;
  /** Relations of one item: `out` where it is the source, `in` where it is the target. Sorted, so runs repeat. */
  relations(id: string, direction: 'out' | 'in', type?: RelationType): readonly Relation[];
  /** The raw object of an item; undefined when none was kept. */
  object(id: string): unknown | undefined;
  /** What a failure of the item can reach, nearest first, along each relation's impact direction. */
  impact(id: string, options?: ImpactOptions): BlastRadius;
  /** The closure of the item along each relation's impact direction. `hops` and `limit` are unbounded by default. */
  reach(id: string, options?: WalkOptions): Reach;
  /** What each source slice says about the item, most trusted first; empty for one that no source knows. */
  facts(id: string): readonly ItemFact[];
  /** Every source slice with its coverage and freshness, most trusted first. */
  slices(): readonly SliceState[];
  /** The worst of the item and of what it depends on, redundancy counted, with the reasons. */
  health(id: string, options?: HealthOptions): Health;
  /** Where declared and observed slices differ; both kinds of slice must be there. Sorted by item id. */
  drift(filter?: ItemFilter): readonly Drift[];
  /**
   * The team that answers for an item: by its own relations, those of what it is part of, its namespace, its repository, its cluster, in
   * this order. Undefined when no path leads to a team.
   */
  owner(id: string): Ownership | undefined;
  /** Changes of the item and of what can harm it, within the window. */
  whatChanged(id: string, window: ChangeWindow): readonly NearbyChange[];
  /** What differs between the moment `other` and this one; with `scope`, among items of that scope (and scopes below it) only. */
  diff(other: CmdbReader, scope?: string): CmdbDiff;
  /** Items matching a text query: `kind:Deployment name:payment label:app=shop`, all parts must hold. Throws INVALID_INPUT. */
  query(text: string): readonly ConfigurationItem[];
  /**
   * The graph as it was at another moment (valid time), as known now or as known at `recordedAt` (transaction time).
   * Throws INVALID_INPUT for what is not an instant.
   */
  asOf(validAt: string, recordedAt?: string): CmdbReader;
  /**
   * A copy in which the edits are in force, for rehearsal: edited objects carry the new values, and objects that a controller would
   * replace (pods of an edited template) are replaced by what is known about the new template. What cannot be known is unknown.
   */
  rehearse(edits: readonly ItemEdit[]): CmdbReader;
}

/** What a health question may bring along, and its bounds. */
export interface HealthOptions {
  /** Health that the caller knows better than the sources, by item id: findings, alerts. */
  readonly observed?: ReadonlyMap<string, HealthState> | undefined;
  /** Relations walked at most. Default 16. */
  readonly hops?: number | undefined;
  /** Items looked at at most. Default 10,000. */
  readonly limit?: number | undefined;
}

/** Reads the sources into the graph and hands out readers. */
export interface Cmdb {
  /**
   * Asks every source once, or only those of the given names. A source that fails changes nothing and is named in `failures`.
   */
  refresh(context: CallContext, only?: readonly string[]): Promise<RefreshReport>;
  /**
   * Writes facts from elsewhere than the sources (a webhook, a change feed, a person). Durable in the store, and seen by readers handed
   * out from then on, when it resolves. Throws as `CmdbStore.append` does.
   */
  record(facts: readonly CmdbFact[], context: CallContext, options?: AppendOptions): Promise<CommitReceipt>;
  /** Takes over what other processes wrote to the same store; resolves with the newest sequence. */
  catchUp(context: CallContext): Promise<number>;
  /** The newest moment. Throws CONFLICT before the first refresh. */
  reader(): CmdbReader;
}

/** What one reading of all sources brought, and what it could not bring. */
export interface RefreshReport {
  /** Number of items after the refresh. */
  readonly items: number;
  readonly relations: number;
  /** What the sources could not read. */
  readonly failures: readonly Gap[];
  /** Errors of the sources that gave nothing at all, in the order of the sources. */
  readonly errors?: readonly Tier0Error[] | undefined;
}
