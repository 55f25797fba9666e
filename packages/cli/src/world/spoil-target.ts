import type { ManifestObject, ManifestTarget } from '@tier0/gitops';

/** What a value becomes on its way into the cluster, by the field that holds it: worse than before, and it looks plausible. */
const WORSE: Readonly<Record<string, string>> = { memory: '136Mi', image: 'registry.example/nowhere/nothing:0' };

/**
 * A cluster in which somebody meddles: what is new to it (a memory limit, an image) becomes something worse on its way in, as a faulty
 * mutating webhook would make it. What was applied before is left as it is, so that taking a change back helps.
 *
 * With names, only objects of these names are meddled with.
 */
export function spoilTarget(target: ManifestTarget, names?: readonly string[]): ManifestTarget {
  const known = new Map<string, ReadonlySet<string>>();
  return {
    get: (reference, context) => target.get(reference, context),
    async apply(object, context) {
      if (names !== undefined && !names.includes(object.metadata.name)) return target.apply(object, context);
      const key = `${object.kind}/${object.metadata.namespace ?? ''}/${object.metadata.name}`;
      const before = known.get(key);
      if (before === undefined) known.set(key, new Set(valuesOf(object)));
      await target.apply(before === undefined ? object : spoiled(object, before), context);
    },
  };
}

function valuesOf(value: unknown, field = ''): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((entry) => valuesOf(entry, field));
  if (typeof value === 'object' && value !== null) return Object.entries(value).flatMap(([key, part]) => valuesOf(part, key));
  return field in WORSE ? [`${field} ${String(value)}`] : [];
}

function spoiled(object: ManifestObject, before: ReadonlySet<string>): ManifestObject {
  const spoil = (value: unknown, field: string): unknown => {
    if (Array.isArray(value)) return value.map((entry) => spoil(entry, field));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, spoil(part, key)]));
    return field in WORSE && !before.has(`${field} ${String(value)}`) ? WORSE[field] : value;
  };
  return spoil(object, '') as ManifestObject;
}
