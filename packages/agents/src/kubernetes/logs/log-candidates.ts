import { type CmdbReader, type Finding, readField } from '@tier0/core';
import {
  ageMs,
  type ContainerView,
  containersOf,
  isUp,
  livePodsByWorkload,
  type PodView,
  podViews,
  restartsOf,
  terminationOf,
} from '../objects/pod-view.ts';
import { instantAt, listAt, numberAt } from '../objects/read-object.ts';

/** Whose log to read. */
export interface LogCandidate {
  /** Item id of the pod. */
  readonly pod: string;
  readonly container: string;
  /** The log of the run before, since the present one has only begun. */
  readonly previous: boolean;
}

/** Symptoms whose reason a program may have told. */
const WANTING: ReadonlySet<string> = new Set([
  'T0-POD-004',
  'T0-POD-020',
  'T0-POD-021',
  'T0-POD-030',
  'T0-POD-031',
  'T0-POD-033',
  'T0-POD-034',
  'T0-POD-035',
  'T0-POD-037',
  'T0-POD-038',
  'T0-POD-040',
  'T0-POD-041',
  'T0-POD-042',
  'T0-POD-043',
  'T0-POD-044',
  'T0-POD-055',
  'T0-JOB-001',
  'T0-JOB-002',
  'T0-JOB-003',
  'T0-CRONJOB-003',
]);
/** Pods of one workload whose logs are read: they say the same. */
const PODS_EACH = 2;
/** Logs read at most because something is wrong with their container, and because it may be with something they use. */
const TROUBLED = 40;
const WELL = 40;
/** A pod this young has said nothing that means anything. */
const SPEAKING_AFTER_MS = 15_000;
/** A restart longer ago than this is not asked about. */
const RESTARTED_MS = 3_600_000;

/**
 * Containers whose log may explain a finding: those that crash, are not ready, or failed a Job, and those of the same sort behind the
 * Services that findings suspect; then those that are ready and were restarted, or are used by what is not well; and last, within a bounded
 * number, one pod of each workload. What a ready container says counts only when it is recent and repeated, or borne out.
 */
export function logCandidates(findings: readonly Finding[], reader: CmdbReader): readonly LogCandidate[] {
  const wanting = findings.filter(
    ({ code, severity }) => WANTING.has(code) && severity !== 'hygiene' && !(severity === 'degraded' && /^T0-JOB-/.test(code)),
  );
  const workloads = new Map(wanting.map(({ subject, container }) => [`${subject} ${container ?? ''}`, { subject, container }]));
  const byWorkload = Map.groupBy(podViews(reader), (pod) => pod.workload);
  const own = [...workloads.values()].flatMap(({ subject, container }) => {
    const pods = byWorkload.get(subject) ?? [];
    const down = troubled(pods).flatMap((pod) => ofPod(pod, container));
    return down.length > 0 ? down : betweenCrashes(pods, container);
  });
  const behind = podsBehind(
    reader,
    wanting.flatMap(({ suspects = [] }) => suspects),
  );
  const others = troubled(behind).flatMap((pod) => ofPod(pod));
  const unready = [...livePodsByWorkload(reader).values()].flatMap((pods) =>
    troubled(pods.filter((pod) => !isUp(pod.object) && (ageMs(pod) ?? SPEAKING_AFTER_MS) >= SPEAKING_AFTER_MS)).flatMap((pod) =>
      ofPod(pod),
    ),
  );
  const troubles = distinct([...own, ...others, ...unready]).slice(0, TROUBLED);
  const used = behind.filter(({ object }) => isUp(object)).flatMap(runningOf);
  // One fault is no reason to take the others for well: a second one may only be told by a program that is ready.
  const well = [...restartedOf(reader), ...used, ...oneEach(reader)];
  return distinct([...troubles, ...distinct(well).slice(0, WELL)]);
}

/** Containers of the Services that logs complain of: what they say themselves may be why. */
export function namedCandidates(
  suspects: readonly string[],
  { reader, known }: { readonly reader: CmdbReader; readonly known: readonly LogCandidate[] },
): readonly LogCandidate[] {
  const asked = new Set(known.map(keyOf));
  const own = podsBehind(reader, suspects).flatMap((pod) => (isUp(pod.object) ? runningOf(pod) : ofPod(pod)));
  return distinct(own)
    .filter((candidate) => !asked.has(keyOf(candidate)))
    .slice(0, WELL / 2);
}

function podsBehind(reader: CmdbReader, services: readonly string[]): readonly PodView[] {
  const views = new Map(podViews(reader).map((pod) => [pod.id, pod]));
  return [...new Set(services)].flatMap((item) => {
    const selected = reader.relations(item, 'out', 'selects').slice(0, PODS_EACH * 2);
    return selected.length > 0
      ? selected.flatMap(({ to }) => views.get(to) ?? [])
      : (livePodsByWorkload(reader).get(item) ?? []).slice(0, PODS_EACH);
  });
}

/** Not ready, failed, or restarted just now; sorted by id, a few of them. */
function troubled(pods: readonly PodView[]): readonly PodView[] {
  return pods.filter(({ object }) => !isUp(object) && readField(object, ['status', 'phase']) !== 'Succeeded').slice(0, PODS_EACH);
}

function ofPod(pod: PodView, container?: string): readonly LogCandidate[] {
  const views = containersOf(pod).filter(
    (view) => view.name === container || (container === undefined && readField(view.status, ['ready']) !== true),
  );
  const begun = views.filter((view) => restartsOf(view) > 0 || readField(view.status, ['state', 'waiting']) === undefined);
  return begun.map((view) => ({ pod: pod.id, container: view.name, previous: restartsOf(view) > 0 }));
}

/** A container that ends again and again and was met while it ran: why is told by the run before. */
function betweenCrashes(pods: readonly PodView[], container: string | undefined): readonly LogCandidate[] {
  return pods
    .flatMap(containersOf)
    .filter((view) => view.name === container && restartsOf(view) > 0 && isRecent(view))
    .slice(0, PODS_EACH)
    .map((view) => ({ pod: view.pod.id, container: view.name, previous: true }));
}

function runningOf(pod: PodView): readonly LogCandidate[] {
  const running = containersOf(pod).filter((view) => !view.isInit && readField(view.status, ['state', 'running']) !== undefined);
  return running.map((view) => ({ pod: pod.id, container: view.name, previous: false }));
}

/** Ready containers that ended within the hour. */
function restartedOf(reader: CmdbReader): readonly LogCandidate[] {
  return [...livePodsByWorkload(reader).values()].flatMap((pods) =>
    pods
      .filter(({ object }) => hasRestarted(object) && isUp(object))
      .flatMap(containersOf)
      .filter((view) => restartsOf(view) > 0 && isRecent(view))
      .slice(0, PODS_EACH)
      .map((view) => ({ pod: view.pod.id, container: view.name, previous: false })),
  );
}

/** Asked of every pod, so nothing is made for those that never were. */
function hasRestarted(pod: unknown): boolean {
  return listAt(pod, 'status', 'containerStatuses').some((status) => (numberAt(status, 'restartCount') ?? 0) > 0);
}

function isRecent(view: ContainerView): boolean {
  const endedMs = terminationOf(view)?.finishedMs ?? instantAt(view.status, 'state', 'running', 'startedAt');
  return endedMs !== undefined && Date.parse(view.pod.reader.at) - endedMs < RESTARTED_MS;
}

/** One pod of each workload outside the namespaces of the system. */
function oneEach(reader: CmdbReader): readonly LogCandidate[] {
  return [...livePodsByWorkload(reader).values()]
    .flatMap((pods) => pods.find(({ object }) => isUp(object)) ?? [])
    .sort((a, b) => Number(SYSTEM.test(a.id)) - Number(SYSTEM.test(b.id)))
    .slice(0, WELL)
    .flatMap(runningOf);
}

const SYSTEM = /(?:^|\/)kube-system\//;

function keyOf({ pod, container }: LogCandidate): string {
  return `${pod} ${container}`;
}

function distinct(candidates: readonly LogCandidate[]): readonly LogCandidate[] {
  return [...new Map(candidates.toReversed().map((candidate) => [keyOf(candidate), candidate])).values()].reverse();
}
