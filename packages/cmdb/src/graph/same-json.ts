/** Whether two JSON values are the same, without writing them down: most are, and the first difference ends it. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && sameLists(a, b);
  let keys = 0;
  for (const key of Object.keys(a)) {
    keys += 1;
    if (!Object.hasOwn(b, key) || !sameJson(valueAt(a, key), valueAt(b, key))) return false;
  }
  return keys === Object.keys(b).length;
}

function sameLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at++) if (!sameJson(a[at], b[at])) return false;
  return true;
}

function valueAt(map: object, key: string): unknown {
  return (map as Record<string, unknown>)[key];
}
