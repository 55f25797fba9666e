import type { IdentityRecord } from './identity-record.ts';
import type { FieldReference, IdentifierEntry, IdentityRule } from './identity-rule.ts';
import { isSameValue, type Normaliser, normalise } from './normalise.ts';

/** Values of each part of each identifier entry of a record, in the order of the rule. */
export type RecordValues = readonly (readonly (readonly string[])[])[];

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

/** The comparable values of a record. `rootOf` gives the thing that a parent's id stands for. */
export function recordValues(record: IdentityRecord, rule: IdentityRule, rootOf: (id: string) => string): RecordValues {
  return rule.identifiers.map(({ parts }) =>
    parts.map(({ anyOf, as }) => [...new Set(anyOf.flatMap((field) => valuesOf(record, field, { as, rootOf })))]),
  );
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
  let score = 0;
  let decides = false;
  for (const [index, entry] of rule.identifiers.entries()) {
    const verdict = compareEntry(entry, a[index] ?? [], b[index] ?? []);
    if (verdict === undefined) continue;
    const { strength = 'decides' } = entry;
    (verdict ? agrees : differs).push(entry.name);
    score += POINTS[strength][verdict ? 'agrees' : 'differs'];
    decides ||= verdict && strength === 'decides';
  }
  return { agrees, differs, score, decides };
}

/** Undefined where one side lacks a part. */
function compareEntry(entry: IdentifierEntry, a: readonly (readonly string[])[], b: readonly (readonly string[])[]): boolean | undefined {
  const isWhole = entry.parts.every((_, part) => (a[part]?.length ?? 0) > 0 && (b[part]?.length ?? 0) > 0);
  if (!isWhole) return undefined;
  return entry.parts.every(({ as }, part) => a[part]?.some((left) => b[part]?.some((right) => isSameValue(left, right, as))));
}
