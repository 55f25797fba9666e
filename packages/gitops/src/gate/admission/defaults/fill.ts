/** A JSON object that is filled in place. */
export type Draft = Record<string, unknown>;

export function isDraft(value: unknown): value is Draft {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === Object.prototype;
}

/**
 * Sets a field where it is not set: `spec.replicas`, `spec.ports[].protocol`. Fields below what is not there are not made; null is not
 * set, as for the API server.
 */
export function fill(target: unknown, path: string, value: unknown): void {
  for (const { parent, key } of placesOf(target, path)) {
    if (parent[key] === undefined || parent[key] === null) parent[key] = structuredClone(value);
  }
}

/** Every map that stands at a path. */
export function mapsAt(target: unknown, path: string): readonly Draft[] {
  const steps = path === '' ? [] : path.split('.');
  return steps.reduce<readonly unknown[]>((found, step) => found.flatMap((value) => below(value, step)), [target]).filter(isDraft);
}

function placesOf(target: unknown, path: string): readonly { readonly parent: Draft; readonly key: string }[] {
  const at = path.lastIndexOf('.');
  const key = path.slice(at + 1);
  return mapsAt(target, at < 0 ? '' : path.slice(0, at)).map((parent) => ({ parent, key }));
}

function below(value: unknown, step: string): readonly unknown[] {
  const name = step.replace(/\[\]$/, '');
  const child = isDraft(value) ? value[name] : undefined;
  if (name === step) return child === undefined ? [] : [child];
  return Array.isArray(child) ? child : [];
}
