import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { earlierCommand } from '../objects/command.ts';
import { driftOf } from '../objects/drift.ts';
import { lastApplied } from '../objects/last-applied.ts';
import { type HeldObject, objectsOf } from '../objects/objects.ts';
import { patienceMs } from '../objects/patience.ts';
import {
  type ContainerView,
  containerFinding,
  containersOf,
  eventText,
  isUp,
  livePodsByWorkload,
  nameOf,
  type PodView,
  restartsOf,
  troubledPods,
} from '../objects/pod-view.ts';
import { conditionOf, instantAt, numberAt } from '../objects/read-object.ts';
import { sayDuration } from '../objects/say.ts';
import { SERVING_KINDS } from '../objects/workload.ts';

/** Rollouts that stand still because a number in them is larger than anyone means: nothing fails, and no event tells it. */
export const standsStillRule: Rule = {
  name: 'stands-still',
  check: (reader) => [
    ...SERVING_KINDS.flatMap((kind) => objectsOf(reader, kind).flatMap((held) => longBake(reader, held))),
    ...firstOfEach(troubledPods(reader).flatMap(lateFirstLook)),
  ],
};

/** Kinds whose rollout must make progress within `spec.progressDeadlineSeconds`. */
const WITH_DEADLINE: ReadonlySet<string> = new Set(['Deployment', 'Rollout']);

/** Default of progressDeadlineSeconds: longer than this no step of a rollout takes unless somebody means it to. */
const DEADLINE_SECONDS = 600;
/** Half an hour for each pod is no trial of it any more. */
const BAKE_SECONDS = 1800;

/** Pods that are ready and must stay so for longer than a rollout may take before they count, while the rollout waits for them. */
function longBake(reader: CmdbReader, { id, object }: HeldObject): readonly FindingDraft[] {
  const seconds = numberAt(object, 'spec', 'minReadySeconds') ?? 0;
  const waiting = (livePodsByWorkload(reader).get(id) ?? []).filter((pod) => isBaking(pod, seconds));
  const isLong = seconds >= BAKE_SECONDS || (seconds >= DEADLINE_SECONDS && !isAsApplied(object, 'minReadySeconds'));
  if (!isLong || waiting.length === 0 || isAllUpdated(object)) return [];
  const wanted = numberAt(object, 'spec', 'replicas') ?? numberAt(object, 'status', 'desiredNumberScheduled') ?? 1;
  const updated = numberAt(object, 'status', 'updatedReplicas') ?? numberAt(object, 'status', 'updatedNumberScheduled') ?? 0;
  const available = numberAt(object, 'status', 'availableReplicas') ?? numberAt(object, 'status', 'numberAvailable') ?? 0;
  const ready = numberAt(object, 'status', 'readyReplicas') ?? numberAt(object, 'status', 'numberReady') ?? 0;
  const message = `${nameOf(id)}: its rollout stands at ${updated} of ${wanted} pods: minReadySeconds ${seconds} lets no pod count before it was ready for ${sayDuration(1000 * seconds)} (${ready} ready, ${available} available)${sinceApplied(object, 'minReadySeconds', seconds)}`;
  return [
    {
      code: 'T0-ROLLOUT-004',
      subject: id,
      message,
      sinceMs: instantAt(conditionOf(object, 'Progressing'), 'lastUpdateTime'),
      evidence: [quote(reader, id, ['spec', 'minReadySeconds']), quote(reader, id, ['status'])],
    },
  ];
}

function isBaking(pod: PodView, seconds: number): boolean {
  const readyMs = instantAt(conditionOf(pod.object, 'Ready'), 'lastTransitionTime');
  const sinceMs = readyMs === undefined ? 0 : Date.parse(pod.reader.at) - readyMs;
  return isUp(pod.object) && sinceMs >= patienceMs('start-window') && sinceMs < 1000 * seconds;
}

/** A new workload whose pods are all there bakes in peace: nobody waits for it. */
function isAllUpdated(object: unknown): boolean {
  const wanted = numberAt(object, 'spec', 'replicas') ?? numberAt(object, 'status', 'desiredNumberScheduled') ?? 1;
  const total = numberAt(object, 'status', 'replicas') ?? numberAt(object, 'status', 'currentNumberScheduled') ?? wanted;
  const updated = numberAt(object, 'status', 'updatedReplicas') ?? numberAt(object, 'status', 'updatedNumberScheduled') ?? wanted;
  return updated >= wanted && total <= wanted;
}

function isAsApplied(object: unknown, field: string): boolean {
  const declared = lastApplied(object);
  return declared === undefined || readField(declared, ['spec', field]) === readField(object, ['spec', field]);
}

function sinceApplied(object: unknown, field: string, now: number): string {
  const declared = lastApplied(object);
  const before = numberAt(declared, 'spec', field);
  return declared === undefined || before === now ? '' : `; what was applied last says ${before ?? 'nothing of it'}`;
}

/** How much longer than before a wait must be to be no adjustment. */
const TIMES_LONGER = 10;

/** A container that runs and that no probe asks for longer than its rollout may take, though it was asked sooner before. */
function lateFirstLook(pod: PodView): readonly FindingDraft[] {
  if (eventText(pod, /^Unhealthy$/) !== '') return [];
  return containersOf(pod).flatMap((view): readonly FindingDraft[] => {
    const startedMs = instantAt(view.status, 'state', 'running', 'startedAt');
    const late = startedMs === undefined || view.isInit || readField(view.status, ['ready']) !== false ? undefined : latestLook(view);
    const ranMs = Date.parse(pod.reader.at) - (startedMs ?? 0);
    if (late === undefined || restartsOf(view) > 0 || ranMs < patienceMs('start-window') || ranMs >= 1000 * late.seconds) return [];
    const deadline = deadlineOf(pod);
    const before = secondsBefore(view, late.path);
    const isContradiction = WITH_DEADLINE.has(pod.workloadKind) && late.seconds >= deadline;
    const isChanged = before !== undefined && late.seconds >= Math.max(TIMES_LONGER * before, patienceMs('pod-start') / 1000);
    if (!isChanged && !isContradiction && late.seconds < BAKE_SECONDS) return [];
    const told = before === undefined || before === late.seconds ? '' : ` (${before} s before)`;
    const meant = isContradiction ? `, and the rollout may take ${deadline} s` : '';
    const message = `container ${view.name} runs and is not asked whether it is ready: ${late.path.join('.')} is ${late.seconds} s${told}, so the first look comes after ${sayDuration(1000 * late.seconds)}${meant}`;
    return [
      containerFinding(view, {
        code: 'T0-POD-086',
        message,
        sinceMs: startedMs,
        paths: [[...view.specPath, late.path[0]], view.statusPath],
      }),
    ];
  });
}

interface Look {
  readonly path: readonly [string, string];
  readonly seconds: number;
}

/** The wait before a container can be ready, by the field that makes it longest. */
function latestLook({ spec }: ContainerView): Look | undefined {
  const waits = (['readinessProbe', 'startupProbe'] as const).flatMap((probe): readonly Look[] => {
    const delay = numberAt(spec, probe, 'initialDelaySeconds') ?? 0;
    const period = numberAt(spec, probe, 'periodSeconds') ?? 10;
    const more = probe === 'startupProbe' ? 0 : (numberAt(spec, probe, 'successThreshold') ?? 1) - 1;
    if (readField(spec, [probe]) === undefined) return [];
    return [
      { path: [probe, 'initialDelaySeconds'], seconds: delay },
      { path: [probe, more > 0 && more * period > delay ? 'successThreshold' : 'initialDelaySeconds'], seconds: delay + more * period },
    ];
  });
  return waits.toSorted((a, b) => b.seconds - a.seconds)[0];
}

/** Seconds of the same wait in the revision before, or else as it was applied last; undefined where neither is known. */
function secondsBefore(view: ContainerView, [probe, field]: Look['path']): number | undefined {
  const earlier = earlierCommand(view)?.container;
  if (earlier !== undefined) return field === 'initialDelaySeconds' ? (numberAt(earlier, probe, field) ?? 0) : undefined;
  const drifted = driftOf(view.pod.reader.object(view.pod.workload)).find(({ path }) => path.at(-2) === probe && path.at(-1) === field);
  return typeof drifted?.value === 'number' ? drifted.value : undefined;
}

function deadlineOf({ reader, workload }: PodView): number {
  return numberAt(reader.object(workload), 'spec', 'progressDeadlineSeconds') ?? DEADLINE_SECONDS;
}

function firstOfEach(drafts: readonly FindingDraft[]): readonly FindingDraft[] {
  return [...new Map(drafts.toReversed().map((draft) => [`${draft.subject}\n${draft.container}`, draft])).values()];
}
