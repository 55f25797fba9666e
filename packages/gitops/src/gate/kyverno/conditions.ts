import { isMap } from '../schema/schema-flaws.ts';
import { QueryError } from './jmespath/query-value.ts';
import { conditionHolds } from './operators.ts';
import { substitute } from './substitute.ts';

/**
 * Whether conditions hold: one of `any` and all of `all`, or, written as a list, all of it. Without conditions they do.
 * Conditions behind one that decides are not looked at. Throws as {@link substitute} does.
 */
export function conditionsHold(conditions: unknown, data: unknown): boolean {
  if (conditions === undefined || conditions === null) return true;
  if (Array.isArray(conditions)) return conditions.every((condition) => holds(condition, data));
  if (!isMap(conditions)) throw new QueryError('conditions are neither a map with any and all nor a list');
  const [any, all] = [conditions.any, conditions.all].map(asList);
  return (any === undefined || any.some((condition) => holds(condition, data))) && (all ?? []).every((condition) => holds(condition, data));
}

function asList(value: unknown): readonly unknown[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value)) throw new QueryError('any and all are lists of conditions');
  return value;
}

function holds(condition: unknown, data: unknown): boolean {
  if (!isMap(condition)) throw new QueryError('a condition is a map with key, operator and value');
  const key = substitute(condition.key ?? null, data);
  const value = substitute(condition.value ?? null, data);
  return conditionHolds(String(condition.operator), key, value);
}
