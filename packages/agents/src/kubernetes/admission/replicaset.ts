import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { eventsAbout, type ObjectEvent } from '../objects/events.ts';
import { conditionOf, instantAt, numberAt, textAt } from '../objects/read-object.ts';
import { isPodReady, podsOf } from '../objects/workload.ts';
import { certainRefusal } from './admission.ts';
import { refusalFindings } from './pod-creation.ts';

/** Controllers that may not create their pods. Those that have no condition for it are judged by their events. */
export const replicasetRule: Rule = {
  name: 'replicaset',
  check: (reader) => [
    ...['Deployment', 'DeploymentConfig', 'ReplicaSet', 'ReplicationController'].flatMap((kind) =>
      reader.items({ kind }).items.flatMap(({ id }) => byCondition(reader, id)),
    ),
    ...['StatefulSet', 'DaemonSet', 'Job'].flatMap((kind) => reader.items({ kind }).items.flatMap(({ id }) => byEvent(reader, id))),
  ],
};

function byCondition(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const condition = conditionOf(object, 'ReplicaFailure');
  const isFailing = textAt(condition, 'status') === 'True' && textAt(condition, 'reason') === 'FailedCreate';
  if (!isFailing || numberAt(object, 'spec', 'replicas') === 0) return [];
  const path = ['status', 'conditions', { key: 'type', value: 'ReplicaFailure' }];
  const message = textAt(condition, 'message') ?? failedCreate(reader, id)?.message ?? '';
  return refusalFindings({
    reader,
    controller: id,
    message,
    sinceMs: instantAt(condition, 'lastTransitionTime'),
    evidence: [quote(reader, id, path)],
  });
}

function byEvent(reader: CmdbReader, id: string): readonly FindingDraft[] {
  if (!lacksPods(reader.object(id))) return [];
  const event = failedCreate(reader, id);
  if (!event) return byComparison(reader, id);
  return refusalFindings({
    reader,
    controller: id,
    message: event.message,
    sinceMs: event.firstMs,
    evidence: [quote(reader, event.id, ['message']), quote(reader, id, ['status'])],
  });
}

/** Made long enough ago to have had its pods by now. */
const SETTLED_MS = 2 * 60_000;

/** Without events: what the rules of the namespace are certain to refuse. */
function byComparison(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const createdMs = instantAt(reader.object(id), 'metadata', 'creationTimestamp');
  if (createdMs !== undefined && Date.parse(reader.at) - createdMs < SETTLED_MS) return [];
  if (hasPendingPod(reader, id)) return [];
  const ground = certainRefusal(reader, id);
  return ground
    ? refusalFindings({
        reader,
        controller: id,
        message: ground.text,
        sinceMs: undefined,
        evidence: [quote(reader, id, ['status'])],
        ground,
      })
    : [];
}

/** A pod that was created and is not there yet is another matter. */
function hasPendingPod(reader: CmdbReader, id: string): boolean {
  return podsOf(reader, id).some((pod) => !isPodReady(reader.object(pod)));
}

function failedCreate(reader: CmdbReader, id: string): ObjectEvent | undefined {
  return eventsAbout(reader, id).find(({ reason }) => reason === 'FailedCreate');
}

function lacksPods(object: unknown): boolean {
  if (readField(object, ['status']) === undefined) return false;
  const desired = numberAt(object, 'status', 'desiredNumberScheduled');
  if (desired !== undefined) return (numberAt(object, 'status', 'currentNumberScheduled') ?? 0) < desired;
  const parallelism = numberAt(object, 'spec', 'parallelism');
  if (parallelism !== undefined) {
    const begun =
      (numberAt(object, 'status', 'active') ?? 0) +
      (numberAt(object, 'status', 'succeeded') ?? 0) +
      (numberAt(object, 'status', 'failed') ?? 0);
    return begun === 0 && readField(object, ['spec', 'suspend']) !== true;
  }
  return (numberAt(object, 'status', 'replicas') ?? 0) < (numberAt(object, 'spec', 'replicas') ?? 1);
}
