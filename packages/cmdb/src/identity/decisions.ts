import { type CmdbFact, type CmdbReader, type RelationType, type SourceSlice, Tier0Error } from '@tier0/core';
import type { IdentityDecisions } from './identify.ts';

/** The slice in which people's decisions about identity are kept; no source and no rule ever overrules it. */
export const DECISION_SLICE: SourceSlice = { scope: 'identity', source: 'person' };
/** The slice in which joins that rules found are kept. */
export const JOIN_SLICE: SourceSlice = { scope: 'identity', source: 'identity' };

/** Who decides, when and why. */
export interface IdentityDecision {
  /** Who said it. */
  readonly actor: string;
  /** One sentence for whoever asks later. */
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** Facts that say two items are one thing. Give them to `Cmdb.record`. Throws INVALID_INPUT for an item and itself. */
export function mergeFacts(a: string, b: string, decision: IdentityDecision): readonly CmdbFact[] {
  const [from, to] = ordered(a, b);
  return [retracted({ from, type: 'distinctFrom', to }, decision, DECISION_SLICE), asserted({ from, type: 'sameAs', to }, decision)];
}

/**
 * Facts that take a merge back and keep it from coming again: the two items are distinct from now on. What was true before stays
 * readable at its own time. Throws INVALID_INPUT for an item and itself.
 */
export function splitFacts(a: string, b: string, decision: IdentityDecision): readonly CmdbFact[] {
  const [from, to] = ordered(a, b);
  const join = { from, type: 'sameAs' as const, to };
  return [
    retracted(join, decision, JOIN_SLICE),
    retracted(join, decision, DECISION_SLICE),
    asserted({ from, type: 'distinctFrom', to }, decision),
  ];
}

/** Facts that take back what somebody decided about two items: from then on the rules decide again. */
export function undecideFacts(a: string, b: string, decision: IdentityDecision): readonly CmdbFact[] {
  const [from, to] = ordered(a, b);
  return (['sameAs', 'distinctFrom'] as const).map((type) => retracted({ from, type, to }, decision, DECISION_SLICE));
}

/** What people decided, as the reader knows it. */
export function readDecisions(reader: CmdbReader, ids: readonly string[]): IdentityDecisions {
  const pairs = (type: RelationType) =>
    ids.flatMap((id) =>
      reader
        .relations(id, 'out', type)
        .filter(({ source }) => source === DECISION_SLICE.source)
        .map(({ from, to }) => [from, to] as const),
    );
  return { together: pairs('sameAs'), apart: pairs('distinctFrom') };
}

function ordered(a: string, b: string): readonly [string, string] {
  if (a !== b) return a < b ? [a, b] : [b, a];
  throw new Tier0Error({ code: 'INVALID_INPUT', message: `"${a}" is one item already.`, hint: 'Name two different item ids.' });
}

type Named = { readonly from: string; readonly to: string; readonly type: 'sameAs' | 'distinctFrom' };

function asserted(relation: Named, { actor, reason, at }: IdentityDecision): CmdbFact {
  const properties = { actor, reason };
  const source = DECISION_SLICE.source;
  return { type: 'relation-asserted', slice: DECISION_SLICE, validFrom: at, relation: { ...relation, confidence: 1, properties, source } };
}

function retracted(relation: Named, { at }: IdentityDecision, slice: SourceSlice): CmdbFact {
  return { type: 'relation-retracted', slice, validFrom: at, relation };
}
