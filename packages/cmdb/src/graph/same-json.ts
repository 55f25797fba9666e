/** Whether two JSON values are the same, without writing them down: most are, and the first difference ends it. */
export function sameJson(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((entry, index) => sameJson(entry, b[index]));
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(valueAt(a, key), valueAt(b, key)));
}

function valueAt(map: object, key: string): unknown {
  return (map as Record<string, unknown>)[key];
}
