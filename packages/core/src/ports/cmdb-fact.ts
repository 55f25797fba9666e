import { z } from 'zod';
import { type Change, ChangeSchema } from '../model/change.ts';
import { type ConfigurationItem, ConfigurationItemSchema } from '../model/configuration-item.ts';
import { exactly } from '../model/exactly.ts';
import { type Relation, RelationSchema, type RelationType, RelationTypeSchema } from '../model/relation.ts';
import type { Coverage, SyncContract } from './inventory-source.ts';

/** Who says it, and about what: facts of one slice never overrule or delete those of another. */
export interface SourceSlice {
  /** What the source speaks about, e.g. `kubernetes:production`. */
  readonly scope: string;
  /** Adapter name. */
  readonly source: string;
}

/** Whether a source says how things shall be (Git, Terraform) or how they are (a cluster). Drift is the difference. */
export type SourceRole = 'declared' | 'observed';

/** From `validFrom` on the slice says this about the item, until its next statement about the same item. */
export interface ItemAsserted {
  readonly type: 'item-asserted';
  readonly slice: SourceSlice;
  /** Since when it is so (valid time). ISO 8601, UTC. */
  readonly validFrom: string;
  readonly item: ConfigurationItem;
}

/** From `validFrom` on the slice no longer knows the item. */
export interface ItemRetracted {
  readonly type: 'item-retracted';
  readonly slice: SourceSlice;
  readonly validFrom: string;
  /** Item id. */
  readonly item: string;
  /** Why, for a person: `not in the complete inventory`. */
  readonly reason?: string | undefined;
}

/** From `validFrom` on the slice states the relation, until it takes it back or until the relation's own `validTo`. */
export interface RelationAsserted {
  readonly type: 'relation-asserted';
  readonly slice: SourceSlice;
  readonly validFrom: string;
  readonly relation: Relation;
}

/** From `validFrom` on the slice no longer states the relation. */
export interface RelationRetracted {
  readonly type: 'relation-retracted';
  readonly slice: SourceSlice;
  readonly validFrom: string;
  readonly relation: { readonly from: string; readonly type: RelationType; readonly to: string };
}

/** Something became different: the ITIL change that a source can prove or that was found by comparison. */
export interface ChangeObserved {
  readonly type: 'change-observed';
  readonly slice: SourceSlice;
  /** The instant of the change. */
  readonly validFrom: string;
  readonly change: Change;
}

/** How completely the slice was read at `validFrom`. It also confirms everything the slice said and did not take back. */
export interface ScopeCovered {
  readonly type: 'scope-covered';
  readonly slice: SourceSlice;
  readonly validFrom: string;
  readonly contract: SyncContract;
  readonly role: SourceRole;
  readonly coverage: readonly Coverage[];
  /** Contract `increments`: up to where the source's feed was taken in. */
  readonly checkpoint?: string | undefined;
}

/**
 * One small statement of one source slice; the CMDB is the fold of them. Of all statements of a slice about one item or relation,
 * the one with the newest `validFrom` holds; of equal ones the one recorded last. So a late fact takes its place in the past, and a
 * correction overrules without rewriting.
 */
export type CmdbFact = ItemAsserted | ItemRetracted | RelationAsserted | RelationRetracted | ChangeObserved | ScopeCovered;

const slice = z.strictObject({ scope: z.string().min(1), source: z.string().min(1) });
const validFrom = z.iso.datetime();
const coverage = z.strictObject({
  kind: z.string(),
  namespace: z.string().optional(),
  state: z.enum(['complete', 'forbidden', 'notInstalled', 'failed']),
  reason: z.string().optional(),
});

/** For facts that come from outside; stores and the graph do not parse their own. */
export const CmdbFactSchema: z.ZodType<CmdbFact> = exactly<CmdbFact>()(
  z.discriminatedUnion('type', [
    z.strictObject({ type: z.literal('item-asserted'), slice, validFrom, item: ConfigurationItemSchema }),
    z.strictObject({ type: z.literal('item-retracted'), slice, validFrom, item: z.string().min(1), reason: z.string().optional() }),
    z.strictObject({ type: z.literal('relation-asserted'), slice, validFrom, relation: RelationSchema }),
    z.strictObject({
      type: z.literal('relation-retracted'),
      slice,
      validFrom,
      relation: z.strictObject({ from: z.string().min(1), type: RelationTypeSchema, to: z.string().min(1) }),
    }),
    z.strictObject({ type: z.literal('change-observed'), slice, validFrom, change: ChangeSchema }),
    z.strictObject({
      type: z.literal('scope-covered'),
      slice,
      validFrom,
      contract: z.enum(['snapshot', 'repeated-states', 'increments']),
      role: z.enum(['declared', 'observed']),
      coverage: z.array(coverage),
      checkpoint: z.string().optional(),
    }),
  ]),
);

/**
 * What two facts must share so that the later one overrules the earlier: type family, slice and subject, as one text.
 * A change overrules nothing but itself.
 */
export function factKey(fact: CmdbFact): string {
  const { scope, source } = fact.slice;
  switch (fact.type) {
    case 'item-asserted':
      return JSON.stringify(['item', scope, source, fact.item.id]);
    case 'item-retracted':
      return JSON.stringify(['item', scope, source, fact.item]);
    case 'relation-asserted':
    case 'relation-retracted':
      return JSON.stringify(['relation', scope, source, fact.relation.from, fact.relation.type, fact.relation.to]);
    case 'change-observed':
      return JSON.stringify(['change', scope, source, fact.change.id]);
    case 'scope-covered':
      return JSON.stringify(['scope', scope, source]);
  }
}

/** The item ids a fact speaks about: one, or the two ends of a relation; none for coverage. */
export function factItems(fact: CmdbFact): readonly string[] {
  switch (fact.type) {
    case 'item-asserted':
      return [fact.item.id];
    case 'item-retracted':
      return [fact.item];
    case 'relation-asserted':
    case 'relation-retracted':
      return [fact.relation.from, fact.relation.to];
    case 'change-observed':
      return [fact.change.item];
    case 'scope-covered':
      return [];
  }
}
