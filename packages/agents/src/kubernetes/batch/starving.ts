import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import { existence, siblingId } from '../objects/existence.ts';
import { mentionsHost } from '../objects/host-text.ts';
import { lastApplied } from '../objects/last-applied.ts';
import { objectsIn } from '../objects/objects.ts';
import { isUp, livePodsByWorkload, nameOf, type PodView } from '../objects/pod-view.ts';
import { conditionOf, instantAt, listAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { podSpecPath, workloadOf } from '../objects/workload.ts';
import { nextDue, parseCron, zoneOffsetMs } from './cron-schedule.ts';

/** Who is not ready any more since a suspended CronJob left out its first run. */
export interface Starving {
  /** Milliseconds since the epoch: the first run that was left out. */
  readonly dueMs: number;
  /** Item ids, sorted. */
  readonly workloads: readonly string[];
  /** What they use as the CronJob does, for a person. */
  readonly shared: readonly string[];
}

/**
 * Workloads that a CronJob which somebody suspended by hand leaves without what it makes: they were ready until a run was left out, and
 * use a Service, claim or object that it uses too. undefined for one that is suspended as it was applied, or beside which nobody starves.
 */
export function starvingBeside(reader: CmdbReader, cronJob: string): Starving | undefined {
  const object = reader.object(cronJob);
  if (!isByHand(object)) return undefined;
  const dueMs = firstLeftOut(reader, object);
  const spec = readField(object, podSpecPath('CronJob'));
  if (dueMs === undefined) return undefined;
  const { namespace = '' } = parseKubernetesItemId(cronJob) ?? {};
  const used = usedBy(reader, { item: cronJob, namespace, spec });
  const found = [...livePodsByWorkload(reader)].flatMap(([workload, pods]) => {
    if (parseKubernetesItemId(workload)?.namespace !== namespace || !pods.every((pod) => fellAfter(pod, dueMs))) return [];
    const own = usedBy(reader, { item: workload, namespace, spec: readField(pods[0]?.object, ['spec']) });
    const shared = used.filter((item) => own.includes(item));
    return shared.length === 0 ? [] : [{ workload, shared }];
  });
  if (found.length === 0) return undefined;
  const shared = [...new Set(found.flatMap((one) => one.shared))].sort();
  return { dueMs, workloads: found.map(({ workload }) => workload).sort(), shared: shared.map(sayItem) };
}

/** What was applied last does not suspend it; where nothing was noted, a person's tool is known to have written the field. */
function isByHand(object: unknown): boolean {
  const declared = lastApplied(object);
  if (declared !== undefined) return readField(declared, ['spec', 'suspend']) !== true;
  return listAt(object, 'metadata', 'managedFields').some(
    (entry) =>
      /^kubectl-(?:patch|edit|replace)/.test(textAt(entry, 'manager') ?? '') &&
      readField(entry, ['fieldsV1', 'f:spec', 'f:suspend']) !== undefined,
  );
}

/** The first time that came up after its last run; undefined while none has. */
function firstLeftOut(reader: CmdbReader, object: unknown): number | undefined {
  const schedule = parseCron(textAt(object, 'spec', 'schedule') ?? '');
  const nowMs = Date.parse(reader.at);
  const zone = textAt(object, 'spec', 'timeZone');
  const offsetMs = zone === undefined ? 0 : zoneOffsetMs(zone, nowMs);
  const ranMs = instantAt(object, 'status', 'lastScheduleTime');
  if (schedule === undefined || offsetMs === undefined || ranMs === undefined) return undefined;
  return nextDue(schedule, { afterMs: ranMs, untilMs: nowMs, offsetMs });
}

/** It was made before the run that was left out, and has stopped being ready since. */
function fellAfter({ object }: PodView, dueMs: number): boolean {
  const ready = conditionOf(object, 'Ready');
  const madeMs = instantAt(object, 'metadata', 'creationTimestamp') ?? Number.POSITIVE_INFINITY;
  return !isUp(object) && madeMs < dueMs && (instantAt(ready, 'lastTransitionTime') ?? Number.NEGATIVE_INFINITY) >= dueMs;
}

interface User {
  readonly item: string;
  readonly namespace: string;
  readonly spec: unknown;
}

/** Item ids of what a pod specification names: claims, ConfigMaps and Secrets, and Services that have somebody behind them who is well. */
function usedBy(reader: CmdbReader, { item, namespace, spec }: User): readonly string[] {
  const named = referencesOf(spec)
    .filter(({ kind }) => kind !== 'ServiceAccount')
    .map(({ kind, name }) => siblingId(item, kind, name));
  const words = ['initContainers', 'containers'].flatMap((list) =>
    listAt(spec, list).flatMap((entry) => [
      ...['command', 'args'].flatMap((field) => listAt(entry, field).map(String)),
      ...listAt(entry, 'env').flatMap((variable) => textAt(variable, 'value') ?? []),
    ]),
  );
  const text = words.join('\n').replace(/["'`]/g, ' ');
  const services = objectsIn(reader, 'Service', namespace).filter(({ id, name }) => mentionsHost(text, name) && isServed(reader, id, item));
  return [...new Set([...named, ...services.map(({ id }) => id)])].filter((id) => {
    const identity = parseKubernetesItemId(id);
    return identity !== undefined && existence(reader, identity) === 'found';
  });
}

function isServed(reader: CmdbReader, service: string, user: string): boolean {
  const pods = reader.relations(service, 'out', 'selects').map(({ to }) => to);
  return pods.some((pod) => isUp(reader.object(pod)) && workloadOf(reader, pod) !== user);
}

function sayItem(item: string): string {
  return `${parseKubernetesItemId(item)?.kind ?? ''} ${nameOf(item)}`;
}
