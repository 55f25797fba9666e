import { type CmdbReader, type ItemEdit, parseKubernetesItemId, type RootCause } from '@tier0/core';
import type { RemedyDraft } from '../../findings/remedy-draft.ts';
import { listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { containerPath, podSpecPath, podsOf } from '../objects/workload.ts';

const REVISION = 'deployment.kubernetes.io/revision';

interface Revision {
  readonly number: number;
  readonly images: ReadonlyMap<string, string>;
  readonly ready: number;
}

/** Puts back the last image that ran, from the Deployment's own revision history. Undefined when there is none. */
export function restoreImage({
  reader,
  rootCause,
}: {
  readonly reader: CmdbReader;
  readonly rootCause: RootCause;
}): RemedyDraft | undefined {
  const workload = rootCause.subject;
  if (parseKubernetesItemId(workload)?.kind !== 'Deployment' || rootCause.finding === undefined) return undefined;
  const current = imagesIn(reader.object(workload));
  const failing = failingContainers(reader, workload);
  const good = lastGood(revisionsOf(reader, workload), current, failing);
  const edits = [...current].flatMap(([container, image]): readonly ItemEdit[] => {
    const restored = good?.images.get(container);
    if (!failing.has(container) || !restored || restored === image) return [];
    return [{ item: workload, fieldPath: [...containerPath('Deployment', container), 'image'], expectOld: image, value: restored }];
  });
  if (!good || edits.length === 0) return undefined;
  const name = parseKubernetesItemId(workload)?.name ?? workload;
  const images = edits.map((edit) => `${String(edit.expectOld)} -> ${String(edit.value)}`).join(', ');
  return {
    id: 'restore-image',
    kind: 'revert',
    title: `Restore the last image of ${name} that ran`,
    edits,
    why: `The image cannot be pulled. Revision ${good.number} ran with the earlier one${good.ready > 0 ? ` and still has ${good.ready} ready replicas` : ''}: ${images}.`,
    rollback: `Set the image again: ${edits.map((edit) => `${String(edit.value)} -> ${String(edit.expectOld)}`).join(', ')}.`,
    precondition: 'What the newer image brought is not needed at once.',
    risk: 'low',
    verify: 'The image is pulled and the pods become ready.',
  };
}

function imagesIn(object: unknown): ReadonlyMap<string, string> {
  const containers = listAt(object, ...podSpecPath('Deployment'), 'containers');
  return new Map(containers.map((entry) => [textAt(entry, 'name') ?? '', textAt(entry, 'image') ?? '']));
}

function failingContainers(reader: CmdbReader, workload: string): ReadonlySet<string> {
  const waiting = /^(ImagePullBackOff|ErrImagePull|InvalidImageName)$/;
  const statuses = podsOf(reader, workload).flatMap((pod) => listAt(reader.object(pod), 'status', 'containerStatuses'));
  return new Set(
    statuses
      .filter((status) => waiting.test(textAt(status, 'state', 'waiting', 'reason') ?? ''))
      .map((status) => textAt(status, 'name') ?? ''),
  );
}

function revisionsOf(reader: CmdbReader, workload: string): readonly Revision[] {
  const owned = reader.relations(workload, 'in', 'managedBy').filter(({ from }) => parseKubernetesItemId(from)?.kind === 'ReplicaSet');
  const revisions = owned.map(({ from }): Revision => {
    const object = reader.object(from);
    return {
      number: Number(mapAt(object, 'metadata', 'annotations')[REVISION]) || 0,
      images: imagesIn(object),
      ready: numberAt(object, 'status', 'readyReplicas') ?? 0,
    };
  });
  return revisions.sort((a, b) => b.number - a.number);
}

/** The newest earlier revision whose pods are ready now; else the newest one with another image. */
function lastGood(
  revisions: readonly Revision[],
  current: ReadonlyMap<string, string>,
  failing: ReadonlySet<string>,
): Revision | undefined {
  const differs = ({ images }: Revision) =>
    [...failing].some((container) => images.has(container) && images.get(container) !== current.get(container));
  const candidates = revisions.filter(differs);
  return candidates.find((revision) => revision.ready > 0) ?? candidates[0];
}
