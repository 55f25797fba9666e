import { CelDuration, CelError, CelTimestamp } from '../values/value.ts';
import { isText, type Library, type Overload, of, ofText } from './overload.ts';

const SECOND = 1_000_000_000n;
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
};
const OLDEST = BigInt(Date.parse('0001-01-01T00:00:00Z')) * 1_000_000n;
const NEWEST = BigInt(Date.parse('9999-12-31T23:59:59Z')) * 1_000_000n + 999_999_999n;

/** Timestamps and durations. */
export const TIME: Library = {
  timestamp: (value) => {
    if (value instanceof CelTimestamp) return value;
    if (typeof value === 'bigint') return inEra(value * SECOND);
    return isText(value) ? parseTimestamp(value) : undefined;
  },
  duration: (value) => (value instanceof CelDuration ? value : isText(value) ? parseDuration(value) : undefined),
  '.getFullYear': part('year', 0),
  '.getMonth': part('month', -1),
  '.getDate': part('day', 0),
  '.getDayOfMonth': part('day', -1),
  '.getDayOfWeek': (time, zone) => (time instanceof CelTimestamp ? dayOfWeek(time, zoneOf(zone)) : undefined),
  '.getDayOfYear': (time, zone) => (time instanceof CelTimestamp ? dayOfYear(time, zoneOf(zone)) : undefined),
  '.getHours': either(
    part('hour', 0),
    of(CelDuration, (span) => span.nanos / UNITS.h!),
  ),
  '.getMinutes': either(
    part('minute', 0),
    of(CelDuration, (span) => span.nanos / UNITS.m!),
  ),
  '.getSeconds': either(
    part('second', 0),
    of(CelDuration, (span) => span.nanos / SECOND),
  ),
  '.getMilliseconds': either(
    (time, zone) => (time instanceof CelTimestamp && zoneOf(zone) ? modulo(time.nanos / 1_000_000n, 1000n) : undefined),
    of(CelDuration, (span) => span.nanos / 1_000_000n),
  ),
  isTimestamp: ofText((text) => parses(() => parseTimestamp(text))),
  isDuration: ofText((text) => parses(() => parseDuration(text))),
};

function either(...overloads: readonly Overload[]): Overload {
  return (...args) => overloads.map((overload) => overload(...args)).find((result) => result !== undefined);
}

function parses(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}

function inEra(nanos: bigint, zone = 'Z'): CelTimestamp {
  if (nanos < OLDEST || nanos > NEWEST) throw new CelError('timestamp overflow');
  return new CelTimestamp(nanos, zone);
}

/** RFC 3339 as Go reads it, to the nanosecond. */
export function parseTimestamp(text: string): CelTimestamp {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{1,2}:\d{2}:\d{2})(?:[.,](\d+))?(Z|[-+]\d{2}:\d{2})$/.exec(text);
  const [, head = '', fraction = '', zone = ''] = match ?? [];
  const padded = head.replace(/T(\d):/, 'T0$1:');
  const milliseconds = match ? Date.parse(`${padded}${zone}`) : Number.NaN;
  const isCalendar = match !== null && new Date(`${padded}Z`).toISOString?.().startsWith(padded);
  if (Number.isNaN(milliseconds) || !isCalendar) throw new CelError("type conversion error from 'string' to 'google.protobuf.Timestamp'");
  return inEra(BigInt(milliseconds) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0')), /^[-+]00:00$/.test(zone) ? 'Z' : zone);
}

/** Go's `time.ParseDuration`: `1h30m`, `-1.5h`, `300ms`. */
export function parseDuration(text: string): CelDuration {
  const [, sign = '', body = ''] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  const parts = [...body.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/gy)];
  const isWhole = parts.map(([part]) => part).join('') === body && parts.every(([, whole, fraction]) => whole || fraction);
  if (body !== '0' && (!isWhole || body === '')) throw new CelError("type conversion error from 'string' to 'google.protobuf.Duration'");
  const nanos = parts.reduce((sum, [, whole, fraction = '', unit]) => {
    const size = UNITS[unit as string] as bigint;
    return sum + BigInt(whole || 0) * size + (BigInt(fraction || 0) * size) / 10n ** BigInt(fraction.length);
  }, 0n);
  if (nanos >= 2n ** 63n) throw new CelError("type conversion error from 'string' to 'google.protobuf.Duration'");
  return new CelDuration(sign === '-' ? -nanos : nanos);
}

/** `2026-01-01T00:00:00Z`, in the zone it was written in. */
export function timestampText({ nanos, zone }: CelTimestamp): string {
  const [, sign = '+', hours = '0', minutes = '0'] = /^([-+])(\d\d):(\d\d)$/.exec(zone) ?? [];
  const offset = (BigInt(hours) * 60n + BigInt(minutes)) * 60n * SECOND * (sign === '-' ? -1n : 1n);
  const fraction = modulo(nanos, SECOND);
  const text = new Date(Number((nanos + offset - fraction) / 1_000_000n)).toISOString().slice(0, 19);
  return fraction === 0n ? `${text}${zone}` : `${text}.${fraction.toString().padStart(9, '0').replace(/0+$/, '')}${zone}`;
}

/** `5400s` */
export function durationText({ nanos }: CelDuration): string {
  const [size, sign] = nanos < 0n ? [-nanos, '-'] : [nanos, ''];
  const fraction = (size % SECOND).toString().padStart(9, '0').replace(/0+$/, '');
  return `${sign}${size / SECOND}${fraction === '' ? '' : `.${fraction}`}s`;
}

function modulo(value: bigint, by: bigint): bigint {
  return ((value % by) + by) % by;
}

function zoneOf(zone: unknown): string {
  if (zone === undefined) return 'UTC';
  if (typeof zone !== 'string') throw new CelError('no such overload: time zone');
  return /^\d/.test(zone) ? `+${zone}` : zone;
}

const PARTS = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;

function part(name: (typeof PARTS)[number], offset: number): Overload {
  return (time, zone) => (time instanceof CelTimestamp ? BigInt((partsOf(time, zoneOf(zone))[name] ?? 0) + offset) : undefined);
}

function partsOf({ nanos }: CelTimestamp, timeZone: string): Readonly<Record<string, number>> {
  const moment = new Date(Number((nanos - modulo(nanos, SECOND)) / 1_000_000n));
  if (timeZone === 'UTC') {
    const [date = '', clock = ''] = moment.toISOString().split('T');
    const numbers = [...date.split('-'), ...clock.slice(0, 8).split(':')].map(Number);
    return Object.fromEntries(PARTS.map((name, index) => [name, numbers[index] ?? 0]));
  }
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', ...NUMERIC });
    return Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  } catch {
    throw new CelError(`unknown time zone ${timeZone}`);
  }
}

const NUMERIC = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;

function dayOfWeek(time: CelTimestamp, zone: string): bigint {
  const { year = 0, month = 1, day = 1 } = partsOf(time, zone);
  return BigInt(new Date(dayOf(year, month, day)).getUTCDay());
}

function dayOfYear(time: CelTimestamp, zone: string): bigint {
  const { year = 0, month = 1, day = 1 } = partsOf(time, zone);
  return BigInt((dayOf(year, month, day) - dayOf(year, 1, 1)) / 86_400_000);
}

/** Midnight of a day; `Date.UTC` takes the years 0 to 99 for those of the last century. */
function dayOf(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}
