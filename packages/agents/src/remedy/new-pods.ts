import { type CmdbReader, parseKubernetesItemId, parseQuantity, readField } from '@tier0/core';
import { violations } from '../kubernetes/admission/pod-security.ts';
import { lacksRequired, outsideLimitRange, podSecurityLevel } from '../kubernetes/admission/remedy.ts';
import { type NodeLoad, nodeJudge, nodeLoads, requestsOf } from '../kubernetes/objects/node-fit.ts';
import { objectsIn } from '../kubernetes/objects/objects.ts';
import { livePods, type PodView, podViews } from '../kubernetes/objects/pod-view.ts';
import { listAt, mapAt, textAt } from '../kubernetes/objects/read-object.ts';
import { nameOf } from '../kubernetes/objects/remedy-edits.ts';
import type { Obstacle } from '../kubernetes/objects/scheduler-message.ts';
import type { Check } from './check.ts';

/** New pods looked at one by one; more of them would say the same. */
const MAX_PODS = 30;

/** What would keep the pods that a rehearsal put in place from being made and placed; a note of what it takes for granted of them. */
export function checkNewPods(rehearsed: CmdbReader): readonly Check[] {
  const pods = podViews(rehearsed).filter(isNew).slice(0, MAX_PODS);
  if (pods.length === 0) return [];
  const templates = [...Map.groupBy(pods, (pod) => pod.workload).values()].flatMap((own) => own.slice(0, 1));
  const refused = [...templates.flatMap(refusalsOf), ...overfullQuotas(rehearsed, pods), ...unplaced(rehearsed, pods)];
  const names = templates.map((pod) => nameOf(pod.workload)).join(', ');
  return [
    ...refused.map((note) => ({ ok: false, note })),
    ...(refused.length === 0 ? [{ ok: true, note: `taken for granted: the new pods of ${names} start as the ones before them did` }] : []),
  ];
}

/** Objects that a rehearsal made carry this in their uid. */
function isNew({ object }: PodView): boolean {
  return textAt(object, 'metadata', 'uid')?.startsWith('rehearsed-') === true;
}

function refusalsOf({ reader, object, workload }: PodView): readonly string[] {
  const namespace = textAt(object, 'metadata', 'namespace') ?? '';
  const spec = readField(object, ['spec']);
  const level = podSecurityLevel(reader, namespace);
  const containers = listAt(spec, 'containers');
  const reasons = [
    ...violations(spec, level).map((violation) => `the level ${level} of the namespace forbids it: ${violation}`),
    ...containers.flatMap((container) => outsideLimitRange(reader, namespace, container)),
    ...containers.flatMap((container) => lacksRequired(reader, namespace, container)),
  ];
  return reasons.map((reason) => `no pod of ${nameOf(workload)} would be made: ${reason}`);
}

/** Quotas of the namespaces of the new pods that all pods together would exceed. */
function overfullQuotas(reader: CmdbReader, pods: readonly PodView[]): readonly string[] {
  const namespaces = [...new Set(pods.map(({ id }) => parseKubernetesItemId(id)?.namespace ?? ''))].sort();
  return namespaces.flatMap((namespace) => {
    const own = livePods(reader).filter(({ id }) => parseKubernetesItemId(id)?.namespace === namespace);
    const quotas = objectsIn(reader, 'ResourceQuota', namespace).filter(({ object }) => !isScoped(object));
    return quotas.flatMap(({ name, object }) =>
      Object.entries(mapAt(object, 'spec', 'hard')).flatMap(([resource, hard]) => {
        const asked = own.reduce((sum, pod) => sum + countedOf(pod.object, resource), 0);
        return asked > (parseQuantity(hard) ?? Number.POSITIVE_INFINITY) * ROUNDING
          ? [`quota ${name} has no room: ${resource} ends at ${hard}`]
          : [];
      }),
    );
  });
}

const ROUNDING = 1 + 1e-9;

function isScoped(quota: unknown): boolean {
  return listAt(quota, 'spec', 'scopes').length > 0 || readField(quota, ['spec', 'scopeSelector']) !== undefined;
}

function countedOf(pod: unknown, resource: string): number {
  if (resource === 'pods' || resource === 'count/pods') return 1;
  const [part, name = ''] = resource.includes('.') ? resource.split('.') : ['requests', resource];
  if (name !== 'cpu' && name !== 'memory') return 0;
  if (part === 'requests') return requestsOf(pod).get(name) ?? 0;
  if (part !== 'limits') return 0;
  return listAt(pod, 'spec', 'containers').reduce<number>(
    (sum, body) => sum + (parseQuantity(readField(body, ['resources', 'limits', name])) ?? 0),
    0,
  );
}

/** A pod that keeps its node keeps its neighbours: they were weighed when it was placed. */
const WEIGHED: ReadonlySet<Obstacle> = new Set(['pod-affinity', 'topology-spread', 'cordoned']);

/** Pods that no node takes, placed one after the other; none where no node is known. */
function unplaced(reader: CmdbReader, pods: readonly PodView[]): readonly string[] {
  let nodes = nodeLoads(reader);
  if (nodes.length === 0) return [];
  return pods
    .filter(({ workloadKind }) => workloadKind !== 'DaemonSet')
    .flatMap((pod) => {
      const others = nodes.map((node) => without(node, pod));
      const judge = nodeJudge(pod, others);
      const kept = textAt(pod.object, 'spec', 'nodeName');
      const fits = (node: NodeLoad) => [...judge(node)].every((obstacle) => node.name === kept && WEIGHED.has(obstacle));
      const place = others.find((node) => node.name === kept && fits(node)) ?? others.find(fits);
      if (place === undefined) return [`no node takes a new pod of ${nameOf(pod.workload)}: ${obstaclesOn(others, judge)}`];
      nodes = others.map((node) => (node === place ? withPod(node, pod) : node));
      return [];
    });
}

function obstaclesOn(nodes: readonly NodeLoad[], judge: (node: NodeLoad) => ReadonlySet<Obstacle>): string {
  return [...new Set(nodes.flatMap((node) => [...judge(node)]))].sort().join(', ');
}

function without(node: NodeLoad, pod: PodView): NodeLoad {
  if (!node.pods.some(({ id }) => id === pod.id)) return node;
  return { ...node, pods: node.pods.filter(({ id }) => id !== pod.id), requested: added(node, pod, -1) };
}

function withPod(node: NodeLoad, pod: PodView): NodeLoad {
  return { ...node, pods: [...node.pods, pod], requested: added(node, pod, 1) };
}

function added({ requested }: NodeLoad, pod: PodView, sign: 1 | -1): ReadonlyMap<string, number> {
  const total = new Map(requested);
  for (const [resource, amount] of requestsOf(pod.object)) total.set(resource, (total.get(resource) ?? 0) + sign * amount);
  return total;
}
