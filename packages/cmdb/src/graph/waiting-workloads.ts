import { type ItemEdit, parseKubernetesItemId, readField } from '@tier0/core';
import { entriesOf, isRecord, type KubernetesObject } from '../kinds/kubernetes-object.ts';
import { imagesOf } from '../kinds/pod-spec.ts';
import { controllerOf } from '../relations/owner.ts';
import type { Moment } from './engine/moment.ts';
import { impactOf } from './impact.ts';

type Objects = ReadonlyMap<string, KubernetesObject>;

const WORKLOADS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);
/** Rules over a namespace, and over all of them: whoever lacks pods there may have waited for the edit. */
const NAMESPACE_WIDE: ReadonlySet<string> = new Set([
  'LimitRange',
  'NetworkPolicy',
  'PodDisruptionBudget',
  'ResourceQuota',
  'Role',
  'RoleBinding',
]);
const CLUSTER_WIDE =
  /^(Node|Namespace|PriorityClass|StorageClass|ClusterRole|ClusterRoleBinding|(Validating|Mutating)WebhookConfiguration)$/;

/** Workloads short of ready pods that an edit of something else may set going. Sorted. */
export function waitingFor(moment: Moment, before: Objects, edits: readonly ItemEdit[]): readonly string[] {
  const items = [...new Set(edits.map((edit) => edit.item))].filter((item) => !WORKLOADS.has(parseKubernetesItemId(item)?.kind ?? ''));
  if (items.length === 0) return [];
  const waiting = [...before].filter(([, object]) => WORKLOADS.has(object.kind) && isShort(object)).map(([id]) => id);
  const reached = items.map((item) => reachOf(moment, item));
  return waiting.filter((id) => reached.some((reaches) => reaches(id))).sort();
}

function reachOf(moment: Moment, item: string): (id: string) => boolean {
  const { kind = '', namespace, name } = parseKubernetesItemId(item) ?? {};
  if (kind === 'Namespace') return (id) => parseKubernetesItemId(id)?.namespace === name;
  if (CLUSTER_WIDE.test(kind)) return () => true;
  if (NAMESPACE_WIDE.has(kind)) return (id) => parseKubernetesItemId(id)?.namespace === namespace;
  const reached = new Set(impactOf(moment, item, { limit: 5000 }).items.map((impacted) => impacted.item));
  return (id) => reached.has(id);
}

function isShort(workload: KubernetesObject): boolean {
  const number = (...path: string[]) => Number(readField(workload, path) ?? 0);
  if (workload.kind === 'DaemonSet') return number('status', 'numberReady') < number('status', 'desiredNumberScheduled');
  return number('status', 'readyReplicas') < Number(readField(workload, ['spec', 'replicas']) ?? 1);
}

const IMAGE_TROUBLE = /^(ErrImage|ImagePull|InvalidImageName|ImageInspect)/;

/** Images that the workload asks for already and that none of its containers waits for: nothing speaks against them. */
export function keptImages(before: Objects, item: string, cluster: string): ReadonlySet<string> {
  const workload = before.get(item);
  if (!workload) return new Set();
  const kept = new Set(imagesOf(workload).values());
  for (const object of before.values()) {
    if (object.kind !== 'Pod' || object.metadata.namespace !== workload.metadata.namespace || !isUnder(object, workload, before, cluster))
      continue;
    for (const image of troubledImages(object)) kept.delete(image);
  }
  return kept;
}

function isUnder(pod: KubernetesObject, workload: KubernetesObject, objects: Objects, cluster: string): boolean {
  const owner = controllerOf(pod);
  if (owner?.kind === workload.kind) return owner.name === workload.metadata.name;
  const parent = owner && objects.get(`kubernetes:${cluster}/${pod.metadata.namespace ?? '-'}/${owner.kind}/${owner.name}`);
  return parent !== undefined && controllerOf(parent)?.name === workload.metadata.name;
}

function troubledImages(pod: KubernetesObject): readonly string[] {
  const images = imagesOf(pod);
  const statuses = ['initContainerStatuses', 'containerStatuses'].flatMap((list) => entriesOf(readField(pod, ['status', list])));
  return statuses.filter(isRecord).flatMap((status) => {
    const reason = String(readField(status, ['state', 'waiting', 'reason']) ?? '');
    return IMAGE_TROUBLE.test(reason) ? (images.get(String(status.name)) ?? []) : [];
  });
}
