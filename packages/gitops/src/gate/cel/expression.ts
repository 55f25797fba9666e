import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { CelCost } from './cost.ts';
import { evaluate } from './evaluate.ts';
import { isFunction, isNamespace } from './functions/table.ts';
import { MACROS } from './macros.ts';
import { CelError, CelUndecidable, type CelValue, fromCel, toCel } from './values/value.ts';

/** What an expression may look at, as plain JSON. A name that is missing here cannot be decided on. */
export type CelVariables = Readonly<Record<string, unknown>>;

/**
 * What became of an expression. An error is an answer: it says why the expression could not be decided. `unknown` marks an error that comes
 * of what is not known here; without it the API server would fail as well.
 */
export type CelResult =
  | { readonly status: 'value'; readonly value: unknown }
  | { readonly status: 'error'; readonly reason: string; readonly unknown?: true };

/** Longer expressions are refused: Kubernetes itself stops far below. */
const MAX_LENGTH = 100_000;

/** The package parses; what the tree means is worked out here, as cel-go does. */
let environment: Environment | undefined;
const parsed = new Map<string, ASTNode>();

/** Evaluates one CEL expression with the libraries of Kubernetes. Never throws: what cannot be parsed or decided is said. */
export function evaluateCel(expression: string, variables: CelVariables): CelResult {
  const values = new Map(Object.entries(variables).map(([name, value]) => [name, toCel(value)]));
  const result = runCel(expression, values);
  return result.status === 'value' ? { status: 'value', value: fromCel(result.value) } : result;
}

/** An expression's result as CEL keeps it, so that what it gives can be given to another expression. */
export type CelOutcome = { readonly status: 'value'; readonly value: CelValue } | Extract<CelResult, { status: 'error' }>;

/** Evaluates an expression on values of CEL. Never throws. */
export function runCel(expression: string, variables: ReadonlyMap<string, CelValue>, cost: CelCost = new CelCost()): CelOutcome {
  try {
    return { status: 'value', value: evaluate(parse(expression), undefined, { variables, cost }) };
  } catch (error) {
    const reason = firstLine(error);
    if (error instanceof CelError) return { status: 'error', reason };
    return { status: 'error', reason: error instanceof RangeError ? 'the expression is nested too deeply' : reason, unknown: true };
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

function parse(expression: string): ASTNode {
  if (expression.length > MAX_LENGTH) throw new CelUndecidable(`the expression is longer than ${MAX_LENGTH} characters`);
  const known = parsed.get(expression);
  if (known) return known;
  environment ??= new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  const { ast } = environment.parse(expression) as unknown as { readonly ast: ASTNode };
  const strange = unknownFunction(ast);
  if (strange !== undefined) throw new CelUndecidable(`the function ${strange} is not known here`);
  if (parsed.size > 1000) parsed.clear();
  parsed.set(expression, ast);
  return ast;
}

/** The name of a function that is called and that nobody here knows: the API server would not take the policy, or knows more. */
function unknownFunction(node: unknown): string | undefined {
  if (Array.isArray(node)) return node.map(unknownFunction).find((name) => name !== undefined);
  if (typeof node !== 'object' || node === null || !('op' in node)) return undefined;
  const { op, args } = node as ASTNode;
  if (op === 'call') return isKnown(args[0], undefined, args[1].length) ? unknownFunction(args[1]) : args[0];
  if (op === 'rcall') {
    const [name, receiver, rest] = args;
    const namespace = receiver.op === 'id' && isNamespace(receiver.args) ? receiver.args : undefined;
    if (isAuthorizer(receiver)) return undefined;
    if (!isKnown(name, receiver, rest.length) && !(namespace && isFunction(`${namespace}.${name}`))) {
      return namespace || receiver.op === 'id' ? `${receiver.op === 'id' ? receiver.args : ''}.${name}` : name;
    }
    return unknownFunction([receiver, rest]);
  }
  return unknownFunction(args);
}

function isKnown(name: string, receiver: ASTNode | undefined, count: number): boolean {
  const full = receiver ? `.${name}` : name;
  const isBind = name === 'bind' && receiver?.op === 'id' && receiver.args === 'cel';
  return isBind || MACROS.has(`${full}/${count}`) || isFunction(full);
}

/** The authorizer is a value that is not known, and so is all that it is asked. */
function isAuthorizer(node: ASTNode): boolean {
  if (node.op === 'id') return node.args === 'authorizer';
  if (node.op === '.') return isAuthorizer(node.args[0]);
  return node.op === 'rcall' && isAuthorizer(node.args[1]);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? 'unknown';
}
