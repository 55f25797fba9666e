import { z } from 'zod';
import { exactly } from './exactly.ts';
import { type JsonValue, JsonValueSchema } from './json-value.ts';

/**
 * Which way a failure travels along a relation: `toSource` when the target's failure harms the source (a service dependsOn a database),
 * `toTarget` when the source's failure harms the target (a pod is partOf a system), `none` for ownership and bookkeeping.
 */
export type ImpactDirection = 'toSource' | 'toTarget' | 'both' | 'none';

/** Typed, directed links. Each reads "<source> <type> <target>", has a named inverse, and says which way failure travels. */
export const RELATION_TYPES = {
  dependsOn: { inverse: 'dependencyOf', impact: 'toSource' },
  partOf: { inverse: 'hasPart', impact: 'toTarget' },
  ownedBy: { inverse: 'ownerOf', impact: 'none' },
  managedBy: { inverse: 'manages', impact: 'both' },
  runsOn: { inverse: 'runs', impact: 'toSource' },
  selects: { inverse: 'selectedBy', impact: 'toSource' },
  routesTo: { inverse: 'routedFrom', impact: 'toSource' },
  uses: { inverse: 'usedBy', impact: 'toSource' },
  realizes: { inverse: 'realizedBy', impact: 'toTarget' },
  scales: { inverse: 'scaledBy', impact: 'none' },
  schedules: { inverse: 'scheduledBy', impact: 'toTarget' },
  guards: { inverse: 'guardedBy', impact: 'none' },
  providesApi: { inverse: 'apiProvidedBy', impact: 'toTarget' },
  consumesApi: { inverse: 'apiConsumedBy', impact: 'toSource' },
  memberOf: { inverse: 'hasMember', impact: 'none' },
  childOf: { inverse: 'parentOf', impact: 'none' },
  declaredIn: { inverse: 'declares', impact: 'none' },
  /** Two ids of one thing: what harms it under one name harms it under the other. */
  sameAs: { inverse: 'sameAs', impact: 'both' },
  /** Two ids that somebody said are not one thing, whatever their identifiers suggest. */
  distinctFrom: { inverse: 'distinctFrom', impact: 'none' },
} as const satisfies Record<string, { readonly inverse: string; readonly impact: ImpactDirection }>;

/** How one item is linked to another, read from the one to the other: `runsOn`, `dependsOn`. */
export type RelationType = keyof typeof RELATION_TYPES;

/** A typed, directed link between two items. */
export interface Relation {
  /** Item id of the source. */
  readonly from: string;
  /** Item id of the target. The target may be absent: a reference to a missing object is a fact of its own. */
  readonly to: string;
  readonly type: RelationType;
  /** 1 = stated by an owner reference or selector; lower for what was inferred, e.g. 0.5 for a host name in an environment variable. */
  readonly confidence: number;
  /** What the rule that made it knows: `{ port: 8080, via: 'env PAYMENT_URL' }`. */
  readonly properties: Readonly<Record<string, JsonValue>>;
  /** Adapter that reported it. */
  readonly source: string;
  /** First instant it was so, when known. ISO 8601, UTC. */
  readonly validFrom?: string | undefined;
  /** Instant it ceased to be so. ISO 8601, UTC. */
  readonly validTo?: string | undefined;
}

export const RelationTypeSchema: z.ZodType<RelationType> = z.enum(Object.keys(RELATION_TYPES) as [RelationType, ...RelationType[]]);

export const RelationSchema: z.ZodType<Relation> = exactly<Relation>()(
  z.strictObject({
    from: z.string().min(1),
    to: z.string().min(1),
    type: RelationTypeSchema,
    confidence: z.number().min(0).max(1),
    properties: z.record(z.string(), JsonValueSchema),
    source: z.string().min(1),
    validFrom: z.iso.datetime().optional(),
    validTo: z.iso.datetime().optional(),
  }),
);
