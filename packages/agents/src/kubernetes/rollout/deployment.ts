import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { keepsRoomOnly } from '../objects/placeholder.ts';
import { isUp, isYounger, livePodsByWorkload } from '../objects/pod-view.ts';
import { conditionOf, instantAt, numberAt, textAt } from '../objects/read-object.ts';
import { isStandby } from '../objects/standby.ts';
import { rolloutOf } from '../objects/workload.ts';

/** Default of progressDeadlineSeconds in the Kubernetes API. */
const PROGRESS_DEADLINE_SECONDS = 600;

/** A deadline beyond this protects no start any more: it only keeps the controller from saying that the rollout hangs. */
const LONGEST_MS = 3_600_000;

/** A pod may take this long to start. */
const STARTING_MS = 5 * 60_000;

/** Deployments that do not have what they want, once their rollout window is over. */
export const deploymentRule: Rule = {
  name: 'deployment',
  check: (reader) =>
    reader
      .items({ kind: 'Deployment' })
      .items.filter(({ id }) => !keepsRoomOnly(reader, id))
      .flatMap(({ id, name }) => [
        ...deadline(reader, id, name),
        ...replicas(reader, id, name),
        ...strategy(reader, id, name),
        ...paused(reader, id, name),
      ]),
};

function deadline(reader: CmdbReader, id: string, name: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const condition = conditionOf(object, 'Progressing');
  if (textAt(condition, 'status') !== 'False' || textAt(condition, 'reason') !== 'ProgressDeadlineExceeded') return [];
  // The condition stays after the pods have recovered without a new rollout.
  if (numberAt(object, 'spec', 'replicas') === 0 || rolloutOf(object, 'Deployment') === 'complete') return [];
  return [
    {
      code: 'T0-DEPLOYMENT-002',
      subject: id,
      facts: { workload: name },
      sinceMs: instantAt(condition, 'lastTransitionTime') ?? instantAt(condition, 'lastUpdateTime'),
      evidence: [quote(reader, id, ['status', 'conditions', { key: 'type', value: 'Progressing' }])],
    },
  ];
}

function replicas(reader: CmdbReader, id: string, name: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  if (rolloutOf(object, 'Deployment') === 'unknown' || readField(object, ['spec', 'paused']) === true) return [];
  const ready = numberAt(object, 'status', 'readyReplicas') ?? 0;
  const sinceMs = troubledSince(object);
  if (ready >= wanted || isWithinWindow(reader, id, sinceMs)) return [];
  return [
    {
      code: 'T0-DEPLOYMENT-001',
      subject: id,
      facts: { workload: name, ready, wanted },
      sinceMs,
      evidence: [quote(reader, id, ['status'])],
      severity: ready > 0 && isOnlyStandby(reader, id) ? 'degraded' : undefined,
    },
  ];
}

/** Paused, with a template that no pod is of, while pods of the older one are not ready: the correction does not arrive. */
function paused(reader: CmdbReader, id: string, name: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  // Where none is updated the field is left out.
  const isBehind = (numberAt(object, 'status', 'updatedReplicas') ?? 0) < wanted;
  const isShort =
    readField(object, ['status']) !== undefined &&
    ((numberAt(object, 'status', 'readyReplicas') ?? 0) < wanted || (numberAt(object, 'status', 'unavailableReplicas') ?? 0) > 0);
  if (readField(object, ['spec', 'paused']) !== true || !isBehind || !isShort) return [];
  const message = `${name}: it is paused, so what its template says now does not reach its pods, and they are not ready`;
  return [
    { code: 'T0-DEPLOYMENT-005', subject: id, message, evidence: [quote(reader, id, ['spec', 'paused']), quote(reader, id, ['status'])] },
  ];
}

/** Every pod that is not ready merely stands by. */
function isOnlyStandby(reader: CmdbReader, id: string): boolean {
  const waiting = (livePodsByWorkload(reader).get(id) ?? []).filter((pod) => !isUp(pod.object));
  return waiting.length > 0 && waiting.every(isStandby);
}

function troubledSince(object: unknown): number | undefined {
  const available = conditionOf(object, 'Available');
  return textAt(available, 'status') === 'False' ? instantAt(available, 'lastTransitionTime') : undefined;
}

/** A Deployment has the time of its progress deadline after each rollout step, and after it became unavailable. */
function isWithinWindow(reader: CmdbReader, id: string, sinceMs: number | undefined): boolean {
  const object = reader.object(id);
  const windowMs = Math.min(1000 * (numberAt(object, 'spec', 'progressDeadlineSeconds') ?? PROGRESS_DEADLINE_SECONDS), LONGEST_MS);
  const progressing = conditionOf(object, 'Progressing');
  if (textAt(progressing, 'reason') === 'ProgressDeadlineExceeded') return false;
  if (progressing === undefined && sinceMs === undefined && isEveryPodYoung(reader, id)) return true;
  const started = [sinceMs, instantAt(progressing, 'lastUpdateTime'), instantAt(object, 'metadata', 'creationTimestamp')];
  const newest = Math.max(...started.flatMap((at) => at ?? []));
  return Date.parse(reader.at) - newest < windowMs;
}

/** Where the controller says nothing of its progress: whether the pods that are not ready have only begun. */
function isEveryPodYoung(reader: CmdbReader, id: string): boolean {
  const waiting = (livePodsByWorkload(reader).get(id) ?? []).filter((pod) => !isUp(pod.object));
  return waiting.length > 0 && waiting.every((pod) => isYounger(pod, STARTING_MS));
}

/** No pod may be added and none may be taken away: then none can be replaced. Shares that only round to zero are lifted to one pod. */
function strategy(reader: CmdbReader, id: string, name: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const rolling = readField(object, ['spec', 'strategy', 'rollingUpdate']);
  const isZero = (value: unknown) => value === 0 || value === '0%' || value === '0';
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  if (wanted === 0 || !isZero(readField(rolling, ['maxSurge'])) || !isZero(readField(rolling, ['maxUnavailable']))) return [];
  const isStuck = (numberAt(object, 'status', 'updatedReplicas') ?? wanted) < wanted;
  const message = `${name}: its rollout may neither add a pod (maxSurge) nor take one away (maxUnavailable)`;
  const evidence = [quote(reader, id, ['spec', 'strategy'])];
  return [{ code: 'T0-DEPLOYMENT-003', subject: id, message, evidence, severity: isStuck ? 'fault' : 'hygiene' }];
}
