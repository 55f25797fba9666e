import { readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { Rule } from '../../findings/rule.ts';
import { deletionPatienceMs, hasController } from '../objects/finalizer-owner.ts';
import { isReadCompletely } from '../objects/objects.ts';
import { patienceMs } from '../objects/patience.ts';
import { ageMs, nameOf, nodeOf, type PodView, podFinding, podViews } from '../objects/pod-view.ts';
import { conditionOf, instantAt, listAt, numberAt, textAt } from '../objects/read-object.ts';
import { sayDuration } from '../objects/say.ts';
import { podsOf } from '../objects/workload.ts';

/** Pods that should be gone, and pods whose node no longer speaks for them. */
export const podTerminationRule: Rule = {
  name: 'pod-termination',
  check: (reader) =>
    podViews(reader).flatMap((pod) => (readField(pod.object, ['metadata', 'deletionTimestamp']) === undefined ? lost(pod) : stuck(pod))),
};

/** A pod that leaves while nothing serves in its place is told after this. */
const LEAVING_MS = 45_000;

/** Longer than a step of a rollout takes by default: no program is known to need it to end. */
const LONG_GRACE_SECONDS = 600;

/** It takes its time to end, and its workload makes no other before (strategy Recreate, an ordered StatefulSet): nothing serves meanwhile. */
function leaving(pod: PodView): readonly FindingDraft[] {
  const dueMs = instantAt(pod.object, 'metadata', 'deletionTimestamp');
  const graceSeconds = numberAt(pod.object, 'metadata', 'deletionGracePeriodSeconds');
  if (dueMs === undefined || graceSeconds === undefined) return [];
  const sinceMs = dueMs - 1000 * graceSeconds;
  const goneMs = Date.parse(pod.reader.at) - sinceMs;
  const siblings = podViews(pod.reader).filter(({ workload }) => workload === pod.workload);
  const isAlone = siblings.every(({ object }) => readField(object, ['metadata', 'deletionTimestamp']) !== undefined);
  const wanted = numberAt(pod.reader.object(pod.workload), 'spec', 'replicas') ?? 1;
  // A member of a set has a name of its own: nothing takes its place before it is gone, however many stand beside it.
  const isMember = pod.workloadKind === 'StatefulSet' && graceSeconds > LONG_GRACE_SECONDS && goneMs >= patienceMs('pod-start');
  if (goneMs < LEAVING_MS || !(isAlone || isMember) || wanted === 0 || pod.workload === pod.id) return [];
  const hooked = listAt(pod.object, 'spec', 'containers').find((entry) => readField(entry, ['lifecycle', 'preStop']) !== undefined);
  const why = hooked === undefined ? '' : `, while the preStop hook of container ${textAt(hooked, 'name')} runs`;
  const message = `its pod has been terminating for ${Math.round(goneMs / 1000)} s and may take ${graceSeconds} s${why}; no other pod is made before it is gone`;
  const paths = [
    ['metadata', 'deletionTimestamp'],
    ['metadata', 'deletionGracePeriodSeconds'],
  ];
  return [podFinding(pod, { code: hooked === undefined ? 'T0-POD-077' : 'T0-POD-076', message, sinceMs, paths })];
}

/** `deletionTimestamp` already holds the grace period. */
function stuck(pod: PodView): readonly FindingDraft[] {
  const dueMs = instantAt(pod.object, 'metadata', 'deletionTimestamp');
  if (dueMs !== undefined && dueMs > Date.parse(pod.reader.at)) return leaving(pod);
  const lateMs = dueMs === undefined ? 0 : Date.parse(pod.reader.at) - dueMs;
  const finalizers = listAt(pod.object, 'metadata', 'finalizers').map(String);
  const patience =
    finalizers.length > 0 ? deletionPatienceMs(pod.reader, finalizers, podsOf(pod.reader, pod.workload)) : patienceMs('delete-pod');
  if (lateMs < patience) return [];
  const late = sayDuration(lateMs);
  const paths = [
    ['metadata', 'deletionTimestamp'],
    ['metadata', 'finalizers'],
  ];
  if (finalizers.length > 0) {
    const message = `pod ${nameOf(pod.id)} should have been gone ${late} ago; it is held by the finalizer ${finalizers.join(', ')}${whoHolds(pod, finalizers)}${whatLacks(pod)}`;
    return [podFinding(pod, { code: 'T0-POD-072', message, key: finalizers.sort().join(), sinceMs: dueMs, paths })];
  }
  const node = nodeOf(pod);
  const suspects = [node ?? []].flat();
  // A node that was not recorded cannot be asked; it is the node all the same.
  const subject = node !== undefined && pod.reader.get(node).state === 'unknown' ? node : undefined;
  const message = `a pod should have been gone ${late} ago; its node ${textAt(pod.object, 'spec', 'nodeName') ?? ''} does not confirm it`;
  return [podFinding(pod, { code: 'T0-POD-073', subject, message, sinceMs: dueMs, suspects, paths })];
}

/** Who put the finalizers there, and whether anybody could take them away. */
function whoHolds({ reader, workload, workloadKind }: PodView, finalizers: readonly string[]): string {
  const template = listAt(reader.object(workload), 'spec', 'template', 'metadata', 'finalizers').map(String);
  const own = finalizers.every((name) => template.includes(name))
    ? `, which the template of ${workloadKind} ${nameOf(workload)} gives its pods`
    : '';
  const without = podsOf(reader, workload);
  const isOrphaned = isReadCompletely(reader, 'Pod') && finalizers.some((name) => !hasController(reader, name, without));
  return `${own}${isOrphaned ? ', and nothing else in the cluster is called after it' : ''}`;
}

/** A member of a StatefulSet is only made anew once the one before is gone. */
function whatLacks({ reader, workload, workloadKind }: PodView): string {
  if (workloadKind !== 'StatefulSet') return '';
  const ready = numberAt(reader.object(workload), 'status', 'readyReplicas') ?? 0;
  return `; the StatefulSet has ${ready} of ${numberAt(reader.object(workload), 'spec', 'replicas') ?? 1} members ready and makes this one anew only when it is gone`;
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
