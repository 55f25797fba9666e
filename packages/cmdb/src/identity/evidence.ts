import type { IdentityRecord } from './identity-record.ts';
import type { FieldReference, IdentifierEntry, IdentityRule } from './identity-rule.ts';
import { isSameValue, type Normaliser, normalise } from './normalise.ts';

/** What a record says that could name it, in the order of the rule's identifiers. */
export interface RecordValues {
  /** Comparable values of each part of each identifier. */
  readonly parts: readonly (readonly (readonly string[])[])[];
  /** The same values whatever field they should stand in: people and imports put them into the wrong one. */
  readonly plain: readonly (readonly string[])[];
}

/** What speaks for and against two records being one thing. */
export interface PairEvidence {
  /** Names of the identifiers that agree, strongest first. */
  readonly agrees: readonly string[];
  readonly differs: readonly string[];
  /** Above 0: more speaks for it than against it. */
  readonly score: number;
  /** Whether an identifier agrees that may decide. */
  readonly decides: boolean;
}

/**
 * Points of an identifier that agrees, and that differs. Equal values are rarely chance, differing ones often a mistake or an exchanged
 * part: agreement weighs twice as much (the asymmetry of m and u probabilities in Fellegi and Sunter, 1969).
 */
const POINTS = { decides: { agrees: 4, differs: -2 }, supports: { agrees: 2, differs: -1 } } as const;

/** Values shorter than this are in too many fields by chance. */
const PLAIN_LENGTH = 5;

/** The comparable values of a record. `rootOf` gives the thing that a parent's id stands for. */
export function recordValues(record: IdentityRecord, rule: IdentityRule, rootOf: (id: string) => string): RecordValues {
  const parts = rule.identifiers.map((entry) =>
    entry.parts.map(({ anyOf, as }) => [...new Set(anyOf.flatMap((field) => valuesOf(record, field, { as, rootOf })))]),
  );
  const plain = rule.identifiers.map((entry) => {
    const [part] = entry.parts;
    // What names a thing within its parent only means nothing in another field.
    if (!part || entry.parts.length > 1 || entry.strength === 'supports') return [];
    const fields = part.anyOf.filter((field) => !field.startsWith('parent:'));
    return [...new Set(fields.flatMap((field) => valuesOf(record, field, { as: 'plain', rootOf })))].filter(
      (value) => value.length >= PLAIN_LENGTH,
    );
  });
  return { parts, plain };
}

/** What several records of one thing say together. */
export function unitedValues(values: readonly RecordValues[]): RecordValues {
  const [first, ...others] = values;
  if (!first || others.length === 0) return first ?? { parts: [], plain: [] };
  const union = (lists: readonly (readonly string[])[]) => [...new Set(lists.flat())];
  return {
    parts: first.parts.map((parts, entry) => parts.map((_, part) => union(values.map((one) => one.parts[entry]?.[part] ?? [])))),
    plain: first.plain.map((_, entry) => union(values.map((one) => one.plain[entry] ?? []))),
  };
}

function valuesOf(
  record: IdentityRecord,
  field: FieldReference,
  { as, rootOf }: { readonly as: Normaliser; readonly rootOf: (id: string) => string },
): readonly string[] {
  if (field === 'name') return normalise(record.name, as);
  const rest = field.slice(field.indexOf(':') + 1);
  if (field.startsWith('parent:')) return (record.parents[rest as keyof typeof record.parents] ?? []).map(rootOf);
  if (field.startsWith('identifier:')) {
    return record.identifiers.filter(({ scheme }) => scheme === rest).flatMap(({ value }) => normalise(value, as));
  }
  const value = Object.hasOwn(record.columns, rest) ? record.columns[rest] : undefined;
  return value === undefined ? [] : normalise(String(value), as);
}

/** Weighs two records of one rule. An identifier that one of them lacks says nothing. */
export function weigh(rule: IdentityRule, a: RecordValues, b: RecordValues): PairEvidence {
  const agrees: string[] = [];
  const differs: string[] = [];
  const misplaced = new Set<string>();
  let score = 0;
  let decides = false;
  const agree = (name: string, strength: keyof typeof POINTS) => {
    agrees.push(name);
    score += POINTS[strength].agrees;
    decides ||= strength === 'decides';
  };
  for (const [index, entry] of rule.identifiers.entries()) {
    const { name, strength = 'decides' } = entry;
    const verdict = compareEntry(entry, a.parts[index] ?? [], b.parts[index] ?? []);
    const elsewhere = verdict ? undefined : (inOtherField(a, b, index) ?? inOtherField(b, a, index));
    if (verdict) agree(name, strength);
    else if (elsewhere !== undefined) {
      if (!misplaced.has(elsewhere)) agree(`${name} in another field`, strength);
      misplaced.add(elsewhere);
    } else if (verdict === false) {
      differs.push(name);
      score += POINTS[strength].differs;
    }
  }
  return { agrees, differs, score, decides };
}

/** A value of one record's identifier that the other one has in the field of another. */
function inOtherField(a: RecordValues, b: RecordValues, index: number): string | undefined {
  return a.plain[index]?.find((value) => b.plain.some((values, other) => other !== index && values.includes(value)));
}

/** Undefined where one side lacks a part. */
function compareEntry(entry: IdentifierEntry, a: readonly (readonly string[])[], b: readonly (readonly string[])[]): boolean | undefined {
  const isWhole = entry.parts.every((_, part) => (a[part]?.length ?? 0) > 0 && (b[part]?.length ?? 0) > 0);
  if (!isWhole) return undefined;
  return entry.parts.every(({ as }, part) => a[part]?.some((left) => b[part]?.some((right) => isSameValue(left, right, as))));
}
