import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { objectsOf } from '../objects/objects.ts';
import { isUp, livePodsByWorkload, nameOf, type PodView } from '../objects/pod-view.ts';
import { listAt, numberAt, textAt } from '../objects/read-object.ts';

/** Pods of an older template that are not ready and that their controller is told not to replace: what was corrected never reaches them. */
export const leftBehindRule: Rule = {
  name: 'left-behind',
  check: (reader) =>
    ['StatefulSet', 'DaemonSet'].flatMap((kind) =>
      objectsOf(reader, kind, 'apps').flatMap(({ id, object }) => leftBehind(reader, id, object)),
    ),
};

function leftBehind(reader: CmdbReader, id: string, object: unknown): readonly FindingDraft[] {
  const present = presentRevision(reader, id, object);
  const pods = (livePodsByWorkload(reader).get(id) ?? []).filter((pod) => !isUp(pod.object));
  const old = pods.filter((pod) => present !== undefined && revisionOf(pod) !== undefined && revisionOf(pod) !== present);
  // Where one of the present template fails too, the correction is none.
  if (old.length === 0 || old.length < pods.length) return [];
  const why = whyKept(object, old);
  if (why === undefined) return [];
  const names = old.map((pod) => nameOf(pod.id)).join(', ');
  const message = `${nameOf(id)}: its template was changed, and ${why}, so ${names} keeps the older one, with which it is not ready`;
  const evidence = [
    quote(reader, id, ['spec', 'updateStrategy']),
    quote(reader, id, ['status']),
    quote(reader, old[0]?.id ?? '', ['metadata', 'labels']),
  ];
  return [{ code: 'T0-ROLLOUT-002', subject: id, key: '', message, evidence }];
}

/** The hash by which pods of the present template are labelled. */
function presentRevision(reader: CmdbReader, id: string, object: unknown): string | undefined {
  const told = textAt(object, 'status', 'updateRevision');
  if (told !== undefined) return told;
  const revisions = reader
    .relations(id, 'in', 'managedBy')
    .filter(({ from }) => from.includes('/ControllerRevision/'))
    .map(({ from }) => ({ name: nameOf(from), number: numberAt(reader.object(from), 'revision') ?? 0 }))
    .sort((a, b) => b.number - a.number);
  return revisions[0]?.name.slice(nameOf(id).length + 1);
}

/** Its containers end again and again, or cannot start at all. */
function isBroken({ object }: PodView): boolean {
  return ['initContainerStatuses', 'containerStatuses']
    .flatMap((list) => listAt(object, 'status', list))
    .some(
      (status) =>
        /CrashLoopBackOff|CreateContainer/.test(textAt(status, 'state', 'waiting', 'reason') ?? '') ||
        (numberAt(status, 'restartCount') ?? 0) >= 2,
    );
}

function revisionOf({ object }: PodView): string | undefined {
  return textAt(object, 'metadata', 'labels', 'controller-revision-hash');
}

function whyKept(object: unknown, old: readonly PodView[]): string | undefined {
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete')
    return 'its update strategy OnDelete replaces no pod until somebody deletes it';
  const isInOrder =
    (textAt(object, 'spec', 'podManagementPolicy') ?? 'OrderedReady') === 'OrderedReady' &&
    textAt(object, 'spec', 'serviceName') !== undefined;
  const partition = numberAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  const isBelow = old.every((pod) => Number(/-(\d+)$/.exec(nameOf(pod.id))?.[1] ?? partition) < partition);
  const hasPartition = readField(object, ['spec', 'updateStrategy', 'rollingUpdate', 'partition']) !== undefined;
  if (hasPartition && partition > 0 && isBelow) return `its partition of ${partition} keeps the update from the pods below it`;
  // The controller waits for a pod to become ready before it replaces it: of a broken template none ever does.
  return isInOrder && old.every(isBroken)
    ? 'with podManagementPolicy OrderedReady the controller waits for a broken pod of the older revision instead of replacing it: it has to be deleted'
    : undefined;
}
