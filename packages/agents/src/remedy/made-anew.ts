import { type CmdbReader, formatItemId, type ItemEdit, parseKubernetesItemId, readField } from '@tier0/core';
import { type PodView, podViews } from '../kubernetes/objects/pod-view.ts';
import { instantAt, listAt, textAt } from '../kubernetes/objects/read-object.ts';
import { podSpecPath } from '../kubernetes/objects/workload.ts';

/**
 * Why nothing would be made anew from what is edited, so that the edit alone heals nothing; undefined where that is not so.
 * - A StatefulSet in the order of its pods waits for a pod that is not ready before it replaces any, even when the template is right again
 *   (Kubernetes documentation, StatefulSets, "Forced rollback"): somebody deletes the pod. One that crashes again and again counts as such,
 *   even in the moments in which it is ready.
 * - With update strategy OnDelete no pod is replaced until somebody deletes it.
 * - A Job that is over does not run again.
 */
export function whatStays(reader: CmdbReader, edits: readonly ItemEdit[]): string | undefined {
  const items = [...new Set(edits.map(({ item }) => item))];
  return items.map((item) => stuckPod(reader, item, edits) ?? finishedJob(reader, item)).find((reason) => reason !== undefined);
}

/** What somebody has to do beside the edits, where a controller keeps a pod of before: `pod db-0 is deleted`; undefined where nothing is kept. */
export function whatToDelete(reader: CmdbReader, edits: readonly ItemEdit[]): string | undefined {
  const items = [...new Set(edits.map(({ item }) => item))];
  const kept = items.map((item) => keptPod(reader, item, edits)).find((found) => found !== undefined);
  return kept === undefined ? undefined : `pod ${parseKubernetesItemId(kept.pod.id)?.name ?? kept.pod.id} is deleted`;
}

function stuckPod(reader: CmdbReader, item: string, edits: readonly ItemEdit[]): string | undefined {
  const kept = keptPod(reader, item, edits);
  if (kept === undefined) return undefined;
  const name = parseKubernetesItemId(kept.pod.id)?.name ?? kept.pod.id;
  const which = kept.isOnDelete ? 'by its update strategy OnDelete' : 'which is not ready, or not for long,';
  return `${formatItemId(item)} keeps its pod ${name}, ${which} whatever its template says: delete the pod once the change is live`;
}

/** A pod of before that the controller of an edited set does not replace by itself. */
function keptPod(
  reader: CmdbReader,
  item: string,
  edits: readonly ItemEdit[],
): { readonly pod: PodView; readonly isOnDelete: boolean } | undefined {
  const kind = parseKubernetesItemId(item)?.kind;
  const isEdited = (field: string) =>
    edits.some((edit) => edit.item === item && edit.fieldPath[0] === 'spec' && edit.fieldPath[1] === field);
  if ((kind !== 'StatefulSet' && kind !== 'DaemonSet') || !(isEdited('template') || isEdited('updateStrategy'))) return undefined;
  const set = reader.object(item);
  const pods = podViews(reader).filter((pod) => pod.workload === item && !isGoing(pod.object));
  const isOnDelete = textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete' && !isEdited('updateStrategy');
  const isInOrder = kind === 'StatefulSet' && (textAt(set, 'spec', 'podManagementPolicy') ?? 'OrderedReady') === 'OrderedReady';
  const kept = isOnDelete ? pods[0] : isInOrder ? pods.find((pod) => !isSettled(pod)) : undefined;
  return kept === undefined ? undefined : { pod: kept, isOnDelete };
}

/** A container that ended this short a time ago may end again at any moment: its pod is ready in between only. */
const SETTLED_MS = 600_000;

function isSettled({ object, reader }: PodView): boolean {
  const ends = listAt(object, 'status', 'containerStatuses').flatMap(
    (status) => instantAt(status, 'lastState', 'terminated', 'finishedAt') ?? [],
  );
  return isReady(object) && ends.every((endMs) => Date.parse(reader.at) - endMs > SETTLED_MS);
}

function finishedJob(reader: CmdbReader, item: string): string | undefined {
  if (parseKubernetesItemId(item)?.kind !== 'Job') return undefined;
  const over = listAt(reader.object(item), 'status', 'conditions').some(
    (one) => /^(Failed|Complete)$/.test(textAt(one, 'type') ?? '') && textAt(one, 'status') === 'True',
  );
  return over ? `${formatItemId(item)} is over and does not run again by itself: make it anew with the change` : undefined;
}

function isReady(pod: unknown): boolean {
  return listAt(pod, 'status', 'conditions').some((one) => textAt(one, 'type') === 'Ready' && textAt(one, 'status') === 'True');
}

function isGoing(pod: unknown): boolean {
  return readField(pod, ['metadata', 'deletionTimestamp']) !== undefined;
}

/**
 * Why it is not known whether the containers of an edited template start as they are told: they must not run as root, and nobody says as
 * whom the image runs. The kubelet refuses an image that runs as root then, where admission let the pod pass.
 */
export function whoRunsUnknown(before: CmdbReader, after: CmdbReader, edits: readonly ItemEdit[]): string | undefined {
  const items = [...new Set(edits.map(({ item }) => item))];
  return items.map((item) => rootless(before, after, item)).find((reason) => reason !== undefined);
}

function rootless(before: CmdbReader, after: CmdbReader, item: string): string | undefined {
  const path = podSpecPath(parseKubernetesItemId(item)?.kind ?? '');
  const spec = readField(after.object(item), path);
  const old = readField(before.object(item), path);
  const container = listAt(spec, 'containers').find((one) => isNonRoot(spec, one) && userOf(spec, one) === undefined);
  if (container === undefined) return undefined;
  const name = textAt(container, 'name') ?? '';
  const same = listAt(old, 'containers').find((one) => textAt(one, 'name') === name);
  if (same !== undefined && isNonRoot(old, same)) return undefined;
  return `container ${name} must not run as root then, and no object says as whom its image runs: one that runs as root is not started`;
}

function isNonRoot(spec: unknown, container: unknown): boolean {
  return (readField(container, ['securityContext', 'runAsNonRoot']) ?? readField(spec, ['securityContext', 'runAsNonRoot'])) === true;
}

function userOf(spec: unknown, container: unknown): unknown {
  return readField(container, ['securityContext', 'runAsUser']) ?? readField(spec, ['securityContext', 'runAsUser']);
}
