import { isDeepStrictEqual } from 'node:util';
import { isMap } from '../../schema/schema-flaws.ts';
import { callQueryFunction } from './call-function.ts';
import { parseQuery, type QueryNode } from './query.ts';
import { isFalse, mustBeKnown, NotKnown, UndecidableQuery, UnknownKeyError } from './query-value.ts';

/** A function's argument `&expression`: what it makes of a value. */
export type Reference = (value: unknown) => unknown;

type Node<T extends QueryNode['type']> = Extract<QueryNode, { readonly type: T }>;

/**
 * Evaluates an expression on data as Kyverno does: JMESPath, but a key that a map does not have is an error that most operators take for null.
 * Throws QueryError for what is one to Kyverno too, UndecidableQuery for what cannot be told here.
 */
export function searchData(expression: string, data: unknown): unknown {
  return evaluate(parseQuery(expression), data) ?? null;
}

function evaluate(node: QueryNode, value: unknown): unknown {
  switch (node.type) {
    case 'Identity':
    case 'Current':
      return value;
    case 'Literal':
      return node.value;
    case 'Field':
      return field(node.name, value);
    case 'Index':
      return Array.isArray(value) ? (value.at(node.value) ?? null) : null;
    case 'Slice':
      return Array.isArray(value) ? slice(value, node) : null;
    case 'Subexpression':
    case 'IndexExpression':
      return evaluate(node.right, evaluate(node.left, value));
    case 'Pipe':
      return orNull(node.right, orNull(node.left, value));
    case 'Projection':
      return project(orNull(node.left, value), node.right);
    case 'ValueProjection':
      return projectValues(node, value);
    case 'FilterProjection':
      return filter(node, value);
    case 'Flatten':
      return flatten(orAnyNull(node.child, value));
    default:
      return evaluateOperator(node, value);
  }
}

function evaluateOperator(node: QueryNode, value: unknown): unknown {
  switch (node.type) {
    case 'OrExpression': {
      const left = orNull(node.left, value);
      return isFalse(left) ? orNull(node.right, value) : left;
    }
    case 'AndExpression': {
      const left = orNull(node.left, value);
      return isFalse(left) ? left : evaluate(node.right, value);
    }
    case 'NotExpression':
      return isFalse(orNull(node.child, value));
    case 'Comparator':
      return compare(node.name, orNull(node.left, value), orNull(node.right, value));
    case 'MultiSelectList':
      return value === null ? null : node.children.map((child) => orNull(child, value));
    case 'MultiSelectHash':
      return value === null ? null : Object.fromEntries(node.children.map((child) => [child.name, orNull(child.value, value)]));
    case 'ExpressionReference':
      return ((inner: unknown) => orNull(node.child, inner)) satisfies Reference;
    case 'Function':
      return callQueryFunction(
        node.name,
        node.children.map((child) => orNull(child, value)),
      );
    default:
      throw new UndecidableQuery(`an expression of the kind ${node.type} is not known to Kyverno's JMESPath`);
  }
}

/** A key that is not there is null here; other errors are not taken for anything. */
function orNull(node: QueryNode, value: unknown): unknown {
  try {
    return evaluate(node, value) ?? null;
  } catch (error) {
    if (error instanceof UnknownKeyError) return null;
    throw error;
  }
}

/** Left of `[]`, `[?]` and `*` every error is null; what cannot be told stays so. */
function orAnyNull(node: QueryNode, value: unknown): unknown {
  try {
    return evaluate(node, value);
  } catch (error) {
    if (error instanceof UndecidableQuery) throw error;
    return null;
  }
}

function field(name: string, value: unknown): unknown {
  if (!isMap(value)) return null;
  if (value instanceof NotKnown) throw new UndecidableQuery(`${value.what} is not known here`);
  if (!Object.hasOwn(value, name)) throw new UnknownKeyError(name);
  const found = value[name];
  if (found instanceof NotKnown) throw new UndecidableQuery(`${found.what} is not known here`);
  return found;
}

function project(list: unknown, node: QueryNode): unknown {
  if (!Array.isArray(list)) return null;
  return list.map((entry) => orNull(node, entry)).filter((entry) => entry !== null);
}

function projectValues({ left, right }: { readonly left: QueryNode; readonly right: QueryNode }, value: unknown): unknown {
  const map = orAnyNull(left, value);
  if (!isMap(map)) return null;
  // Kyverno's JMESPath puts as many nulls before the values as there are: a function that does not take null fails on them.
  const values = Object.values(map);
  return project([...values.map(() => null), ...values], right);
}

function filter({ left, right, condition }: Node<'FilterProjection'>, value: unknown): unknown {
  const list = orAnyNull(left, value);
  if (!Array.isArray(list)) return null;
  return project(
    list.filter((entry) => !isFalse(orNull(condition, entry))),
    right,
  );
}

function flatten(list: unknown): unknown {
  return Array.isArray(list) ? list.flatMap((entry): readonly unknown[] => (Array.isArray(entry) ? entry : [entry])) : null;
}

function compare(name: Node<'Comparator'>['name'], left: unknown, right: unknown): unknown {
  mustBeKnown([left, right]);
  if (name === 'EQ') return isDeepStrictEqual(left, right);
  if (name === 'NE') return !isDeepStrictEqual(left, right);
  if (typeof left !== 'number' || typeof right !== 'number') return null;
  if (name === 'GT') return left > right;
  if (name === 'GTE') return left >= right;
  return name === 'LT' ? left < right : left <= right;
}

/** `[start:stop:step]`, as Python takes it. */
function slice(list: readonly unknown[], { start, stop, step }: Node<'Slice'>): readonly unknown[] {
  const by = step ?? 1;
  if (by === 0) throw new UndecidableQuery('a slice with the step 0');
  const inside = (at: number, most: number) => Math.max(by < 0 ? -1 : 0, Math.min(at < 0 ? at + list.length : at, most));
  const from = start === null ? (by < 0 ? list.length - 1 : 0) : inside(start, by < 0 ? list.length - 1 : list.length);
  const to = stop === null ? (by < 0 ? -1 : list.length) : inside(stop, by < 0 ? list.length - 1 : list.length);
  const found: unknown[] = [];
  for (let at = from; by > 0 ? at < to : at > to; at += by) found.push(list[at]);
  return found;
}
