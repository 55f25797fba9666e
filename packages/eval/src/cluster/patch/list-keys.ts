import { isJsonObject, type JsonObject } from '../kubernetes-object.ts';

/** How a list is merged: entries found again by key fields, a set of plain values, or replaced as a whole. */
export type ListMerge = readonly string[] | 'set' | 'atomic';

/**
 * The lists of built-in kinds that are merged by key, by the last one or two fields of their path.
 * The first key is the `patchMergeKey` of strategic merge; all of them are the `x-kubernetes-list-map-keys`
 * of server-side apply. Lists that are not named here are atomic.
 */
const LISTS: Readonly<Record<string, ListMerge>> = {
  containers: ['name'],
  initContainers: ['name'],
  ephemeralContainers: ['name'],
  env: ['name'],
  volumeMounts: ['mountPath'],
  volumeDevices: ['devicePath'],
  imagePullSecrets: ['name'],
  hostAliases: ['ip'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  webhooks: ['name'],
  conditions: ['type'],
  ownerReferences: ['uid'],
  finalizers: 'set',
  podIPs: ['ip'],
  'spec.volumes': ['name'],
  'containers.ports': ['containerPort', 'protocol'],
  'initContainers.ports': ['containerPort', 'protocol'],
  'ephemeralContainers.ports': ['containerPort', 'protocol'],
  'spec.ports': ['port', 'protocol'],
  'resources.claims': ['name'],
};

/** Values a key field has when it is not written. */
const KEY_DEFAULTS: JsonObject = { protocol: 'TCP' };

/** How the list at `path` (names of fields, without list positions) is merged. */
export function listMergeOf(path: readonly string[]): ListMerge {
  return LISTS[path.slice(-2).join('.')] ?? LISTS[path.at(-1) ?? ''] ?? 'atomic';
}

/** The key of one entry as JSON with sorted fields; undefined when the entry lacks a key field. */
export function entryKey(entry: unknown, keys: readonly string[]): string | undefined {
  if (!isJsonObject(entry)) return undefined;
  const values = [...keys].sort().map((key) => [key, entry[key] ?? KEY_DEFAULTS[key]] as const);
  return values.some(([, value]) => value === undefined) ? undefined : JSON.stringify(Object.fromEntries(values));
}
