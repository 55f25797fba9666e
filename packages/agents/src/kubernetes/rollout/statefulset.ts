import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { existence, siblingId } from '../objects/existence.ts';
import { objectsIn } from '../objects/objects.ts';
import { ageMs, isUp, livePodsByWorkload, nameOf, type PodView } from '../objects/pod-view.ts';
import { conditionOf, instantAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { isStandby } from '../objects/standby.ts';
import { rolloutOf } from '../objects/workload.ts';

/** StatefulSets that do not have the pods they want; they go one by one, so the first that is not ready holds up the rest. */
export const statefulsetRule: Rule = {
  name: 'statefulset',
  check: (reader) => reader.items({ kind: 'StatefulSet' }).items.flatMap(({ id }) => [...replicas(reader, id), ...service(reader, id)]),
};

/** A pod may take this long to come up before its StatefulSet is called short of pods. */
const PATIENCE_MS = 5 * 60_000;

/** Whether a pod is not ready and has not been for longer than a start takes. */
export function isLate(pod: PodView): boolean {
  if (isUp(pod.object)) return false;
  const sinceMs = instantAt(conditionOf(pod.object, 'Ready'), 'lastTransitionTime');
  const lateMs = sinceMs === undefined ? (ageMs(pod) ?? PATIENCE_MS) : Date.parse(pod.reader.at) - sinceMs;
  return lateMs >= PATIENCE_MS;
}

function replicas(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const ready = numberAt(object, 'status', 'readyReplicas') ?? 0;
  if (rolloutOf(object, 'StatefulSet') === 'unknown' || ready >= wanted) return [];
  const pods = livePodsByWorkload(reader).get(id) ?? [];
  const late = pods.filter(isLate).sort((a, b) => ordinalOf(a) - ordinalOf(b));
  const isEmpty = pods.length < wanted && pods.every((pod) => isUp(pod.object)) && isSettled(reader, object);
  if (late.length === 0 && !isEmpty) return [];
  const first = late[0] ? `; ${nameOf(late[0].id)} is the first that is not` : `; ${wanted - pods.length} pods are not there`;
  const evidence = [quote(reader, id, ['status'])];
  return [
    {
      code: 'T0-STATEFULSET-001',
      subject: id,
      message: `${nameOf(id)}: ${ready} of ${wanted} replicas are ready${first}`,
      evidence,
      // A member that is not ready holds up those after it.
      severity: pods.length >= wanted && late.length > 0 && late.every(isStandby) ? 'degraded' : undefined,
    },
  ];
}

function ordinalOf(pod: PodView): number {
  return Number(/-(\d+)$/.exec(pod.id)?.[1] ?? 0);
}

function isSettled(reader: CmdbReader, object: unknown): boolean {
  const createdMs = instantAt(object, 'metadata', 'creationTimestamp');
  return createdMs === undefined || Date.parse(reader.at) - createdMs >= PATIENCE_MS;
}

/** Somebody in the namespace is told a name below the Service: a member of the set by its own name. */
function isNamed(reader: CmdbReader, id: string, service: string): boolean {
  const member = new RegExp(`(?:-\\d+|[)}])\\.${service.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`);
  const { namespace = '' } = parseKubernetesItemId(id) ?? {};
  const holders = ['StatefulSet', 'Deployment', 'DaemonSet', 'ConfigMap', 'Job', 'CronJob'].flatMap((kind) =>
    objectsIn(reader, kind, namespace),
  );
  return holders.some(({ object }) =>
    [readField(object, ['data']), readField(object, ['spec', 'template']), readField(object, ['spec', 'jobTemplate'])].some(
      (part) => part !== undefined && member.test(JSON.stringify(part)),
    ),
  );
}

/** A headless Service of another name that leads to the pods: the one that was meant. */
function otherHeadless(reader: CmdbReader, id: string): string {
  const labels = mapAt(reader.object(id), 'spec', 'template', 'metadata', 'labels');
  const { namespace = '' } = parseKubernetesItemId(id) ?? {};
  const meant = objectsIn(reader, 'Service', namespace).find(({ object }) => {
    const selector = Object.entries(mapAt(object, 'spec', 'selector'));
    return textAt(object, 'spec', 'clusterIP') === 'None' && selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
  });
  return meant === undefined ? '' : `, and headless Service ${meant.name} leads to them`;
}

/** Without its Service the pods have no names of their own; they run all the same, so it is only a fault where they do not. */
function service(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const name = textAt(object, 'spec', 'serviceName');
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const target = name === undefined ? undefined : parseKubernetesItemId(siblingId(id, 'Service', name));
  if (!target || wanted === 0 || existence(reader, target) !== 'absent') return [];
  const isShort = (numberAt(object, 'status', 'readyReplicas') ?? 0) < wanted && readField(object, ['status']) !== undefined;
  return [
    {
      code: 'T0-STATEFULSET-002',
      subject: siblingId(id, 'Service', name ?? ''),
      message: `Service ${name} does not exist, so the pods of ${nameOf(id)} have no names in DNS: its serviceName says ${name}${otherHeadless(reader, id)}`,
      evidence: [quote(reader, id, ['spec', 'serviceName'])],
      severity: isShort && isNamed(reader, id, name ?? '') ? 'fault' : 'degraded',
    },
  ];
}
