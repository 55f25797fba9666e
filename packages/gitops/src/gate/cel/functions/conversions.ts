import { CelDuration, CelError, CelRecord, CelTimestamp, CelType, CelUint, type CelValue, isCelMap, typeNameOf } from '../values/value.ts';
import { Cidr, Ip } from './network.ts';
import type { Library } from './overload.ts';
import { durationText, timestampText } from './time.ts';

const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

/** Conversions, `size` and `type`. */
export const CONVERSIONS: Library = {
  int: (value) => {
    if (typeof value === 'bigint') return value;
    if (value instanceof CelUint) return inside(value.value, -MAX_INT - 1n, MAX_INT);
    if (typeof value === 'number') return ofDouble(value, -(2 ** 63), 2 ** 63);
    if (value instanceof CelTimestamp)
      return (value.nanos - (((value.nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n)) / 1_000_000_000n;
    return typeof value === 'string' ? inside(wholeNumber(value, /^[-+]?\d+$/), -MAX_INT - 1n, MAX_INT) : undefined;
  },
  uint: (value) => {
    if (value instanceof CelUint) return value;
    if (typeof value === 'bigint') return new CelUint(inside(value, 0n, MAX_UINT));
    if (typeof value === 'number') return new CelUint(ofDouble(value, 0, 2 ** 64));
    return typeof value === 'string' ? new CelUint(inside(wholeNumber(value, /^\d+$/), 0n, MAX_UINT)) : undefined;
  },
  double: (value) => {
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') return Number(value);
    if (value instanceof CelUint) return Number(value.value);
    return typeof value === 'string' ? parseDouble(value) : undefined;
  },
  string: (value) => (value === undefined ? undefined : textOf(value)),
  bool: (value) => {
    if (typeof value === 'boolean') return value;
    if (typeof value !== 'string') return undefined;
    if (/^(?:1|t|T|true|TRUE|True)$/.test(value)) return true;
    if (/^(?:0|f|F|false|FALSE|False)$/.test(value)) return false;
    throw impossible('string', 'bool');
  },
  bytes: (value) => (value instanceof Uint8Array ? value : typeof value === 'string' ? new TextEncoder().encode(value) : undefined),
  dyn: (value) => value,
  type: (value) => (value === undefined ? undefined : new CelType(typeNameOf(value))),
  size: sizeOf,
  '.size': sizeOf,
  'base64.encode': (value) => (value instanceof Uint8Array ? Buffer.from(value).toString('base64') : undefined),
  'base64.decode': (value) => (typeof value === 'string' ? decodeBase64(value) : undefined),
};

function impossible(from: string, to: string): CelError {
  return new CelError(`type conversion error from '${from}' to '${to}'`);
}

function inside(value: bigint, least: bigint, most: bigint): bigint {
  if (value < least || value > most) throw new CelError('integer overflow');
  return value;
}

function ofDouble(value: number, least: number, most: number): bigint {
  if (!(value > least && value < most)) throw new CelError('integer overflow');
  return BigInt(Math.trunc(value));
}

function wholeNumber(text: string, form: RegExp): bigint {
  if (!form.test(text)) throw impossible('string', 'int');
  return BigInt(text.replace(/^\+/, ''));
}

/** Go's `strconv.ParseFloat`, without its hexadecimal form. */
function parseDouble(text: string): number {
  const special = /^([-+]?)(?:inf|infinity)$/i.exec(text);
  if (special) return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  if (/^[-+]?nan$/i.test(text)) return Number.NaN;
  const plain = text.replace(/(?<=\d)_(?=\d)/g, '');
  const value = Number(plain);
  if (!/^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(plain) || !Number.isFinite(value)) throw impossible('string', 'double');
  return value;
}

function textOf(value: CelValue): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof CelUint) return value.value.toString();
  if (typeof value === 'number') return doubleText(value);
  if (value instanceof CelTimestamp) return timestampText(value);
  if (value instanceof CelDuration) return durationText(value);
  if (value instanceof Ip || value instanceof Cidr) return value.toString();
  return value instanceof Uint8Array ? utf8(value) : undefined;
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

/** Go's `%g`: the shortest form, with an exponent below 10^-4 and from 10^6 on. */
function doubleText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const exponent = value === 0 ? 0 : Number(/e([-+]\d+)$/.exec(value.toExponential())?.[1]);
  if (exponent >= -4 && exponent < 6) return Object.is(value, -0) ? '-0' : String(value);
  return value.toExponential().replace(/e([-+])(\d)$/, 'e$10$2');
}

function decodeBase64(text: string): Uint8Array {
  const bare = text.replace(/=+$/, '');
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || bare.length % 4 === 1) throw new CelError('illegal base64 data');
  return Buffer.from(text, 'base64');
}

function sizeOf(value?: CelValue): bigint | undefined {
  if (typeof value === 'string') return BigInt([...value].length);
  if (Array.isArray(value) || value instanceof Uint8Array) return BigInt(value.length);
  if (value instanceof CelRecord) return undefined;
  return isCelMap(value) ? BigInt(value.size) : undefined;
}
