import { QUANTITY_FACTORS } from '@tier0/core';

const BINARY = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const;
const DECIMAL = ['E', 'P', 'T', 'G', 'M', 'k'] as const;

/** Bytes as a quantity in the family of units of `like`, exact, in the largest unit that gives a whole number. */
export function formatBytes(bytes: number, like = 'Mi'): string {
  const whole = Math.round(bytes);
  const units = /[kMGTPE]$/.test(like) ? DECIMAL : BINARY;
  const unit = units.find((candidate) => whole !== 0 && whole % (QUANTITY_FACTORS[candidate] ?? 1) === 0) ?? '';
  return `${whole / (QUANTITY_FACTORS[unit] ?? 1)}${unit}`;
}

/** Bytes for a person: `256 MiB`. */
export function describeBytes(bytes: number): string {
  const unit = BINARY.find((candidate) => Math.abs(bytes) >= (QUANTITY_FACTORS[candidate] ?? 1));
  if (!unit) return `${Math.round(bytes)} B`;
  return `${Number((bytes / (QUANTITY_FACTORS[unit] ?? 1)).toPrecision(3))} ${unit}B`;
}
