import type { CmdbReader, Inventory, Relation } from '@tier0/core';
import { readDecisions } from './decisions.ts';
import { type Identification, identify, type Join } from './identify.ts';
import { readIdentityRecords } from './identity-record.ts';
import type { IdentityRule } from './identity-rule.ts';

/** Scope and adapter name under which joins are kept. */
export const IDENTITY_SOURCE = 'identity';

/** Identifies everything a reader knows, people's decisions included. */
export function identifyItems(reader: CmdbReader, rules: readonly IdentityRule[]): Identification {
  const records = readIdentityRecords(reader, rules);
  const ids = records.map(({ id }) => id);
  return identify(records, rules, readDecisions(reader, ids));
}

/** The joins as one more inventory, so that each becomes a fact: seen as of any time, and taken back when it does not hold any more. */
export function identityInventory(joins: readonly Join[], observedAt: string): Inventory {
  return {
    scope: IDENTITY_SOURCE,
    contract: 'snapshot',
    items: [],
    relations: joins.map(toRelation),
    objects: new Map(),
    coverage: [],
    changes: [],
    observedAt,
  };
}

/** A join as a relation: what agreed and what differed goes with it, for whoever asks why. */
export function toRelation({ from, to, rule, agrees, differs, score }: Join): Relation {
  const confidence = score >= 8 ? 1 : score / 8;
  return {
    from,
    to,
    type: 'sameAs',
    confidence,
    properties: { rule, agrees: [...agrees], differs: [...differs] },
    source: IDENTITY_SOURCE,
  };
}
