import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { Rule } from '../../findings/rule.ts';
import { eventsAbout, type ObjectEvent } from '../objects/events.ts';
import { indexed } from '../objects/indexed.ts';
import { type ContainerView, containerFinding, containersOf, isUp, livePods, nameOf, type PodView } from '../objects/pod-view.ts';
import { conditionOf, instantAt, listAt, textAt } from '../objects/read-object.ts';
import { tellingWords } from '../objects/telling-words.ts';
import { changedFields } from '../objects/template-change.ts';
import { type Probe, probeOf } from './probe.ts';

/** Pods whose readiness comes and goes: who asks them gets an answer now, and none a moment later. */
export const flappingRule: Rule = {
  name: 'flapping',
  check: (reader) => livePods(reader).flatMap((pod) => (isToldUnhealthy(pod) ? containersOf(pod).flatMap(comesAndGoes) : [])),
};

/** Names of what the kubelet calls unhealthy: of most pods it never says so. */
const unhealthyNames = indexed(
  (reader) =>
    new Set(
      reader.items({ kind: 'Event' }).items.flatMap(({ id }) => {
        const event = reader.object(id);
        return textAt(event, 'reason') === 'Unhealthy'
          ? (textAt(event, 'involvedObject', 'name') ?? textAt(event, 'regarding', 'name') ?? [])
          : [];
      }),
    ),
);

function isToldUnhealthy({ reader, id }: PodView): boolean {
  return unhealthyNames(reader).has(nameOf(id));
}

/** Fewer failures may be one bad moment. */
const FAILURES = 5;
/** Questions that must have been answered in between. */
const ANSWERED = 3;
/** Above this many of one kind the kubelet leaves events out, and nothing can be counted. */
const COUNTED = 20;
/** A program that starts refuses, or says that it is not ready yet; only one that runs lets a question wait. */
const UNANSWERED = /timeout|timed out|deadline exceeded/i;
/** What has not failed for so long has ended. */
const RECENT_MS = 45_000;

/** What the events of a pod say of its readiness probe. */
interface Failures {
  readonly count: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly told: string;
}

function comesAndGoes(view: ContainerView): readonly FindingDraft[] {
  const probe = probeOf(view, 'readinessProbe');
  const startedMs = instantAt(view.status, 'state', 'running', 'startedAt');
  if (view.isInit || probe === undefined || startedMs === undefined || !isOnlyProbed(view)) return [];
  const failures = failuresOf(view.pod, startedMs);
  if (failures === undefined || !isCounted(failures) || !isRecent(view.pod, failures, probe)) return [];
  if (answeredBetween(failures, probe) < ANSWERED || !hasLostReadiness(view.pod, failures)) return [];
  const changed = (changedFields(view) ?? []).filter((field) => field !== 'image');
  const since = changed.length === 0 ? '' : `, since its revision changed ${changed.join(', ')}`;
  const seconds = Math.round((failures.lastMs - failures.firstMs) / 1000);
  return [
    containerFinding(view, {
      code: changed.length === 0 ? 'T0-POD-079' : 'T0-POD-080',
      message: `container ${view.name} is ready at times only: its readiness probe got no answer in time ${failures.count} times in ${seconds} s, and one in between${since}: ${tellingWords(failures.told)}`,
      sinceMs: failures.firstMs,
      suspects: view.pod.reader.relations(view.pod.workload, 'out', 'dependsOn').map(({ to }) => to),
      paths: [view.statusPath, [...view.specPath, 'readinessProbe']],
    }),
  ];
}

/** The events of a pod do not say which container was asked. */
function isOnlyProbed({ pod }: ContainerView): boolean {
  return listAt(pod.object, 'spec', 'containers').filter(hasProbe).length === 1;
}

function hasProbe(container: unknown): boolean {
  return typeof container === 'object' && container !== null && 'readinessProbe' in container;
}

function failuresOf({ reader, id }: PodView, startedMs: number): Failures | undefined {
  const events = eventsAbout(reader, id).filter(
    ({ reason, message }) => reason === 'Unhealthy' && /readiness probe/i.test(message) && UNANSWERED.test(message),
  );
  const dated = events.filter((event): event is ObjectEvent & Dated => event.firstMs !== undefined && event.lastMs !== undefined);
  const [newest] = dated;
  if (newest === undefined || dated.some(({ firstMs }) => firstMs < startedMs)) return undefined;
  return {
    count: dated.reduce((sum, { count }) => sum + count, 0),
    firstMs: Math.min(...dated.map(({ firstMs }) => firstMs)),
    lastMs: newest.lastMs,
    told: newest.message,
  };
}

type Dated = { readonly firstMs: number; readonly lastMs: number };

function isCounted({ count }: Failures): boolean {
  return count >= FAILURES && count < COUNTED;
}

function isRecent({ reader }: PodView, { lastMs }: Failures, { periodMs }: Probe): boolean {
  return Date.parse(reader.at) - lastMs <= Math.max(RECENT_MS, 3 * periodMs);
}

/** Questions between the first failure and the last that were answered. */
function answeredBetween({ firstMs, lastMs, count }: Failures, { periodMs, timeoutMs }: Probe): number {
  return Math.floor((lastMs - firstMs) / Math.max(periodMs, timeoutMs)) + 1 - count;
}

/** Not ready now, or ready again only since a moment ago: it was ready in between, since one answer makes it so. */
function hasLostReadiness({ object }: PodView, { firstMs }: Failures): boolean {
  const changedMs = instantAt(conditionOf(object, 'Ready'), 'lastTransitionTime');
  return !isUp(object) || (changedMs !== undefined && changedMs > firstMs);
}
