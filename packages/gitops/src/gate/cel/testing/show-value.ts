import { CelDuration, CelOpaque, CelOptional, CelTimestamp, CelType, CelUint, type CelValue, isCelMap } from '../values/value.ts';

/** A value as JSON that keeps its type, e.g. `{ int: '3' }`: for comparing with what another CEL says. */
export function showValue(value: CelValue): unknown {
  if (typeof value === 'bigint') return { int: String(value) };
  if (typeof value === 'number') return { double: value };
  if (value instanceof CelUint) return { uint: String(value.value) };
  if (value instanceof CelOptional) return { optional: value.value === undefined ? 'none' : showValue(value.value) };
  if (value instanceof CelTimestamp) return { timestamp: new Date(Number(value.nanos / 1_000_000n)).toISOString().slice(0, 19) };
  if (value instanceof CelDuration) return { duration: Number(value.nanos) };
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (Array.isArray(value)) return value.map(showValue);
  if (isCelMap(value)) return { map: Object.fromEntries([...value].map(([key, entry]) => [String(key), showValue(entry)])) };
  if (value instanceof CelType) return { opaque: 'type' };
  return value instanceof CelOpaque ? { opaque: value.typeName } : value;
}
