import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { livePodsByWorkload, nameOf } from '../objects/pod-view.ts';
import { numberAt, textAt } from '../objects/read-object.ts';
import { workloadOf } from '../objects/workload.ts';
import { isLate } from './statefulset.ts';

/** Replicas of the controllers beside Deployment and StatefulSet: DeploymentConfig, ReplicationController and ReplicaSet of nobody, Argo Rollout. */
export const controllerReplicasRule: Rule = {
  name: 'controller-replicas',
  check: (reader) => [
    ...['DeploymentConfig', 'ReplicationController', 'ReplicaSet'].flatMap((kind) =>
      reader.items({ kind }).items.flatMap(({ id }) => (workloadOf(reader, id) === id ? short(reader, id) : [])),
    ),
    ...reader.items({ kind: 'Rollout' }).items.flatMap(({ id }) => rollout(reader, id)),
  ],
};

function short(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const wanted = numberAt(object, 'spec', 'replicas') ?? 1;
  const ready = numberAt(object, 'status', 'readyReplicas') ?? 0;
  const isStuck = (livePodsByWorkload(reader).get(id) ?? []).some(isLate);
  if (readField(object, ['status']) === undefined || ready >= wanted || !isStuck) return [];
  const message = `${nameOf(id)}: ${ready} of ${wanted} replicas are ready`;
  return [{ code: 'T0-REPLICASET-009', subject: id, message, evidence: [quote(reader, id, ['status'])] }];
}

function rollout(reader: CmdbReader, id: string): readonly FindingDraft[] {
  const object = reader.object(id);
  const phase = textAt(object, 'status', 'phase');
  if (phase !== 'Degraded' && phase !== 'Error') return [];
  const said = textAt(object, 'status', 'message');
  const message = `${nameOf(id)}: the rollout is ${phase.toLowerCase()}${said === undefined ? '' : `: ${said}`}`;
  return [{ code: 'T0-ROLLOUT-001', subject: id, message, evidence: [quote(reader, id, ['status', 'message'])] }];
}
