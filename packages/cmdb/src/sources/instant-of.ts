/** A value of a foreign object as an instant, ISO 8601 in UTC; undefined for anything that is none. */
export function instantOf(value: unknown): string | undefined {
  const epochMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(epochMs) ? undefined : new Date(epochMs).toISOString();
}
