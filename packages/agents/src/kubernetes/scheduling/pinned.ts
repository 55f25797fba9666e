import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import { eventsAbout } from '../objects/events.ts';
import { siblingId } from '../objects/existence.ts';
import { patienceMs } from '../objects/patience.ts';
import { isYounger, nameOf, type PodView, podFinding, troubledPods } from '../objects/pod-view.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { podSpecPath } from '../objects/workload.ts';

/**
 * Pods whose template names their node: they go round the scheduler, which alone gives a claim that waits for its first consumer a node,
 * and a device claim its device. Both stay as they are for ever.
 */
export function pinnedPods(reader: CmdbReader): readonly FindingDraft[] {
  const pinned = troubledPods(reader).filter((pod) => isPinned(pod) && !isYounger(pod, patienceMs('binding-told')));
  return [...new Map(pinned.toReversed().map((pod) => [pod.workload, pod])).values()].flatMap(unplacedClaims);
}

/** The node stands in the template, or the pod stands alone and no scheduler has bound it. */
function isPinned({ reader, id, object, workload, workloadKind }: PodView): boolean {
  const node = textAt(object, 'spec', 'nodeName');
  if (node === undefined || workloadKind === 'DaemonSet') return false;
  if (workload !== id) return textAt(reader.object(workload), ...podSpecPath(workloadKind).map(String), 'nodeName') === node;
  return eventsAbout(reader, id).length > 0 && !eventsAbout(reader, id).some(({ reason }) => reason === 'Scheduled');
}

function unplacedClaims(pod: PodView): readonly FindingDraft[] {
  const { reader, object } = pod;
  const volumes = referencesOf(readField(object, ['spec']))
    .filter(({ kind }) => kind === 'PersistentVolumeClaim')
    .map(({ name }) => siblingId(pod.id, 'PersistentVolumeClaim', name))
    .filter((claim) => isUnplacedVolume(reader, claim));
  const devices = listAt(object, 'status', 'resourceClaimStatuses')
    .flatMap((entry) => textAt(entry, 'resourceClaimName') ?? [])
    .map((name) => siblingId(pod.id, 'ResourceClaim', name))
    .filter((claim) => reader.object(claim) !== undefined && readField(reader.object(claim), ['status', 'allocation']) === undefined);
  const waiting = [...volumes, ...devices];
  if (waiting.length === 0) return [];
  const node = textAt(object, 'spec', 'nodeName') ?? '';
  const names = waiting.map((claim) => `${parseKubernetesItemId(claim)?.kind} ${nameOf(claim)}`).join(', ');
  const message = `its nodeName ${node} goes round the scheduler, and ${names} is only bound when the scheduler places a pod that uses it: the pod waits for ever`;
  const draft = podFinding(pod, {
    code: 'T0-POD-087',
    key: waiting.join(),
    message,
    paths: [
      ['spec', 'nodeName'],
      ['spec', 'volumes'],
    ],
  });
  return [{ ...draft, evidence: [...draft.evidence, ...waiting.map((claim) => quote(reader, claim, ['status']))], seenOn: waiting }];
}

function isUnplacedVolume(reader: CmdbReader, claim: string): boolean {
  const object = reader.object(claim);
  const isChosen = readField(object, ['metadata', 'annotations', 'volume.kubernetes.io/selected-node']) !== undefined;
  return textAt(object, 'status', 'phase') === 'Pending' && !isChosen && isBoundByScheduler(reader, object, claim);
}

/** Whether a claim's class binds it only when the scheduler has placed the first pod that uses it. */
export function isBoundByScheduler(reader: CmdbReader, object: unknown, claim: string): boolean {
  const name = textAt(object, 'spec', 'storageClassName');
  return (
    name !== undefined && textAt(reader.object(siblingId(claim, 'StorageClass', name, '')), 'volumeBindingMode') === 'WaitForFirstConsumer'
  );
}
