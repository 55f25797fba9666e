import { Environment } from '@marcbachmann/cel-js';
import { registerKubernetesLibrary } from './kubernetes-library.ts';

/** What an expression may look at, as plain JSON. A name that is missing here cannot be decided on. */
export type CelVariables = Readonly<Record<string, unknown>>;

/** What became of an expression. An error is an answer: it says why the expression could not be decided. */
export type CelResult = { readonly status: 'value'; readonly value: unknown } | { readonly status: 'error'; readonly reason: string };

/** Longer expressions are refused: Kubernetes itself stops far below. */
const MAX_LENGTH = 100_000;

let environment: Environment | undefined;
const parsed = new Map<string, (variables: Record<string, unknown>) => unknown>();

/** Evaluates one CEL expression with the libraries of Kubernetes. Never throws: what cannot be parsed or decided is said. */
export function evaluateCel(expression: string, variables: CelVariables): CelResult {
  if (expression.length > MAX_LENGTH) return { status: 'error', reason: `the expression is longer than ${MAX_LENGTH} characters` };
  if (/\bauthorizer\b/.test(expression))
    return { status: 'error', reason: 'the authorizer asks a live API server, which is not asked here' };
  try {
    const value = parse(expression)(Object.fromEntries(Object.entries(variables).map(([name, entry]) => [name, toCel(entry)])));
    return value instanceof Promise
      ? { status: 'error', reason: 'the expression does not decide at once' }
      : { status: 'value', value: fromCel(value) };
  } catch (error) {
    return { status: 'error', reason: firstLine(error) };
  }
}

/** Why an expression is not CEL; undefined when it is. */
export function celSyntaxFlaw(expression: string): string | undefined {
  try {
    parse(expression);
    return undefined;
  } catch (error) {
    return firstLine(error);
  }
}

function parse(expression: string): (variables: Record<string, unknown>) => unknown {
  const known = parsed.get(expression);
  if (known) return known;
  environment ??= registerKubernetesLibrary(
    new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true, homogeneousAggregateLiterals: false }),
  );
  const program = environment.parse(expression) as (variables: Record<string, unknown>) => unknown;
  if (parsed.size > 1000) parsed.clear();
  parsed.set(expression, program);
  return program;
}

/** JSON has one kind of number, CEL two: whole numbers are ints. */
function toCel(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(toCel);
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, toCel(entry)]));
}

function fromCel(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(fromCel);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, entry]) => [String(key), fromCel(entry)]));
  if (value === null || typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, fromCel(entry)]));
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? 'unknown';
}
