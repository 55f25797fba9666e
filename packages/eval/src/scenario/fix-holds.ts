import { canonicalJson, parseFieldPath, parseQuantity, readField } from '@tier0/core';
import type { AcceptableFix, FixPredicate, SubjectRef } from './scenario.ts';

/** Finds an object of the repaired snapshot; undefined when it is not there. */
export type ObjectLookup = (subject: SubjectRef) => unknown;

/** Whether one of the acceptable repairs holds: all of its predicates, on the objects as they are after the edit. */
export function fixHolds(fixes: readonly AcceptableFix[], objectOf: ObjectLookup): boolean {
  return fixes.some((fix) => fix.all.every((predicate) => holds(predicate, objectOf)));
}

function holds(predicate: FixPredicate, objectOf: ObjectLookup): boolean {
  const object = objectOf(predicate.object);
  const value = predicate.path === '' ? object : readField(object, parseFieldPath(predicate.path));
  if (predicate.exists !== undefined) return (value !== undefined) === predicate.exists;
  if (predicate.equals !== undefined) return same(value, predicate.equals);
  if (predicate.oneOf !== undefined) return predicate.oneOf.some((option) => same(value, option));
  const amount = amountOf(value);
  if (amount === undefined) return false;
  const bound = amountOf(predicate.atLeast ?? predicate.atMost) ?? Number.NaN;
  return predicate.atLeast !== undefined ? amount >= bound : amount <= bound;
}

function amountOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : parseQuantity(value);
}

function same(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null);
}
