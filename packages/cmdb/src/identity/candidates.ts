import { type RecordValues, weigh } from './evidence.ts';
import type { Candidate } from './identify.ts';
import type { IdentityProblem } from './identity-problem.ts';
import type { IdentityRecord } from './identity-record.ts';
import type { IdentifierEntry, IdentityRule } from './identity-rule.ts';
import { lookupKey } from './normalise.ts';

/** Records under one look-up key at most; a value that so many things share names none of them. */
const MAX_SHARED = 64;
/** From so many items of one slice on a value names nothing; on two it may be a mistake in one of them. */
const NAMELESS = 3;

/** Pairs worth weighing, and what was found on the way. */
export interface Candidates {
  /** Pairs of different slices for which more speaks than against. */
  readonly candidates: readonly Candidate[];
  /** Items of one slice that are one thing. */
  readonly repeated: readonly IdentityProblem[];
  /** Identifiers that several things carry. */
  readonly problems: readonly IdentityProblem[];
  /** The values without those that several things of one slice carry. */
  readonly telling: ReadonlyMap<string, RecordValues>;
}

/** Finds pairs by the identifiers that may decide, without comparing everything with everything. */
export function gatherCandidates(
  rule: IdentityRule,
  records: readonly IdentityRecord[],
  values: ReadonlyMap<string, RecordValues>,
): Candidates {
  const { duplicates, shared } = sharedValues(rule, records, values);
  const nameless = new Set(shared.filter(({ count }) => count >= NAMELESS).map(({ entry, value }) => `${entry}\n${value}`));
  const telling = withoutPlainCrowds(records, new Map([...values].map(([id, own]) => [id, withoutShared(own, nameless)])));
  const seen = new Set<string>();
  const candidates: Candidate[] = [];
  const consider = (buckets: Iterable<readonly IdentityRecord[]>) => {
    for (const bucket of buckets) {
      if (bucket.length > MAX_SHARED) continue;
      for (const [a, b] of pairsOf(bucket)) {
        const key = `${a.id}\n${b.id}`;
        if (seen.has(key) || isSameSlice(a, b)) continue;
        seen.add(key);
        const evidence = weigh(rule, telling.get(a.id) as RecordValues, telling.get(b.id) as RecordValues);
        if (evidence.decides && evidence.score > 0) candidates.push({ a, b, ...evidence });
      }
    }
  };
  for (const [index, entry] of rule.identifiers.entries()) {
    if (entry.strength !== 'supports') consider(bucketsOf(entry, index, { records, values: telling }).values());
  }
  consider(plainBuckets(records, telling).values());
  return { candidates, repeated: duplicates, telling, problems: shared.map(({ problem }) => problem) };
}

interface SharedValue {
  readonly entry: number;
  /** Items of the slice that carry it. */
  readonly count: number;
  readonly value: string;
  readonly problem: IdentityProblem;
}

/**
 * A value that one slice gives to several items: either the slice lists one thing twice (everything else agrees too), or the value names
 * nothing, as a serial number that a vendor never wrote.
 */
function sharedValues(rule: IdentityRule, records: readonly IdentityRecord[], values: ReadonlyMap<string, RecordValues>) {
  const duplicates = new Map<string, IdentityProblem>();
  const shared: SharedValue[] = [];
  for (const [entry, { name, parts }] of rule.identifiers.entries()) {
    // What is a name within a parent only is expected to come again in another.
    if (parts.length !== 1) continue;
    for (const [key, holders] of holdersOf(records, values, entry)) {
      if (holders.length < 2) continue;
      const evidence =
        holders.length > MAX_SHARED ? [] : [...pairsOf(holders)].map(([a, b]) => ({ a, b, ...weighPair(rule, values, a, b) }));
      const isRepeated =
        evidence.length > 0 && evidence.every(({ agrees, differs, decides }) => decides && agrees.length > 1 && differs.length === 0);
      if (isRepeated) {
        const items = holders.map(({ id }) => id);
        duplicates.set(items.join('\n'), {
          type: 'duplicate',
          thing: rule.thing,
          items,
          reason: `${evidence[0]?.agrees.join(' and ')} are the same on ${items.length} items of one source, and nothing differs`,
        });
        continue;
      }
      const value = key.slice(key.indexOf('\n') + 1);
      const items = holders.map(({ id }) => id);
      const reason = `${name} "${value}" stands on ${items.length} different items of one source and names none of them`;
      shared.push({
        entry,
        count: items.length,
        value,
        problem: { type: 'shared-identifier', thing: rule.thing, items: items.slice(0, 20), reason },
      });
    }
  }
  return { duplicates: [...duplicates.values()], shared };
}

function weighPair(rule: IdentityRule, values: ReadonlyMap<string, RecordValues>, a: IdentityRecord, b: IdentityRecord) {
  return weigh(rule, values.get(a.id) as RecordValues, values.get(b.id) as RecordValues);
}

function holdersOf(
  records: readonly IdentityRecord[],
  values: ReadonlyMap<string, RecordValues>,
  entry: number,
): ReadonlyMap<string, IdentityRecord[]> {
  const holders = new Map<string, IdentityRecord[]>();
  for (const record of records) {
    for (const value of values.get(record.id)?.parts[entry]?.[0] ?? []) {
      for (const slice of record.slices) put(holders, `${slice}\n${value}`, record);
    }
  }
  return holders;
}

function withoutShared(values: RecordValues, nameless: ReadonlySet<string>): RecordValues {
  if (nameless.size === 0) return values;
  const isTelling = (entry: number) => (value: string) => !nameless.has(`${entry}\n${value}`);
  return {
    ...values,
    parts: values.parts.map((parts, entry) => (parts.length === 1 ? parts.map((own) => own.filter(isTelling(entry))) : parts)),
  };
}

/** Drops values that stand in any field of too many items of one slice. */
function withoutPlainCrowds(
  records: readonly IdentityRecord[],
  values: ReadonlyMap<string, RecordValues>,
): ReadonlyMap<string, RecordValues> {
  const holders = new Map<string, IdentityRecord[]>();
  for (const record of records) {
    for (const value of new Set(values.get(record.id)?.plain.flat()))
      for (const slice of record.slices) put(holders, `${slice}\n${value}`, record);
  }
  const crowded = new Set([...holders].flatMap(([key, { length }]) => (length >= NAMELESS ? [key.slice(key.indexOf('\n') + 1)] : [])));
  if (crowded.size === 0) return values;
  return new Map(
    [...values].map(([id, own]) => [id, { ...own, plain: own.plain.map((list) => list.filter((value) => !crowded.has(value))) }]),
  );
}

/** Records by what they say in whatever field. */
function plainBuckets(
  records: readonly IdentityRecord[],
  values: ReadonlyMap<string, RecordValues>,
): ReadonlyMap<string, IdentityRecord[]> {
  const buckets = new Map<string, IdentityRecord[]>();
  for (const record of records) for (const value of new Set(values.get(record.id)?.plain.flat())) put(buckets, value, record);
  return buckets;
}

/** Records by each combination of the values of an entry's parts. */
function bucketsOf(
  { parts }: IdentifierEntry,
  index: number,
  { records, values }: { readonly records: readonly IdentityRecord[]; readonly values: ReadonlyMap<string, RecordValues> },
): ReadonlyMap<string, IdentityRecord[]> {
  const buckets = new Map<string, IdentityRecord[]>();
  for (const record of records) {
    const own = values.get(record.id)?.parts[index] ?? [];
    const keys = parts.reduce<readonly string[]>(
      (known, { as }, part) => known.flatMap((key) => (own[part] ?? []).map((value) => `${key}\n${lookupKey(value, as)}`)),
      [''],
    );
    for (const key of new Set(keys)) put(buckets, key, record);
  }
  return buckets;
}

function put(map: Map<string, IdentityRecord[]>, key: string, record: IdentityRecord): void {
  const known = map.get(key);
  if (known) known.push(record);
  else map.set(key, [record]);
}

function* pairsOf(records: readonly IdentityRecord[]): Generator<readonly [IdentityRecord, IdentityRecord]> {
  for (const [index, a] of records.entries()) for (const b of records.slice(index + 1)) yield a.id < b.id ? [a, b] : [b, a];
}

export function isSameSlice(a: IdentityRecord, b: IdentityRecord): boolean {
  return a.slices.some((slice) => b.slices.includes(slice));
}
