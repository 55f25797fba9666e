import { readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { Rule } from '../../findings/rule.ts';
import { deletionPatienceMs } from '../objects/finalizer-owner.ts';
import { patienceMs } from '../objects/patience.ts';
import { ageMs, nodeOf, type PodView, podFinding, podViews } from '../objects/pod-view.ts';
import { conditionOf, instantAt, listAt, textAt } from '../objects/read-object.ts';

/** Pods that should be gone, and pods whose node no longer speaks for them. */
export const podTerminationRule: Rule = {
  name: 'pod-termination',
  check: (reader) =>
    podViews(reader).flatMap((pod) => (readField(pod.object, ['metadata', 'deletionTimestamp']) === undefined ? lost(pod) : stuck(pod))),
};

/** `deletionTimestamp` already holds the grace period. */
function stuck(pod: PodView): readonly FindingDraft[] {
  const dueMs = instantAt(pod.object, 'metadata', 'deletionTimestamp');
  const lateMs = dueMs === undefined ? 0 : Date.parse(pod.reader.at) - dueMs;
  const finalizers = listAt(pod.object, 'metadata', 'finalizers').map(String);
  const patience = finalizers.length > 0 ? deletionPatienceMs(pod.reader, finalizers) : patienceMs('delete-pod');
  if (lateMs < patience) return [];
  const minutes = Math.round(lateMs / 60_000);
  const paths = [
    ['metadata', 'deletionTimestamp'],
    ['metadata', 'finalizers'],
  ];
  if (finalizers.length > 0) {
    const message = `a pod should have been gone ${minutes} minutes ago; it is held by ${finalizers.join(', ')}`;
    return [podFinding(pod, { code: 'T0-POD-072', message, key: finalizers.sort().join(), sinceMs: dueMs, paths })];
  }
  const node = nodeOf(pod);
  const suspects = [node ?? []].flat();
  // A node that was not recorded cannot be asked; it is the node all the same.
  const subject = node !== undefined && pod.reader.get(node).state === 'unknown' ? node : undefined;
  const message = `a pod should have been gone ${minutes} minutes ago; its node ${textAt(pod.object, 'spec', 'nodeName') ?? ''} does not confirm it`;
  return [podFinding(pod, { code: 'T0-POD-073', subject, message, sinceMs: dueMs, suspects, paths })];
}

/** Default of the toleration that every pod gets for a node that is not ready: 300 s. */
const TOLERATED_MS = 300_000;

function lost(pod: PodView): readonly FindingDraft[] {
  const node = nodeOf(pod);
  if (node === undefined || textAt(pod.object, 'status', 'phase') === 'Succeeded' || textAt(pod.object, 'status', 'phase') === 'Failed')
    return [];
  const isUnknown = textAt(pod.object, 'status', 'phase') === 'Unknown' || textAt(pod.object, 'status', 'reason') === 'NodeLost';
  const ready = conditionOf(pod.object, 'Ready');
  const containersReady = listAt(pod.object, 'status', 'containerStatuses').every((status) => readField(status, ['ready']) === true);
  const isOrphan = textAt(ready, 'status') === 'False' && containersReady && numberOfContainers(pod) > 0 && isNodeUnready(pod, node);
  const sinceMs = instantAt(ready, 'lastTransitionTime');
  if ((!isUnknown && !isOrphan) || Date.parse(pod.reader.at) - (sinceMs ?? 0) < TOLERATED_MS || (ageMs(pod) ?? TOLERATED_MS) < TOLERATED_MS)
    return [];
  const message = `a pod is lost: its node ${textAt(pod.object, 'spec', 'nodeName')} does not answer for it`;
  return [podFinding(pod, { code: 'T0-POD-074', message, sinceMs, suspects: [node], paths: [['status', 'conditions']] })];
}

function numberOfContainers(pod: PodView): number {
  return listAt(pod.object, 'status', 'containerStatuses').length;
}

function isNodeUnready({ reader }: PodView, node: string): boolean {
  const status = textAt(conditionOf(reader.object(node), 'Ready'), 'status');
  return status === 'False' || status === 'Unknown';
}
