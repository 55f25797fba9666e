import { parseDuration } from '../../cel/functions/time.ts';
import { CelDuration } from '../../cel/values/value.ts';

/** Nanoseconds of a duration as Go writes it (`1h30m`, `-1.5h`, `0`); undefined for what is none. */
export function durationOf(text: string): bigint | undefined {
  try {
    const duration = parseDuration(text);
    return duration instanceof CelDuration ? duration.nanos : undefined;
  } catch {
    return undefined;
  }
}

/** A duration as Go prints it: `1h30m0s`, `1.5s`, `20ms`, `0s`. */
export function durationText(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? '-' : '';
  if (size === 0n) return '0s';
  if (size < 1_000_000_000n) return sign + belowSecond(size);
  const seconds = size / 1_000_000_000n;
  const rest = (size % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '');
  const [hours, minutes] = [seconds / 3600n, (seconds / 60n) % 60n];
  const start = hours > 0n ? `${hours}h${minutes}m` : minutes > 0n ? `${minutes}m` : '';
  return `${sign}${start}${seconds % 60n}${rest === '' ? '' : `.${rest}`}s`;
}

function belowSecond(size: bigint): string {
  const [unit, divisor] = size < 1000n ? (['ns', 1] as const) : size < 1_000_000n ? (['µs', 1000] as const) : (['ms', 1_000_000] as const);
  return `${Number(size) / divisor}${unit}`;
}
