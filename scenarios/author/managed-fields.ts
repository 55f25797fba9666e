import { type Item, isRecord, type Loose } from './item.ts';
import type { Touch, World } from './world.ts';

/** List elements that the API server tells apart by these fields. */
const MERGE_KEYS: readonly (readonly string[])[] = [
  ['uid'],
  ['containerPort', 'protocol'],
  ['port', 'protocol'],
  ['name'],
  ['type'],
  ['ip'],
];

/** Objects that exist in numbers say who owns which branch, not every leaf, to keep recordings readable. */
const BRANCHES_ONLY = new Set([
  'Pod',
  'ReplicaSet',
  'Node',
  'ControllerRevision',
  'EndpointSlice',
  'Endpoints',
  'Service',
  'PersistentVolume',
  'Lease',
  'Namespace',
]);

/** Who owns which field since when, derived from who touched the object. */
export function managedFieldsOf(world: World, item: Item): readonly Loose[] {
  const depth = BRANCHES_ONLY.has(item.kind) ? 1 : 9;
  const touches = [...(world.touches.get(item) ?? [])].sort((a, b) => b.ago - a.ago);
  const entries = touches.map((touch) => entry(world, item, touch, touch.paths ? fieldsAt(touch.paths) : desiredFields(item, depth)));
  if (!item.status) return entries;
  const ago = Math.min(touches.at(-1)?.ago ?? 0, latestTransition(world, item));
  const status = entry(world, item, { manager: statusManager(item), ago }, { 'f:status': fieldsOf(item.status, 1) });
  return [...entries, { ...status, subresource: 'status' }];
}

function entry(world: World, item: Item, { manager, ago, operation = 'Update' }: Touch, fieldsV1: Loose): Loose {
  return { apiVersion: item.apiVersion, fieldsType: 'FieldsV1', fieldsV1, manager, operation, time: world.at(ago) };
}

function desiredFields(item: Item, depth: number): Loose {
  const { apiVersion: _version, kind: _kind, metadata, status: _status, ...rest } = item;
  const { labels, annotations, ownerReferences } = metadata;
  const own = fieldsOf(
    { ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}), ...(ownerReferences ? { ownerReferences } : {}) },
    depth === 1 ? 0 : 2,
  );
  return { ...(Object.keys(own).length > 0 ? { 'f:metadata': own } : {}), ...fieldsOf(rest, depth) };
}

function fieldsOf(value: Loose, depth: number): Loose {
  if (depth < 0) return {};
  if (Array.isArray(value)) return listFields(value, depth);
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [`f:${key}`, fieldsOf(child, depth - 1)]));
}

function listFields(list: readonly Loose[], depth: number): Loose {
  const keys = MERGE_KEYS.find(
    (names) => list.length > 0 && list.every((element) => isRecord(element) && names.every((name) => name in element)),
  );
  if (!keys || depth === 0) return {};
  return Object.fromEntries(
    list.map((element) => [
      `k:${JSON.stringify(Object.fromEntries(keys.map((key) => [key, element[key]])))}`,
      fieldsOf(element, depth - 1),
    ]),
  );
}

function fieldsAt(paths: readonly (readonly string[])[]): Loose {
  const root: Loose = {};
  for (const path of paths) {
    let branch = root;
    for (const step of path) {
      const [, name] = /^name=(.*)$/.exec(step) ?? [];
      const key = name === undefined ? `f:${step}` : `k:${JSON.stringify({ name })}`;
      branch[key] ??= {};
      branch = branch[key];
    }
  }
  return root;
}

function statusManager({ kind }: Item): string {
  if (kind === 'Pod' || kind === 'Node') return 'kubelet';
  if (kind === 'Application') return 'argocd-application-controller';
  if (kind === 'Kustomization') return 'kustomize-controller';
  if (kind === 'HelmRelease') return 'helm-controller';
  if (kind === 'GitRepository') return 'source-controller';
  return 'kube-controller-manager';
}

function latestTransition(world: World, item: Item): number {
  const times: readonly Loose[] = item.status.conditions ?? [];
  const ages = times.flatMap(({ lastTransitionTime }) => (lastTransitionTime ? [world.minutesSince(lastTransitionTime)] : []));
  return ages.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...ages);
}
