import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import { siblingId } from '../objects/existence.ts';
import { indexed } from '../objects/indexed.ts';
import { type HeldObject, isYoungerThan, objectsOf } from '../objects/objects.ts';
import type { IndexedPod } from '../objects/pod-index.ts';
import { listAt, textAt } from '../objects/read-object.ts';

/** Detaching and attaching takes a minute or two. */
const SETTLING_MS = 180_000;

/** Node that a volume is attached to, by the volume's name. */
const attachedNodes = indexed(
  (reader) =>
    new Map(
      objectsOf(reader, 'VolumeAttachment').flatMap((held): [string, string][] => {
        const volume = textAt(held.object, 'spec', 'source', 'persistentVolumeName');
        const node = textAt(held.object, 'spec', 'nodeName');
        return volume && node && readField(held.object, ['status', 'attached']) === true ? [[volume, node]] : [];
      }),
    ),
);

/** A claim that one node may use, held by one node while a pod on another cannot start. */
export function volumeOnTwoNodes(reader: CmdbReader, claim: HeldObject, pods: readonly IndexedPod[]): readonly FindingDraft[] {
  const modes = listAt(claim.object, 'spec', 'accessModes');
  if (modes.length === 0 || modes.some((mode) => mode !== 'ReadWriteOnce' && mode !== 'ReadWriteOncePod')) return [];
  const waiting = pods.filter((pod) => pod.node !== undefined && isStarting(pod) && !isYoungerThan(reader, pod.object, SETTLING_MS));
  const first = waiting[0];
  if (first === undefined) return [];
  const attached = attachedNodes(reader).get(textAt(claim.object, 'spec', 'volumeName') ?? '');
  const holder = pods.find((pod) => pod.node !== undefined && pod.node !== first.node && !isStarting(pod));
  const node = holder?.node ?? (attached !== first.node ? attached : undefined);
  if (node === undefined) return [];
  return [
    {
      code: 'T0-PERSISTENTVOLUMECLAIM-007',
      subject: claim.id,
      facts: { claim: claim.name, node, pod: first.name, wantedNode: first.node },
      evidence: [quote(reader, claim.id, ['spec', 'accessModes']), quote(reader, first.id, ['status'])],
      suspects: [siblingId(claim.id, 'Node', node, '')],
    },
  ];
}

/** Bound to a node, and no container has ever started: its volumes are what it waits for. */
function isStarting(pod: IndexedPod): boolean {
  if (textAt(pod.object, 'status', 'phase') !== 'Pending') return false;
  const statuses = [...listAt(pod.object, 'status', 'containerStatuses'), ...listAt(pod.object, 'status', 'initContainerStatuses')];
  return statuses.every((status) => /^(?:ContainerCreating|PodInitializing)$/.test(textAt(status, 'state', 'waiting', 'reason') ?? ''));
}
