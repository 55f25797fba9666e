import type { ASTNode } from '@marcbachmann/cel-js';
import type { CelCost } from './cost.ts';
import { callFunction, isNamespace } from './functions/table.ts';
import { MACROS } from './macros.ts';
import { calculate, compare, contains, equals, indexOf, negate, noOverload } from './values/operators.ts';
import {
  CelError,
  CelOptional,
  CelRecord,
  CelType,
  CelUint,
  CelUnknown,
  type CelValue,
  isCelMap,
  NONE,
  undecidable,
} from './values/value.ts';

/** Names that an expression can see, the innermost first. */
export interface Scope {
  readonly name: string;
  readonly value: CelValue;
  readonly outer: Scope | undefined;
}

/** What an evaluation needs besides the expression. */
export interface Evaluation {
  readonly variables: ReadonlyMap<string, CelValue>;
  readonly cost: CelCost;
}

const TYPES = new Map(
  ['int', 'uint', 'double', 'bool', 'string', 'bytes', 'list', 'map', 'null_type', 'type', 'optional_type'].map((name) => [
    name,
    new CelType(name),
  ]),
);
const QUALIFIED_TYPES = ['google.protobuf.Timestamp', 'google.protobuf.Duration'];

/** What an expression is worth. Throws CelError where the API server gives an error, CelUndecidable where it would know more than we do. */
export function evaluate(node: ASTNode, scope: Scope | undefined, evaluation: Evaluation): CelValue {
  const run = (inner: ASTNode) => evaluate(inner, scope, evaluation);
  switch (node.op) {
    case 'value':
      return literal(node.args);
    case 'id':
      return identifier(node.args, scope, evaluation);
    case '.':
      return select(node, scope, evaluation);
    case '.?':
      evaluation.cost.add(1);
      return optionalStep(run(node.args[0]), node.args[1]);
    case '[?]':
      evaluation.cost.add(1);
      return optionalStep(run(node.args[0]), run(node.args[1]));
    case '[]':
      evaluation.cost.add(1);
      return index(run(node.args[0]), run(node.args[1]));
    case 'list':
      evaluation.cost.add(10);
      return node.args.map(run);
    case 'map':
      evaluation.cost.add(30);
      return new Map(node.args.map(([key, value]) => [keyOf(run(key)), run(value)]));
    case '?:':
      return condition(run(node.args[0])) ? run(node.args[1]) : run(node.args[2]);
    case '&&':
      return either(
        false,
        () => run(node.args[0]),
        () => run(node.args[1]),
      );
    case '||':
      return either(
        true,
        () => run(node.args[0]),
        () => run(node.args[1]),
      );
    case '!_':
      evaluation.cost.add(1);
      return !boolean(run(node.args), '!_');
    case '-_':
      if (node.args.op === 'value' && typeof node.args.args === 'bigint') return negateLiteral(node.args.args);
      evaluation.cost.add(1);
      return negate(run(node.args));
    case 'call':
      return call(node.args[0], undefined, node.args[1], scope, evaluation);
    case 'rcall':
      return call(node.args[0], node.args[1], node.args[2], scope, evaluation);
    default:
      return binary(node as Extract<ASTNode, { op: '==' }>, run, evaluation);
  }
}

function negateLiteral(value: bigint): bigint {
  if (value > 2n ** 63n) throw new CelError('integer overflow');
  return -value;
}

/** The parser's numbers and bytes are CEL's already; its unsigned numbers are of a class that it keeps to itself. */
function literal(value: unknown): CelValue {
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) return new CelUint(BigInt(String(value.valueOf())));
  return value as CelValue;
}

function identifier(name: string, scope: Scope | undefined, { variables, cost }: Evaluation): CelValue {
  cost.add(1);
  const local = find(name, scope);
  const known = local === undefined ? variables.get(name) : local;
  if (known !== undefined) return known;
  const type = TYPES.get(name);
  if (!type) throw undecidable(new CelUnknown(name));
  return type;
}

function find(name: string, scope: Scope | undefined): CelValue | undefined {
  for (let at = scope; at; at = at.outer) if (at.name === name) return at.value;
  return undefined;
}

function select(node: Extract<ASTNode, { op: '.' }>, scope: Scope | undefined, evaluation: Evaluation): CelValue {
  const qualified = qualifiedName(node);
  if (qualified !== undefined && QUALIFIED_TYPES.includes(qualified)) return new CelType(qualified);
  evaluation.cost.add(1);
  return field(evaluate(node.args[0], scope, evaluation), node.args[1]);
}

function qualifiedName(node: ASTNode): string | undefined {
  if (node.op === 'id') return node.args;
  const before = node.op === '.' ? qualifiedName(node.args[0]) : undefined;
  return before === undefined || node.op !== '.' ? undefined : `${before}.${node.args[1]}`;
}

/** `value.name`. Behind an optional step every further one is optional too. */
function field(value: CelValue, name: string): CelValue {
  if (value instanceof CelOptional) return optionalStep(value, name);
  const found = fieldOf(value, name);
  if (found === undefined) throw new CelError(`no such key: ${name}`);
  return found;
}

function fieldOf(value: CelValue, name: string): CelValue | undefined {
  if (isCelMap(value)) return value.get(name);
  if (value instanceof CelRecord) return value.get(name);
  if (value instanceof CelUnknown) return new CelUnknown(`${value.name}.${name}`);
  throw noOverload(`_.${name}`, [value]);
}

function index(value: CelValue, key: CelValue): CelValue {
  if (value instanceof CelOptional) return optionalStep(value, key);
  const found = indexOf(value, key);
  if (found !== undefined) return found;
  throw new CelError(Array.isArray(value) ? `index out of bounds: ${String(key)}` : `no such key: ${String(key)}`);
}

function optionalStep(value: CelValue, key: CelValue): CelOptional {
  const inner = value instanceof CelOptional ? value.value : value;
  if (inner === undefined) return NONE;
  if (inner instanceof CelUnknown) throw undecidable(inner);
  const isContainer = Array.isArray(inner) || isCelMap(inner) || inner instanceof CelRecord;
  if (!isContainer) return NONE;
  const found = typeof key === 'string' && !Array.isArray(inner) ? fieldOf(inner, key) : indexOf(inner, key);
  return found === undefined ? NONE : new CelOptional(found);
}

function keyOf(value: CelValue): string | bigint | boolean {
  if (typeof value === 'string' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  if (value instanceof CelUint) return value.value;
  throw new CelError('unsupported key type');
}

function condition(value: CelValue): boolean {
  return boolean(value, '_?_:_');
}

/** The truth of a value. Throws where it is no boolean. */
export function boolean(value: CelValue, name: string): boolean {
  if (typeof value === 'boolean') return value;
  throw noOverload(name, [value]);
}

/** `&&` and `||`: the side that decides decides, whatever becomes of the other. What is not known outweighs what fails. */
export function either(decisive: boolean, left: () => CelValue, right: () => CelValue): boolean {
  const first = attempt(left);
  if (first === decisive) return decisive;
  const second = attempt(right);
  if (second === decisive) return decisive;
  const failures = [first, second].filter((result) => result instanceof Error);
  const [failure] = [...failures.filter((one) => !(one instanceof CelError)), ...failures];
  if (failure) throw failure;
  return !decisive;
}

/** A boolean, or the error in its place. */
export function attempt(run: () => CelValue): boolean | Error {
  try {
    return boolean(run(), 'logical operator');
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

function binary(node: Extract<ASTNode, { op: '==' }>, run: (node: ASTNode) => CelValue, { cost }: Evaluation): CelValue {
  const operator = node.op as string;
  const left = run(node.args[0]);
  const right = run(node.args[1]);
  cost.addOperator(operator, left, right);
  switch (operator) {
    case '==':
      return equals(left, right);
    case '!=':
      return !equals(left, right);
    case '<':
      return compare(left, right, '_<_') < 0;
    case '<=':
      return compare(left, right, '_<=_') <= 0;
    case '>':
      return compare(left, right, '_>_') > 0;
    case '>=':
      return compare(left, right, '_>=_') >= 0;
    case 'in':
      return contains(left, right);
    default:
      return calculate(operator, left, right);
  }
}

function call(
  name: string,
  receiver: ASTNode | undefined,
  args: readonly ASTNode[],
  scope: Scope | undefined,
  evaluation: Evaluation,
): CelValue {
  const macro = MACROS.get(`${receiver ? '.' : ''}${name}/${args.length}`);
  const namespace = receiver?.op === 'id' && !find(receiver.args, scope) && isNamespace(receiver.args) ? receiver.args : undefined;
  if (namespace === 'cel' && name === 'bind' && args.length === 3) {
    const [variable, value, body] = args as [ASTNode, ASTNode, ASTNode];
    return evaluate(body, { name: nameOf(variable), value: evaluate(value, scope, evaluation), outer: scope }, evaluation);
  }
  if (macro && !namespace) return macro({ receiver, args, scope, evaluation, evaluate });
  const target = receiver && !namespace ? [evaluate(receiver, scope, evaluation)] : [];
  const values = [...target, ...args.map((arg) => evaluate(arg, scope, evaluation))];
  const full = namespace ? `${namespace}.${name}` : receiver ? `.${name}` : name;
  evaluation.cost.addCall(full, values);
  return callFunction(full, values);
}

/** The name of a variable that a macro declares. */
export function nameOf(node: ASTNode): string {
  if (node.op === 'id') return node.args;
  throw new CelError('argument must be a simple name');
}
