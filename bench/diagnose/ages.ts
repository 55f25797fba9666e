import type { Snapshot } from '@tier0/cmdb';
import type { Recording } from './recordings.ts';
import { at, type Loose, listAt, mapAt } from './workloads/family.ts';

type KubernetesObject = Snapshot['objects'][number];

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
/** Signs older than this belong to something else. */
const LONGEST_MS = 6 * 3_600_000;
/** What a controller only says after minutes, with the least age at which it can. */
const LATE_WORDS: readonly (readonly [pattern: RegExp, afterMs: number])[] = [
  [/timed out waiting for the condition|Unable to attach or mount volumes/, 120_000],
  [/TaintManagerEviction|Marking for deletion/, 300_000],
  [/ProgressDeadlineExceeded/, 600_000],
];

/**
 * The recording as it would have been taken so long after the first sign: time since then is pressed together, what is counted is counted
 * less, and what controllers only say after minutes is left out. `why` not, where nothing tells when it began.
 */
export function takenAfter(recording: Recording, ms: number): { readonly recording: Recording } | { readonly why: string } {
  const { snapshot } = recording;
  const nowMs = Date.parse(snapshot.now);
  const begunMs = firstSign(snapshot.objects, nowMs);
  if (begunMs === undefined) return { why: 'no sign tells when it began' };
  const lastedMs = nowMs - begunMs;
  if (lastedMs <= ms) return { why: 'it is younger than that' };
  const press = (text: string) => {
    const instant = Date.parse(text);
    if (!(instant > begunMs) || instant > nowMs) return text;
    const pressed = new Date(begunMs + ((instant - begunMs) * ms) / lastedMs).toISOString();
    return text.includes('.') ? pressed : `${pressed.slice(0, 19)}Z`;
  };
  const counts = countsAfter(ms);
  const objects = snapshot.objects.flatMap((object) => {
    if (isLateWord(object, ms)) return [];
    return [withoutLateWords(walk(object, press, counts) as KubernetesObject, ms)];
  });
  const logs = new Map([...recording.logs].map(([key, text]) => [key, text.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, press)]));
  return { recording: { ...recording, logs, snapshot: { ...snapshot, objects, now: new Date(begunMs + ms).toISOString() } } };
}

function firstSign(objects: readonly KubernetesObject[], nowMs: number): number | undefined {
  const troubled = new Set(objects.filter(isTroubled).map(nameOf));
  const signs = objects.flatMap((object) => signsOf(object, troubled)).filter((ms) => ms < nowMs && nowMs - ms < LONGEST_MS);
  return signs.length === 0 ? undefined : Math.min(...signs);
}

function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

function readiness(object: KubernetesObject): unknown {
  return listAt(object, 'status', 'conditions').find((one) => at(one, 'type') === 'Ready');
}

/** Not ready when it was recorded: what was and is over is no sign of this. */
function isTroubled(object: KubernetesObject): boolean {
  const ready = readiness(object);
  return /^(Pod|Node)$/.test(object.kind) && at(ready, 'status') === 'False' && at(ready, 'reason') !== 'PodCompleted';
}

/** Since when something is not ready, and warnings about it or about what is no pod. */
function signsOf(object: KubernetesObject, troubled: ReadonlySet<string>): readonly number[] {
  if (isTroubled(object)) return instants(at(readiness(object), 'lastTransitionTime'));
  if (object.kind !== 'Event' || at(object, 'type') !== 'Warning') return [];
  const about = mapAt(object, 'regarding' in object ? 'regarding' : 'involvedObject');
  const name = `${about.kind}/${about.namespace ?? ''}/${about.name}`;
  if (/^(Pod|Node)$/.test(String(about.kind)) && !troubled.has(name)) return [];
  const told = at(object, 'firstTimestamp') ?? at(object, 'deprecatedFirstTimestamp') ?? at(object, 'eventTime');
  return instants(told ?? object.metadata.creationTimestamp);
}

function instants(value: unknown): readonly number[] {
  const ms = Date.parse(String(value));
  return Number.isNaN(ms) ? [] : [ms];
}

/** Restarts and repetitions there can be by then: a crash loop waits 10, 20, 40 s and so on. */
function countsAfter(ms: number): Readonly<Record<string, number>> {
  const restarts = Math.max(1, Math.floor(Math.log2(ms / 10_000 + 1)));
  return { restartCount: restarts, count: Math.max(2, Math.ceil(ms / 10_000)) };
}

function walk(value: unknown, press: (text: string) => string, counts: Readonly<Record<string, number>>, key = ''): unknown {
  if (typeof value === 'string') return INSTANT.test(value) ? press(value) : value;
  if (typeof value === 'number') return counts[key] === undefined ? value : Math.min(value, counts[key]);
  if (Array.isArray(value)) return value.map((one) => walk(one, press, counts));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([field, one]) => [field, walk(one, press, counts, field)]));
}

function isLateWord(object: KubernetesObject, ms: number): boolean {
  const said = object.kind === 'Event' ? `${at(object, 'reason')} ${at(object, 'message') ?? at(object, 'note')}` : '';
  return LATE_WORDS.some(([pattern, afterMs]) => ms < afterMs && pattern.test(said));
}

/** A rollout that was given up is under way. */
function withoutLateWords(object: KubernetesObject, ms: number): KubernetesObject {
  const conditions = listAt(object, 'status', 'conditions');
  const isLate = (one: unknown) => LATE_WORDS.some(([pattern, afterMs]) => ms < afterMs && pattern.test(String(at(one, 'reason'))));
  if (!conditions.some(isLate)) return object;
  const under = conditions.map((one) =>
    isLate(one) ? { ...(one as Loose), status: 'True', reason: 'ReplicaSetUpdated', message: 'is progressing.' } : one,
  );
  return { ...object, status: { ...(object.status as Loose), conditions: under } };
}
