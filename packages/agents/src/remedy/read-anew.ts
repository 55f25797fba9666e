import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../findings/remedy-draft.ts';
import { siblingId } from '../kubernetes/objects/existence.ts';
import { type ContainerView, containersOf, isUp, type PodView, podViews, waitingOf } from '../kubernetes/objects/pod-view.ts';
import { referencesOf } from '../kubernetes/objects/reference.ts';
import { nameOf } from '../kubernetes/objects/remedy-edits.ts';
import { restartEdit } from '../kubernetes/objects/restart.ts';

/**
 * Adds the restart that an edit of a ConfigMap, a Secret or a LimitRange needs to be felt: variables are given to a container once, and most programs read
 * their files once. Only workloads that the finding was seen on are restarted, and only where a container that reads the object runs: one
 * that ends again and again reads it by itself.
 */
export function withReadingAnew(draft: RemedyDraft, { reader, finding }: RemedyCase): RemedyDraft {
  const sources = draft.edits
    .map(({ item }) => item)
    .filter((item) => /^(?:ConfigMap|LimitRange|Secret)$/.test(parseKubernetesItemId(item)?.kind ?? ''));
  const edited = new Set(draft.edits.map(({ item }) => item));
  const workloads = (finding.seenOn ?? []).filter((item) => !edited.has(item) && sources.some((source) => holdsOld(reader, item, source)));
  const restarts = workloads.flatMap((item) => restartEdit(reader, item, reader.at) ?? []);
  if (restarts.length === 0) return draft;
  const names = restarts.map(({ item }) => nameOf(item)).join(', ');
  return { ...draft, edits: [...draft.edits, ...restarts], title: `${draft.title}, and restart ${names}, which read it when it started` };
}

/** A container of the workload that reads the object runs, with what it read when it started. */
function holdsOld(reader: CmdbReader, workload: string, source: string): boolean {
  // What a LimitRange puts into a pod stays there.
  if (parseKubernetesItemId(source)?.kind === 'LimitRange') return true;
  const readers = podViews(reader)
    .filter((pod) => pod.workload === workload)
    .flatMap((pod) => readersOf(pod, source));
  const isReadAgain = readers.some(restarts);
  // Where one ends again and again it takes the correction by itself, and those that are well hold what was right before.
  return readers.some(
    (view) => !restarts(view) && readField(view.status, ['state', 'running']) !== undefined && !(isReadAgain && isUp(view.pod.object)),
  );
}

/** Containers of a pod that read the object. */
function readersOf(pod: PodView, source: string): readonly ContainerView[] {
  const references = referencesOf(readField(pod.object, ['spec'])).filter(({ kind, name }) => siblingId(pod.id, kind, name) === source);
  const names = new Set(references.map(({ container }) => container));
  return containersOf(pod).filter((view) => !view.isInit && (names.has(undefined) || names.has(view.name)));
}

function restarts(view: ContainerView): boolean {
  return waitingOf(view).reason !== '' || readField(view.status, ['lastState', 'terminated']) !== undefined;
}
