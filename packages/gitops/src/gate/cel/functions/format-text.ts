import { CelDuration, CelError, CelTimestamp, CelType, CelUint, type CelValue, isCelMap, typeNameOf } from '../values/value.ts';
import { quote } from './text.ts';
import { durationText, timestampText } from './time.ts';

/** `'%s is %d'.format([...])` with the clauses of cel-go: s d f e b x X o. Every other one is an error, and so is a value that none asks for. */
export function formatText(template: string, values: readonly CelValue[]): string {
  let next = 0;
  const text = template.replace(/%(?:%|(?:\.(\d*))?([\s\S]|$))/gu, (match, precision: string | undefined, clause: string | undefined) => {
    if (match === '%%') return '%';
    if (next >= values.length) throw new CelError(`index ${next} out of range`);
    return clauseText(clause ?? '', values[next++] as CelValue, precision);
  });
  return text;
}

function clauseText(clause: string, value: CelValue, precision: string | undefined): string {
  const digits = precision === undefined ? 6 : Number(precision);
  switch (clause) {
    case 's':
      return plainText(value);
    case 'd':
      return decimal(value);
    case 'f':
      return float(value, (number) => fixed(number, digits), clause);
    case 'e':
      return float(value, (number) => exponential(number), clause);
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : whole(value, 2, clause);
    case 'o':
      return whole(value, 8, clause);
    case 'x':
      return hexadecimal(value);
    case 'X':
      return hexadecimal(value).toUpperCase();
    default:
      throw new CelError(`could not parse formatting clause: unrecognized formatting clause "${clause}"`);
  }
}

function unfit(value: CelValue, clause: string): CelError {
  return new CelError(`error during formatting: %${clause} cannot take a ${typeNameOf(value)}`);
}

function decimal(value: CelValue): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof CelUint) return value.value.toString();
  throw unfit(value, 'd');
}

function whole(value: CelValue, base: number, clause: string): string {
  if (typeof value === 'bigint') return value.toString(base);
  if (value instanceof CelUint) return value.value.toString(base);
  throw unfit(value, clause);
}

function hexadecimal(value: CelValue): string {
  if (typeof value === 'string') return Buffer.from(value).toString('hex');
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : whole(value, 16, 'x');
}

function float(value: CelValue, write: (number: number) => string, clause: string): string {
  if (typeof value !== 'number') throw unfit(value, clause);
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? write(value) : value > 0 ? 'Infinity' : '-Infinity';
}

/** With commas between thousands, as cel-go writes numbers in English. */
function fixed(value: number, digits: number): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: Math.min(digits, 100), maximumFractionDigits: Math.min(digits, 100) });
}

/** `3.140000×10⁰⁰`; a precision is not heeded. */
function exponential(value: number): string {
  const [mantissa = '', exponent = '0'] = value.toExponential(6).split('e');
  const size = exponent.replace(/^[-+]/, '').padStart(2, '0');
  const raised = [...size].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('');
  return `${mantissa}×10${exponent.startsWith('-') ? '⁻' : ''}${raised}`;
}

/** `%s` of a value. */
function plainText(value: CelValue): string {
  if (typeof value === 'string') return value;
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof CelUint) return value.value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (value instanceof CelType) return value.name;
  if (typeof value === 'number') return float(value, String, 's');
  if (value instanceof CelTimestamp) return timestampText(value);
  if (value instanceof CelDuration) return durationText(value);
  if (Array.isArray(value)) return `[${value.map(literalText).join(', ')}]`;
  if (isCelMap(value)) return `{${[...value].map(entryText).sort().join(', ')}}`;
  throw unfit(value, 's');
}

function entryText([key, value]: readonly [string | bigint | boolean, CelValue]): string {
  return `${literalText(key)}:${literalText(value)}`;
}

/** Inside lists and maps values are written as CEL writes them. */
function literalText(value: CelValue): string {
  if (typeof value === 'number') return float(value, (number) => number.toFixed(6), 's');
  if (value instanceof CelTimestamp) return `timestamp(${quote(timestampText(value))})`;
  if (value instanceof CelDuration) return `duration(${quote(durationText(value))})`;
  if (typeof value === 'string') return quote(value);
  return value instanceof Uint8Array ? `b${quote(Buffer.from(value).toString('utf8'))}` : plainText(value);
}
