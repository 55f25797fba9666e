import {
  type AppendOptions,
  type CmdbFact,
  type ConfigurationItem,
  MAX_FACT_BYTES,
  MAX_FACTS_PER_COMMIT,
  type Relation,
  Tier0Error,
} from '@tier0/core';

/** Refuses what no store accepts. */
export function assertAppendable(facts: readonly CmdbFact[]): void {
  assertCount(facts);
  for (const fact of facts) if (mayBeLarge(fact)) factJson(fact);
}

/** The same, and gives the facts as JSON. */
export function appendableJson(facts: readonly CmdbFact[]): string {
  assertCount(facts);
  return `[${facts.map(factJson).join(',')}]`;
}

function assertCount(facts: readonly CmdbFact[]): void {
  if (facts.length === 0 || facts.length > MAX_FACTS_PER_COMMIT) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `A commit of ${facts.length} facts cannot be appended.`,
      hint: `Append between 1 and ${MAX_FACTS_PER_COMMIT} facts at a time.`,
    });
  }
}

/** Whether measuring is needed: most facts are small beyond doubt. A code unit takes at most six bytes of JSON. */
function mayBeLarge(fact: CmdbFact): boolean {
  return unitsOf(fact) * 6 > MAX_FACT_BYTES;
}

/** Code units of a fact at most; infinitely many where only writing it down would tell. */
function unitsOf(fact: CmdbFact): number {
  const frame = fact.slice.scope.length + fact.slice.source.length + 1000;
  switch (fact.type) {
    case 'item-asserted':
      return frame + itemUnits(fact.item);
    case 'item-retracted':
      return frame + fact.item.length + (fact.reason?.length ?? 0);
    case 'relation-retracted':
      return frame + fact.relation.from.length + fact.relation.to.length;
    case 'relation-asserted': {
      const { from, to, source, properties } = fact.relation;
      return frame + from.length + to.length + source.length + propertyUnits(properties);
    }
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** Plain values only: what is nested has to be written down. */
function propertyUnits(properties: Relation['properties']): number {
  let units = 0;
  for (const name in properties) {
    const value = properties[name];
    if (typeof value === 'object' && value !== null) return Number.POSITIVE_INFINITY;
    units += name.length + 30 + (typeof value === 'string' ? value.length : 0);
  }
  return units;
}

function itemUnits({ id, name, scope, columns, identifiers, sources }: ConfigurationItem): number {
  let units = id.length + name.length + scope.length;
  for (const column in columns) units += column.length + (typeof columns[column] === 'string' ? columns[column].length : 30);
  for (const { scheme, value } of identifiers) units += scheme.length + value.length + 30;
  return sources.length > 100 ? Number.POSITIVE_INFINITY : units;
}

function factJson(fact: CmdbFact): string {
  const json = JSON.stringify(fact);
  // A UTF-16 code unit takes at most three bytes of UTF-8, so most facts need no counting.
  if (json.length * 3 <= MAX_FACT_BYTES || Buffer.byteLength(json) <= MAX_FACT_BYTES) return json;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `A fact of ${Buffer.byteLength(json)} bytes (${describe(fact)}) cannot be appended.`,
    hint: `Keep attributes below ${MAX_FACT_BYTES} bytes: put the raw object into the object store and only what is searched into columns.`,
  });
}

function describe(fact: CmdbFact): string {
  switch (fact.type) {
    case 'item-asserted':
      return `${fact.type} "${fact.item.id}"`;
    case 'relation-asserted':
      return `${fact.type} "${fact.relation.from}" ${fact.relation.type} "${fact.relation.to}"`;
    default:
      return `${fact.type} of ${fact.slice.scope}`;
  }
}

/** Refuses a writer that did not see the newest commit. */
export function assertExpected(sequence: number, options: AppendOptions | undefined): void {
  const expected = options?.expectSequence;
  if (expected === undefined || expected === sequence) return;
  throw new Tier0Error({
    code: 'CONFLICT',
    message: `The newest commit is ${sequence}, not ${expected} as the writer expected.`,
    hint: 'Read the commits since then, decide again, and append with the new sequence.',
  });
}
