/** Suffixes of Kubernetes quantities. Source: k8s.io/apimachinery/pkg/api/resource. */
const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};
const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/;
const BINARY = ['Ei', 'Pi', 'Ti', 'Gi', 'Mi', 'Ki'] as const;
const DECIMAL = ['E', 'P', 'T', 'G', 'M', 'k'] as const;

/** The number a quantity stands for: `256Mi` is 268435456, `100m` is 0.1. Undefined when it is none. */
export function parseQuantity(value: unknown): number | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  const match = typeof value === 'string' ? QUANTITY.exec(value.trim()) : null;
  if (!match) return undefined;
  const [, digits = '', exponent = '', suffix = ''] = match;
  return Number(`${digits}${exponent}`) * (FACTORS[suffix] ?? 1);
}

/** Bytes as a quantity in the family of units of `like`, exact, in the largest unit that gives a whole number. */
export function formatBytes(bytes: number, like = 'Mi'): string {
  const whole = Math.round(bytes);
  const units = /[kMGTPE]$/.test(like) ? DECIMAL : BINARY;
  const unit = units.find((candidate) => whole !== 0 && whole % (FACTORS[candidate] ?? 1) === 0) ?? '';
  return `${whole / (FACTORS[unit] ?? 1)}${unit}`;
}

/** Bytes for a person: `256 MiB`. */
export function describeBytes(bytes: number): string {
  const unit = BINARY.find((candidate) => Math.abs(bytes) >= (FACTORS[candidate] ?? 1));
  if (!unit) return `${Math.round(bytes)} B`;
  return `${Number((bytes / (FACTORS[unit] ?? 1)).toPrecision(3))} ${unit}B`;
}

/** A span for a person: `27 min`, `3 h 12 min`, `2.1 d`. */
export function describeSpan(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (milliseconds < 60_000) return `${Math.max(0, Math.round(milliseconds / 1000))} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 2880) return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Number((minutes / 1440).toFixed(1))} d`;
}
