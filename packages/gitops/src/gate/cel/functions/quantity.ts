import { CelError, CelOpaque, type CelValue } from '../values/value.ts';
import { type Library, type Overload, of, ofText, ofTwo } from './overload.ts';

/** A Kubernetes quantity, exact: `digits` times ten to the power of `scale`. */
export class Quantity extends CelOpaque {
  readonly typeName = 'kubernetes.Quantity';
  readonly digits: bigint;
  readonly scale: number;
  /** Whether apimachinery keeps it as an int64 and a scale, not as a decimal of any length: only then it can be an integer to CEL. */
  readonly short: boolean;
  constructor(digits: bigint, scale: number, short: boolean) {
    super();
    this.digits = digits;
    this.scale = scale;
    this.short = short && digits < MAX && digits > -MAX;
  }

  /** Sign of the difference. */
  compareTo(other: Quantity): number {
    return Number(compare(this, other));
  }

  equals(other: CelOpaque): boolean {
    return other instanceof Quantity && compare(this, other) === 0n;
  }
}

const MAX = 2n ** 63n;
/** Digits that always fit an int64. */
const SAFE_DIGITS = 18;
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

/** Reads a quantity as apimachinery's `ParseQuantity` does: fractions below a billionth are rounded up. */
export function parseExactQuantity(text: string): Quantity | undefined {
  const [, sign = '', head = '', fraction = '', suffix = ''] = /^([-+]?)(\d*)(?:\.(\d*))?((?:[eE][-+]?\d+)|[A-Za-z]*)$/.exec(text) ?? [];
  if (head === '' && fraction === '') return undefined;
  const size = scaleOf(suffix);
  if (size === undefined) return undefined;
  const whole = head.replace(/^0+(?=\d)/, '');
  const scale = size.exponent - fraction.length;
  const digits = BigInt(sign + whole.padStart(1, '0') + fraction) * 2n ** BigInt(size.binary);
  const most = (MAX - 1n) * 10n ** BigInt(-Math.min(scale, 0));
  // Quantities with a binary suffix end at what an int64 holds; others do not.
  if (size.binary > 0 && (digits > most || digits < -most)) return new Quantity(digits > most ? MAX - 1n : 1n - MAX, 0, false);
  const room = size.binary > 0 ? 15 - whole.length - Math.trunc((size.binary * 3) / 10) - 1 : SAFE_DIGITS - whole.length - fraction.length;
  const isShort = room >= 0 && scale >= -9 && (size.binary === 0 || fraction === '');
  if (isShort) return new Quantity(digits, scale, true);
  // A decimal of any length is kept in billionths.
  return new Quantity(scale < -9 ? divideUp(digits, 10n ** BigInt(-9 - scale)) : digits * 10n ** BigInt(scale + 9), -9, false);
}

function scaleOf(suffix: string): { readonly binary: number; readonly exponent: number } | undefined {
  if (Object.hasOwn(BINARY, suffix)) return { binary: BINARY[suffix] ?? 0, exponent: 0 };
  if (Object.hasOwn(DECIMAL, suffix)) return { binary: 0, exponent: DECIMAL[suffix] ?? 0 };
  const exponent = /^[eE]([-+]?\d{1,3})$/.exec(suffix)?.[1];
  return exponent === undefined ? undefined : { binary: 0, exponent: Number(exponent) };
}

/** Away from zero. */
function divideUp(value: bigint, by: bigint): bigint {
  const rest = value % by;
  return value / by + (rest === 0n ? 0n : rest > 0n ? 1n : -1n);
}

/** Both with the smaller scale. */
function align(a: Quantity, b: Quantity): readonly [bigint, bigint, number] {
  const scale = Math.min(a.scale, b.scale);
  return [a.digits * 10n ** BigInt(a.scale - scale), b.digits * 10n ** BigInt(b.scale - scale), scale];
}

function compare(a: Quantity, b: Quantity): bigint {
  const [left, right] = align(a, b);
  return left < right ? -1n : left > right ? 1n : 0n;
}

/** The quantity library. */
export const QUANTITIES: Library = {
  quantity: ofText(read),
  isQuantity: ofText((text) => parseExactQuantity(text) !== undefined),
  '.isLessThan': ofTwo(Quantity, (a, b) => compare(a, b) < 0n),
  '.isGreaterThan': ofTwo(Quantity, (a, b) => compare(a, b) > 0n),
  '.compareTo': ofTwo(Quantity, compare),
  '.sign': of(Quantity, signOf),
  sign: of(Quantity, signOf),
  '.isInteger': of(Quantity, (quantity) => integerOf(quantity) !== undefined),
  '.asInteger': of(Quantity, (quantity) => {
    const integer = integerOf(quantity);
    if (integer === undefined) throw new CelError('cannot convert value to integer');
    return integer;
  }),
  '.asApproximateFloat': of(Quantity, ({ digits, scale }) => (scale === 0 ? Number(digits) : Number(digits) * powerOfTen(scale))),
  '.add': withOther(1n),
  '.sub': withOther(-1n),
};

/** As Go's `math.Pow10` makes it: a product or quotient of two exact steps, which may be one last digit away from the nearest double. */
function powerOfTen(exponent: number): number {
  const size = Math.abs(exponent);
  const [coarse, fine] = [Math.floor(size / 32) * 32, size % 32];
  return exponent < 0 ? Number(`1e-${coarse}`) / Number(`1e${fine}`) : Number(`1e${coarse}`) * Number(`1e${fine}`);
}

function read(text: string): CelValue {
  const quantity = parseExactQuantity(text);
  if (!quantity) throw new CelError(`${JSON.stringify(text)} is not a quantity`);
  return quantity;
}

function signOf({ digits }: Quantity): bigint {
  return digits < 0n ? -1n : digits > 0n ? 1n : 0n;
}

/** A value with a fraction in its text is none, even `1.0`. */
function integerOf({ digits, scale, short }: Quantity): bigint | undefined {
  if (!short || scale < 0) return undefined;
  const value = digits * 10n ** BigInt(scale);
  return value < MAX && value > -MAX ? value : undefined;
}

function withOther(sign: 1n | -1n): Overload {
  return (a, b) => {
    if (!(a instanceof Quantity)) return undefined;
    const other = typeof b === 'bigint' ? new Quantity(b, 0, true) : b;
    return other instanceof Quantity ? sum(a, other, sign) : undefined;
  };
}

function sum(a: Quantity, b: Quantity, sign: 1n | -1n): Quantity {
  if (a.digits === 0n && a.short && b.short) return new Quantity(sign * b.digits, b.scale, true);
  const [left, right, scale] = align(a, b);
  return new Quantity(left + sign * right, scale, a.short && b.short);
}
