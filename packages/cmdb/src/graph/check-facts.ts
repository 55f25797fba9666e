import { type CmdbFact, Tier0Error } from '@tier0/core';
import { InstantReader } from './engine/instant-reader.ts';
import { typeNumber } from './engine/relation-table.ts';

/** Refuses facts that the graph could not take in, before anything is written. */
export function checkFacts(facts: readonly CmdbFact[], instants = new InstantReader()): void {
  const checkInstant = (text: string, fact: CmdbFact) => {
    if (Number.isNaN(instants.parse(text))) throw invalid(fact, `"${text}" is not an instant`);
  };
  for (const fact of facts) {
    checkInstant(fact.validFrom, fact);
    if (fact.type === 'item-asserted') {
      checkInstant(fact.item.observedAt, fact);
      checkId(fact.item.id, fact);
      if (!/^[0-9a-f]{64}$/.test(fact.item.digest))
        throw invalid(fact, `"${fact.item.digest.slice(0, 80)}" is not a SHA-256 in lower-case hex`);
    }
    if (fact.type === 'item-retracted') checkId(fact.item, fact);
    if (fact.type === 'relation-asserted' || fact.type === 'relation-retracted') {
      typeNumber(fact.relation.type);
      checkId(fact.relation.from, fact);
      checkId(fact.relation.to, fact);
    }
    if (fact.type === 'relation-asserted' && fact.relation.validTo !== undefined) checkInstant(fact.relation.validTo, fact);
  }
}

function checkId(id: string, fact: CmdbFact): void {
  if (id === '') throw invalid(fact, 'an item id is empty');
}

function invalid(fact: CmdbFact, why: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `A fact of type ${fact.type} from ${fact.slice.source} (${fact.slice.scope}) cannot be recorded: ${why}.`,
    hint: 'Correct the fact and record the commit again; nothing of it was written.',
  });
}
