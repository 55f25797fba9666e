import type { ASTNode } from '@marcbachmann/cel-js';
import { attempt, boolean, type Evaluation, nameOf, type Scope } from './evaluate.ts';
import { compare, noOverload } from './values/operators.ts';
import { CelError, CelOptional, CelRecord, CelUnknown, type CelValue, isCelMap, NONE, undecidable } from './values/value.ts';

/** A macro and where it stands: its arguments are expressions, not values. */
export interface MacroCall {
  readonly receiver: ASTNode | undefined;
  readonly args: readonly ASTNode[];
  readonly scope: Scope | undefined;
  readonly evaluation: Evaluation;
  readonly evaluate: (node: ASTNode, scope: Scope | undefined, evaluation: Evaluation) => CelValue;
}

type Macro = (call: MacroCall) => CelValue;

/** One round of a comprehension: what it says of an entry. */
type Round = (body: ASTNode) => CelValue;

/** Macros by name and number of arguments; a dot stands for the receiver. Two variables are index and entry, or key and value. */
export const MACROS: ReadonlyMap<string, Macro> = new Map<string, Macro>([
  ['has/1', has],
  ...each(['all', 'exists', 'exists_one', 'existsOne'], quantifier),
  ['.filter/2', (call) => rounds(call, 1).flatMap(({ entry, run }) => (isTrue(run(last(call))) ? [entry] : []))],
  ['.map/2', (call) => rounds(call, 1).map(({ run }) => run(last(call)))],
  ['.map/3', (call) => chosen(call, 1).map(({ run }) => run(last(call)))],
  ['.transformList/3', (call) => rounds(call, 2).map(({ run }) => run(last(call)))],
  ['.transformList/4', (call) => chosen(call, 2).map(({ run }) => run(last(call)))],
  ['.transformMap/3', (call) => new Map(rounds(call, 2).map(({ key, run }) => [keyText(key), run(last(call))]))],
  ['.transformMap/4', (call) => new Map(chosen(call, 2).map(({ key, run }) => [keyText(key), run(last(call))]))],
  ['.transformMapEntry/3', (call) => merge(rounds(call, 2).map(({ run }) => run(last(call))))],
  ['.transformMapEntry/4', (call) => merge(chosen(call, 2).map(({ run }) => run(last(call))))],
  ['.sortBy/2', sortBy],
  ['.optMap/2', (call) => optional(call, (value) => new CelOptional(value))],
  ['.optFlatMap/2', (call) => optional(call, asOptional)],
  ['.orValue/1', (call) => whenThere(call, (value) => value)],
  ['.or/1', (call) => whenThere(call, (value) => new CelOptional(value))],
]);

function each(names: readonly string[], make: (name: string, variables: 1 | 2) => Macro): readonly (readonly [string, Macro])[] {
  return names.flatMap((name) => [[`.${name}/2`, make(name, 1)] as const, [`.${name}/3`, make(name, 2)] as const]);
}

function has({ args, scope, evaluation, evaluate }: MacroCall): boolean {
  const [node] = args;
  if (node?.op !== '.' && node?.op !== '.?') throw new CelError('invalid argument to has() macro');
  const value = evaluate(node.args[0], scope, evaluation);
  const inner = value instanceof CelOptional ? value.value : value;
  if (inner === undefined) return false;
  if (isCelMap(inner) || inner instanceof CelRecord) return inner.has(node.args[1]);
  if (inner instanceof CelUnknown) throw undecidable(inner);
  return false;
}

interface Entry {
  readonly key: CelValue;
  readonly entry: CelValue;
  readonly run: Round;
}

/** One round for each entry of the receiver, in its order; keys of maps in one-variable form. */
function rounds(call: MacroCall, variables: 1 | 2): readonly Entry[] {
  const { args, scope, evaluation, evaluate } = call;
  const range = evaluate(call.receiver as ASTNode, scope, evaluation);
  const names = args.slice(0, variables).map(nameOf);
  return entriesOf(range, variables).map(([key, entry]) => {
    const values = variables === 1 ? [entry] : [key, entry];
    return {
      key,
      entry,
      run: (body) => {
        evaluation.cost.add(2);
        const inner = names.reduce<Scope | undefined>((outer, name, at) => ({ name, value: values[at] as CelValue, outer }), scope);
        return evaluate(body, inner, evaluation);
      },
    };
  });
}

function entriesOf(range: CelValue, variables: 1 | 2): readonly (readonly [CelValue, CelValue])[] {
  if (Array.isArray(range)) return range.map((entry, index) => [BigInt(index), entry]);
  if (isCelMap(range)) return [...range].map(([key, value]) => [key, variables === 1 ? key : value]);
  throw noOverload('comprehension', [range]);
}

/** Rounds whose filter, the last argument but one, holds. */
function chosen(call: MacroCall, variables: 1 | 2): readonly Entry[] {
  return rounds(call, variables).filter(({ run }) => isTrue(run(call.args.at(-2) as ASTNode)));
}

function quantifier(name: string, variables: 1 | 2): Macro {
  if (name !== 'all' && name !== 'exists') {
    return (call) => rounds(call, variables).filter(({ run }) => isTrue(run(last(call)))).length === 1;
  }
  const decisive = name === 'exists';
  return (call) => {
    const failures: Error[] = [];
    for (const { run } of rounds(call, variables)) {
      const result = attempt(() => run(last(call)));
      if (result === decisive) return decisive;
      if (result instanceof Error) failures.push(result);
    }
    const [failure] = [...failures.filter((one) => !(one instanceof CelError)), ...failures];
    if (failure) throw failure;
    return !decisive;
  };
}

function last({ args }: MacroCall): ASTNode {
  return args.at(-1) as ASTNode;
}

function isTrue(value: CelValue): boolean {
  return boolean(value, 'comprehension');
}

function keyText(key: CelValue): string | bigint | boolean {
  if (typeof key === 'string' || typeof key === 'bigint' || typeof key === 'boolean') return key;
  throw new CelError('unsupported key type');
}

function merge(maps: readonly CelValue[]): CelValue {
  const merged = new Map<string | bigint | boolean, CelValue>();
  for (const map of maps) {
    if (!isCelMap(map)) throw noOverload('transformMapEntry', [map]);
    for (const [key, value] of map) {
      if (merged.has(key)) throw new CelError(`insert failed: key ${String(key)} already exists`);
      merged.set(key, value);
    }
  }
  return merged;
}

function sortBy(call: MacroCall): CelValue {
  const keyed = rounds(call, 1).map(({ entry, run }) => ({ entry, key: run(last(call)) }));
  return keyed.sort((a, b) => compare(a.key, b.key)).map(({ entry }) => entry);
}

function optional(call: MacroCall, wrap: (value: CelValue) => CelValue): CelValue {
  const value = asOptional(call.evaluate(call.receiver as ASTNode, call.scope, call.evaluation));
  if (value.value === undefined) return NONE;
  const inner: Scope = { name: nameOf(call.args[0] as ASTNode), value: value.value, outer: call.scope };
  return wrap(call.evaluate(last(call), inner, call.evaluation));
}

function asOptional(value: CelValue): CelOptional {
  if (value instanceof CelOptional) return value;
  throw noOverload('optional', [value]);
}

/** `or` and `orValue`: what stands behind them is looked at only when it is needed. A value that is no optional is there. */
function whenThere(call: MacroCall, wrap: (value: CelValue) => CelValue): CelValue {
  const value = call.evaluate(call.receiver as ASTNode, call.scope, call.evaluation);
  if (value instanceof CelUnknown) throw undecidable(value);
  if (!(value instanceof CelOptional)) return value;
  return value.value === undefined ? call.evaluate(last(call), call.scope, call.evaluation) : wrap(value.value);
}
