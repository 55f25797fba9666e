import { type CmdbReader, type FieldPath, type FindingFacts, parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import { eventsAbout } from './events.ts';
import { siblingId } from './existence.ts';
import { indexed } from './indexed.ts';
import { conditionOf, instantAt, listAt, numberAt, textAt } from './read-object.ts';
import { answererOf, podsOf, workloadOf } from './workload.ts';

/** One pod with what the checks need, and the workload that its fate is decided at. */
export interface PodView {
  readonly reader: CmdbReader;
  readonly id: string;
  readonly object: unknown;
  /** Item id of the top of the owner chain that holds the template; the pod itself when nothing owns it. */
  readonly workload: string;
  readonly workloadKind: string;
}

/** One container of one pod. */
export interface ContainerView {
  readonly pod: PodView;
  readonly name: string;
  readonly isInit: boolean;
  /** Its part of the pod's specification; undefined when the snapshot holds the status only. */
  readonly spec: unknown;
  readonly specPath: FieldPath;
  readonly status: unknown;
  readonly statusPath: FieldPath;
}

/** Pods that are neither done nor on their way out, sorted by id. */
export const livePods = indexed((reader) => podViews(reader).filter(({ object }) => !isOver(object)));

/** Every pod, sorted by id. */
export const podViews = indexed((reader): readonly PodView[] =>
  reader.items({ kind: 'Pod' }).items.map(({ id }) => {
    const workload = workloadOf(reader, id);
    return { reader, id, object: reader.object(id), workload, workloadKind: parseKubernetesItemId(workload)?.kind ?? '' };
  }),
);

/** Live pods of each workload, by its item id. */
export const livePodsByWorkload = indexed((reader) => Map.groupBy(livePods(reader), (pod) => pod.workload));

/** Live pods that are not up: what most checks look at. A healthy cluster has few. */
export const troubledPods = indexed((reader) => livePods(reader).filter(({ object }) => !isUp(object)));

/** Ready by its condition; where the snapshot holds none, by its containers. */
export function isUp(pod: unknown): boolean {
  const ready = conditionOf(pod, 'Ready');
  if (ready !== undefined) return textAt(ready, 'status') === 'True';
  const statuses = listAt(pod, 'status', 'containerStatuses');
  return textAt(pod, 'status', 'phase') === 'Running' && statuses.every((status) => readField(status, ['ready']) !== false);
}

/** A pod that is done, or on its way out, is no fault. */
function isOver(pod: unknown): boolean {
  const phase = textAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed' || readField(pod, ['metadata', 'deletionTimestamp']) !== undefined;
}

/** Init containers first, in the order of the status lists. */
export function containersOf(pod: PodView): readonly ContainerView[] {
  return [...inList(pod, 'initContainerStatuses', 'initContainers'), ...inList(pod, 'containerStatuses', 'containers')];
}

function inList(pod: PodView, statuses: string, specs: string): readonly ContainerView[] {
  return listAt(pod.object, 'status', statuses).flatMap((status): readonly ContainerView[] => {
    const name = textAt(status, 'name');
    if (name === undefined) return [];
    const specPath: FieldPath = ['spec', specs, { key: 'name', value: name }];
    const statusPath: FieldPath = ['status', statuses, { key: 'name', value: name }];
    return [
      {
        pod,
        name,
        isInit: specs === 'initContainers' && readField(pod.object, [...specPath, 'restartPolicy']) !== 'Always',
        spec: readField(pod.object, specPath),
        specPath,
        status,
        statusPath,
      },
    ];
  });
}

/** Reason and message of a waiting container; empty texts when it does not wait. */
export function waitingOf({ status }: ContainerView): { readonly reason: string; readonly message: string } {
  return { reason: textAt(status, 'state', 'waiting', 'reason') ?? '', message: textAt(status, 'state', 'waiting', 'message') ?? '' };
}

/** How a container's last run ended. */
export interface Termination {
  readonly path: FieldPath;
  readonly exitCode: number | undefined;
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly startedMs: number | undefined;
  readonly finishedMs: number | undefined;
}

/** The end of the present run if it is over, else of the one before. */
export function terminationOf({ status }: ContainerView): Termination | undefined {
  const paths: readonly FieldPath[] = [
    ['state', 'terminated'],
    ['lastState', 'terminated'],
  ];
  const path = paths.find((candidate) => readField(status, candidate) !== undefined);
  if (!path) return undefined;
  return {
    path,
    exitCode: numberAt(status, ...path, 'exitCode'),
    reason: textAt(status, ...path, 'reason') ?? '',
    message: textAt(status, ...path, 'message') ?? '',
    startedMs: instantAt(status, ...path, 'startedAt'),
    finishedMs: instantAt(status, ...path, 'finishedAt'),
  };
}

export function restartsOf({ status }: ContainerView): number {
  return numberAt(status, 'restartCount') ?? 0;
}

/** Milliseconds since the pod was created, or else since a kubelet took it; undefined when the snapshot says neither. */
export function ageMs({ reader, object }: PodView): number | undefined {
  const createdMs =
    instantAt(object, 'metadata', 'creationTimestamp') ??
    instantAt(object, 'status', 'startTime') ??
    instantAt(conditionOf(object, 'PodScheduled'), 'lastTransitionTime');
  return createdMs === undefined ? undefined : Date.parse(reader.at) - createdMs;
}

/** Younger than the given time. A pod that does not say its age is not young. */
export function isYounger(pod: PodView, thanMs: number): boolean {
  const age = ageMs(pod);
  return age !== undefined && age < thanMs;
}

/** Item id of an object in the namespace of the pod. */
export function besidePod(pod: PodView, kind: string, name: string): string {
  return siblingId(pod.id, kind, name);
}

/** Item id of the node the pod is bound to. */
export function nodeOf(pod: PodView): string | undefined {
  const name = textAt(pod.object, 'spec', 'nodeName');
  return name === undefined ? undefined : siblingId(pod.id, 'Node', name, '');
}

/** Messages of the pod's events whose reason matches, newest first; each may have several lines. */
export function eventMessages(pod: PodView, reason: RegExp): readonly string[] {
  return eventsAbout(pod.reader, pod.id).flatMap((event) => (reason.test(event.reason) ? [event.message] : []));
}

/** Messages of the pod's events whose reason matches, newest first, as one text. */
export function eventText(pod: PodView, reason: RegExp): string {
  return eventMessages(pod, reason).join('\n');
}

export interface PodDraft {
  readonly code: string;
  readonly message?: string | undefined;
  readonly facts?: FindingFacts | undefined;
  readonly key?: string | undefined;
  readonly subject?: string | undefined;
  readonly sinceMs?: number | undefined;
  readonly suspects?: readonly string[] | undefined;
  readonly severity?: 'fault' | 'degraded' | 'hygiene' | undefined;
  /** Paths in the pod that are quoted. */
  readonly paths: readonly FieldPath[];
}

/** A finding at the workload of a pod, with the pod named in the message when there are several. */
export function podFinding(pod: PodView, draft: PodDraft, container?: string): FindingDraft {
  const { code, key, suspects, severity, message, facts } = draft;
  const count = podsOf(pod.reader, pod.workload === pod.id ? answererOf(pod.reader, pod.id) : pod.workload).length;
  const scope = count > 1 ? ` (pod ${nameOf(pod.id)}, ${count} pods in all)` : '';
  const frame = (sentence: string) => `${nameOf(pod.workload)}: ${sentence}${scope}`;
  return {
    code,
    subject: draft.subject ?? pod.workload,
    container,
    key,
    ...(message === undefined ? { facts, frame } : { message: frame(message), ...(facts === undefined ? {} : { facts }) }),
    sinceMs: draft.sinceMs ?? instantAt(pod.object, 'metadata', 'creationTimestamp'),
    evidence: draft.paths.map((path) => quote(pod.reader, pod.id, path)),
    suspects,
    severity,
  };
}

/** A finding about one container of a workload, quoting its status unless other paths are given. */
export function containerFinding(
  view: ContainerView,
  draft: Omit<PodDraft, 'paths'> & { readonly paths?: readonly FieldPath[] },
): FindingDraft {
  return podFinding(view.pod, { ...draft, paths: draft.paths ?? [view.statusPath] }, view.name);
}

export function nameOf(item: string): string {
  return parseKubernetesItemId(item)?.name ?? item;
}

/** First line of a text, at most 300 characters: a message of the control plane as part of a sentence. */
export function firstLine(text: string): string {
  const line = text.split('\n', 1)[0]?.trim() ?? '';
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
