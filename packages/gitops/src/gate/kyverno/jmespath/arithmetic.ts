import { parseExactQuantity, type Quantity } from '../../cel/functions/quantity.ts';
import { durationOf, durationText } from '../scalars/go-duration.ts';
import { QueryError, UndecidableQuery } from './query-value.ts';

type Operation = 'add' | 'subtract' | 'multiply' | 'divide' | 'modulo';
type Operand =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'quantity'; readonly value: Quantity }
  | { readonly kind: 'duration'; readonly value: bigint };

/** Kyverno's arithmetic on numbers, durations and quantities. What gives a quantity is not written here: nobody knows which suffix it would get. */
export function calculate(operation: Operation, a: unknown, b: unknown): unknown {
  const [left, right] = [operandOf(a, operation), operandOf(b, operation)];
  if (left.kind === 'number' && right.kind === 'number') return ofNumbers(operation, left.value, right.value);
  if (left.kind === 'duration' && right.kind === 'duration') return ofDurations(operation, left.value, right.value);
  if (left.kind === 'quantity' && right.kind === 'quantity' && operation === 'divide') return quotient(left.value, right.value);
  throw new UndecidableQuery(`${operation} of a ${left.kind} and a ${right.kind} is not done here`);
}

function operandOf(value: unknown, operation: Operation): Operand {
  if (typeof value === 'number') return { kind: 'number', value };
  if (typeof value === 'string') {
    const quantity = parseExactQuantity(value);
    if (quantity) return { kind: 'quantity', value: quantity };
    const duration = durationOf(value);
    if (duration !== undefined) return { kind: 'duration', value: duration };
  }
  throw new QueryError(`${operation} takes numbers, quantities and durations, not ${JSON.stringify(value)}`);
}

function ofNumbers(operation: Operation, a: number, b: number): number {
  if ((operation === 'divide' || operation === 'modulo') && b === 0) throw new QueryError(`${operation} by zero`);
  if (operation === 'add') return a + b;
  if (operation === 'subtract') return a - b;
  if (operation === 'multiply') return a * b;
  if (operation === 'divide') return a / b;
  if (!Number.isInteger(a) || !Number.isInteger(b)) throw new QueryError('modulo takes whole numbers');
  return (a % b) + 0;
}

function ofDurations(operation: Operation, a: bigint, b: bigint): unknown {
  if (operation === 'add') return durationText(a + b);
  if (operation === 'subtract') return durationText(a - b);
  if (operation === 'multiply') throw new QueryError('durations cannot be multiplied');
  if (b === 0n) throw new QueryError(`${operation} by zero`);
  return operation === 'divide' ? Number(a) / Number(b) : durationText(a % b);
}

function quotient(a: Quantity, b: Quantity): number {
  const zero = parseExactQuantity('0');
  if (zero && b.compareTo(zero) === 0) throw new QueryError('divide by zero');
  const scale = Math.min(a.scale, b.scale);
  const [left, right] = [a.digits * 10n ** BigInt(a.scale - scale), b.digits * 10n ** BigInt(b.scale - scale)];
  return Number(left) / Number(right);
}
