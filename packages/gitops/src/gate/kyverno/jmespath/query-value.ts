/** What Kyverno itself makes an error of: a wrong type, a wrong number of arguments, an expression that is none. */
export class QueryError extends Error {}

/** A key that a map does not have. Most operators take it for null; a variable that comes to it is an error. */
export class UnknownKeyError extends QueryError {
  constructor(key: string) {
    super(`unknown key ${JSON.stringify(key)}`);
  }
}

/** What cannot be told here: it takes a cluster, a registry or a clock, or is not known. */
export class UndecidableQuery extends Error {}

/** Stands in data for what only the cluster knows; looking at it ends in UndecidableQuery. */
export class NotKnown {
  readonly what: string;
  constructor(what: string) {
    this.what = what;
  }
}

/** Throws UndecidableQuery where something in a value is not known. */
export function mustBeKnown(value: unknown): void {
  if (value instanceof NotKnown) throw new UndecidableQuery(`${value.what} is not known here`);
  if (typeof value === 'object' && value !== null) for (const entry of Object.values(value)) mustBeKnown(entry);
}

/** Whether JMESPath takes a value for false: null, false, and what is empty. */
export function isFalse(value: unknown): boolean {
  if (value instanceof NotKnown) throw new UndecidableQuery(`${value.what} is not known here`);
  if (value === null || value === undefined || value === false || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** A value as Go writes it into JSON: keys in order, `<`, `>` and `&` escaped. */
export function goJson(value: unknown): string {
  return JSON.stringify(value ?? null, (_, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  ).replace(/[<>&\u2028\u2029]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A value as Go prints it: `3`, `1e+06`, `<nil>`, `[a b]`, `map[k:v]`. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return goNumber(value);
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([key, entry]) => `${key}:${goText(entry)}`).join(' ')}]`;
}

/** `%v` of a float64: an exponent from a million on, and below a ten-thousandth. */
function goNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  const [digits = '0', exponent = '0'] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** `strconv.ParseFloat`; undefined for what is no number. */
export function goFloat(text: string): number | undefined {
  if (/^[+-]?(?:inf|infinity|nan|0x)/i.test(text)) throw new UndecidableQuery(`the number ${JSON.stringify(text)} is not read here`);
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}
