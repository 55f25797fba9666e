import { parseQuantity, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { defaultedLimit, limitFinding } from '../objects/defaulted-limit.ts';
import {
  type ContainerView,
  containerFinding,
  containersOf,
  eventText,
  firstLine,
  livePods,
  nameOf,
  nodeOf,
  restartsOf,
  type Termination,
  terminationOf,
  waitingOf,
} from '../objects/pod-view.ts';
import { describeBytes } from '../objects/quantity.ts';
import { instantAt, listAt, textAt } from '../objects/read-object.ts';
import { changedFields } from '../objects/template-change.ts';
import { settingsOverLimit } from './heap-setting.ts';
import { probeKill } from './probe-kill.ts';
import { isSandboxEnd } from './sandbox-end.ts';
import { startTrouble } from './start.ts';

/** Containers that end again and again, with the reason that their exit gives. */
export const crashRule: Rule = {
  name: 'crash',
  check: (reader) => livePods(reader).flatMap((pod) => containersOf(pod).flatMap(crashProblem)),
};

/** An end longer ago than this, with the container running since, is over. Twice the longest back-off, with the time of a run. */
const OVER_AFTER_MS = 30 * 60_000;
/** A memory kill is remembered longer: memory fills up again. */
const MEMORY_OVER_AFTER_MS = 3_600_000;
/** A run that lasts longer than this between two ends is no loop. */
const LONG_RUN_MS = 30 * 60_000;
/** Restarts that make a habit. */
const REPEATED = 3;

function crashProblem(view: ContainerView): readonly FindingDraft[] {
  if (restartsOf(view) === 0 && waitingOf(view).reason === '' && readField(view.status, ['state', 'terminated']) === undefined) return [];
  const ended = terminationOf(view);
  if (startTrouble(view)) return [];
  if (ended && isSandboxEnd(view, ended) && readField(view.status, ['state', 'running']) !== undefined) return [];
  if (!ended) return waitingOf(view).reason === 'CrashLoopBackOff' ? [containerFinding(view, unknownEnd(view))] : [];
  const severity = isRetriedJob(view) ? ('degraded' as const) : undefined;
  const memory = memoryKill(view, ended).map((finding) => (severity && restartsOf(view) < REPEATED ? { ...finding, severity } : finding));
  if (!isCrashing(view, ended)) return memory.length > 0 ? memory : [...probeFindings(view, ended), ...oftenRestarted(view, ended)];
  if (memory.length > 0) return [...memory, containerFinding(view, { ...crashDraft(view, ended), severity })];
  const kill = probeFindings(view, ended);
  // One kill has one cause: what a probe ended is no crash of the program.
  return kill.length > 0 ? kill : [containerFinding(view, { ...crashDraft(view, ended), severity })];
}

function probeFindings(view: ContainerView, ended: Termination): readonly FindingDraft[] {
  return isOver(view, ended, OVER_AFTER_MS) ? [] : probeKill(view, ended);
}

/** A Job counts its failures itself, up to its back-off limit. */
function isRetriedJob({ pod }: ContainerView): boolean {
  return pod.workloadKind === 'Job' || pod.workloadKind === 'CronJob';
}

/** Whether the container ends again and again right now: backing off, or with runs too short to call it running. */
export function isCrashing(view: ContainerView, ended: Termination): boolean {
  if (waitingOf(view).reason === 'CrashLoopBackOff') return true;
  const restarts = restartsOf(view);
  if (readField(view.status, ['state', 'terminated']) !== undefined) return restarts >= 2 && isRestarted(view);
  if (restarts < REPEATED || isOver(view, ended, OVER_AFTER_MS) || hasRecovered(view, ended)) return false;
  return runMs(ended) === undefined || (runMs(ended) ?? 0) < LONG_RUN_MS;
}

/** Ready, and running for clearly longer than it lasted before: what ended it is over. */
const RECOVERED_MS = 120_000;
const LONGER = 1.5;

function hasRecovered({ pod, status }: ContainerView, ended: Termination): boolean {
  const startedMs = instantAt(status, 'state', 'running', 'startedAt');
  if (readField(status, ['ready']) !== true || startedMs === undefined) return false;
  const runningMs = Date.parse(pod.reader.at) - startedMs;
  return runningMs >= RECOVERED_MS && runningMs > LONGER * (runMs(ended) ?? 0) + RECOVERED_MS / 2;
}

function isRestarted({ pod, isInit }: ContainerView): boolean {
  return !isInit && (textAt(pod.object, 'spec', 'restartPolicy') ?? 'Always') === 'Always';
}

function runMs({ startedMs, finishedMs }: Termination): number | undefined {
  return startedMs === undefined || finishedMs === undefined ? undefined : finishedMs - startedMs;
}

/** Over: it ended long ago, and runs since. */
function isOver({ pod, status }: ContainerView, ended: Termination, afterMs: number): boolean {
  const runsSince = instantAt(status, 'state', 'running', 'startedAt');
  const last = ended.finishedMs ?? runsSince;
  return last !== undefined && Date.parse(pod.reader.at) - last > afterMs;
}

/** Killed for memory: at the container's own limit, or, where it has none, because the node ran out. */
export function memoryKill(view: ContainerView, ended: Termination): readonly FindingDraft[] {
  if (ended.reason !== 'OOMKilled') return [];
  if (waitingOf(view).reason === '' && isOver(view, ended, MEMORY_OVER_AFTER_MS)) return [];
  const limit = readField(view.spec, ['resources', 'limits', 'memory']);
  const restarts = `restarts: ${restartsOf(view)}`;
  if (limit === undefined && view.spec !== undefined && podMemoryLimit(view) === undefined) {
    const message = `container ${view.name}, which has no memory limit, was killed because its node ran out of memory, ${restarts}`;
    const suspects = [nodeOf(view.pod) ?? []].flat();
    return [containerFinding(view, { code: 'T0-POD-032', message, sinceMs: ended.finishedMs, suspects })];
  }
  const volume = memoryVolume(view, limit);
  const counts =
    volume === undefined ? '' : `; its emptyDir ${volume} is kept in memory, and what is written there counts against the limit`;
  const given = defaultedLimit(view, 'memory');
  const setting = given?.changed === undefined ? heapFinding(view, ended) : undefined;
  if (setting !== undefined) return [setting];
  const message = `container ${view.name} was killed at its memory limit${limit ? ` of ${String(limit)}` : ''}${given?.told ?? ''}, ${restarts}${counts}`;
  return [limitFinding(view, { code: 'T0-POD-005', rangeCode: 'T0-LIMITRANGE-002', message, sinceMs: ended.finishedMs, given })];
}

/** The program is told to take more than its limit leaves it: the setting is at fault, unless its revision lowered the limit. */
function heapFinding(view: ContainerView, ended: Termination): FindingDraft | undefined {
  const [setting, ...others] = settingsOverLimit(view);
  if (setting === undefined) return undefined;
  const { workload } = view.pod;
  const limit = String(readField(view.spec, ['resources', 'limits', 'memory']));
  const more = others.filter(({ text }) => text !== setting.text).map(({ text }) => text);
  const place = setting.item === workload ? setting.via : `ConfigMap ${nameOf(setting.item)} (${setting.via})`;
  const asks = `${[setting.text, ...more].slice(0, 3).join(' and ')} in ${place} asks for ${describeBytes(setting.bytes)}`;
  const lowered = (changedFields(view) ?? []).find((field) => /^resources\b.*limits\.memory/.test(field));
  const isOwn = setting.item === workload || lowered !== undefined;
  const since = lowered === undefined ? '' : `, since its revision changed ${lowered}`;
  const message = `container ${view.name} was killed at its memory limit of ${limit}, restarts: ${restartsOf(view)}: ${asks}${since}`;
  const draft = { code: isOwn ? 'T0-POD-096' : 'T0-POD-097', message, sinceMs: ended.finishedMs };
  if (isOwn) return containerFinding(view, draft);
  const found = containerFinding(view, { ...draft, subject: setting.item });
  return {
    ...found,
    container: undefined,
    evidence: [...found.evidence, quote(view.pod.reader, setting.item, setting.path)],
    seenOn: [workload],
  };
}

/** An emptyDir in memory that the container may write to and that may take half of its limit or more. */
function memoryVolume({ pod, spec }: ContainerView, limit: unknown): string | undefined {
  const mounted = new Set(
    listAt(spec, 'volumeMounts').flatMap((mount) => (readField(mount, ['readOnly']) === true ? [] : (textAt(mount, 'name') ?? []))),
  );
  const half = (parseQuantity(limit) ?? Number.POSITIVE_INFINITY) / 2;
  const volume = listAt(pod.object, 'spec', 'volumes').find(
    (entry) =>
      mounted.has(textAt(entry, 'name') ?? '') &&
      textAt(entry, 'emptyDir', 'medium') === 'Memory' &&
      (parseQuantity(readField(entry, ['emptyDir', 'sizeLimit'])) ?? Number.POSITIVE_INFINITY) >= half,
  );
  return textAt(volume, 'name');
}

/** Limits may stand at the pod as a whole since 1.32. */
function podMemoryLimit({ pod }: ContainerView): unknown {
  return readField(pod.object, ['spec', 'resources', 'limits', 'memory']);
}

/** A change of nothing but the image is the program's own. */
function changeBehind(view: ContainerView): readonly string[] {
  const changed = (view.isInit ? undefined : changedFields(view)) ?? [];
  return changed.filter((field) => field !== 'image' && !/Probe\b/.test(field));
}

function crashDraft(view: ContainerView, ended: Termination) {
  const hook = hookFailure(view);
  if (hook !== undefined) return { code: 'T0-POD-019', message: hook, sinceMs: ended.finishedMs };
  const changed = changeBehind(view);
  const told = crashCode(view, ended);
  const code = told === 'T0-POD-004' && changed.length > 0 ? 'T0-POD-044' : told;
  const init = view.isInit ? 'init container' : 'container';
  const reason = [ended.reason, signalOf(ended.exitCode)].filter((part) => part !== '').join(', ') || 'unknown reason';
  const message = `${init} ${view.name} ends again and again: exit code ${ended.exitCode ?? 'unknown'} (${reason}), restarts: ${restartsOf(view)}${changed.length > 0 ? `, since its revision changed ${changed.join(', ')}` : ''}`;
  return { code, message, sinceMs: ended.finishedMs };
}

/** The kubelet ends a container whose postStart hook fails, and says so by an event only: the exit code is that of the kill. */
function hookFailure({ pod, name, spec }: ContainerView): string | undefined {
  const hook = readField(spec, ['lifecycle', 'postStart']);
  if (hook === undefined || eventText(pod, /^FailedPostStartHook$/) === '') return undefined;
  const command = listAt(hook, 'exec', 'command').map(String).join(' ');
  const said = textAt(hook, 'httpGet', 'path') ?? command;
  return `the postStart hook of container ${name} fails, so it is ended each time${said === '' ? '' : `: ${firstLine(said)}`}`;
}

/** It waits for its restart, and how it ended was not kept. */
function unknownEnd(view: ContainerView) {
  const message = `${view.isInit ? 'init container' : 'container'} ${view.name} ends again and again, restarts: ${restartsOf(view)}`;
  return { code: view.isInit ? 'T0-POD-020' : 'T0-POD-004', message };
}

/** What an exit code says by the conventions of shells and of `wait`: 126 and 127 could not execute, 0 was done. */
export function crashCode(view: ContainerView, { exitCode }: Termination): string {
  if (view.isInit) return 'T0-POD-020';
  if (exitCode === 126 || exitCode === 127) return 'T0-POD-031';
  return exitCode === 0 ? 'T0-POD-030' : 'T0-POD-004';
}

const SIGNALS: Readonly<Record<number, string>> = {
  4: 'illegal instruction: this processor does not know it',
  5: 'trap',
  6: 'aborted',
  7: 'bus error',
  8: 'arithmetic error',
  9: 'killed',
  11: 'segmentation fault',
  15: 'asked to end',
};

/** Above 128 an exit code is 128 plus the number of the signal. */
function signalOf(exitCode: number | undefined): string {
  return exitCode !== undefined && exitCode > 128 ? (SIGNALS[exitCode - 128] ?? `signal ${exitCode - 128}`) : '';
}

/** Restarted often over its life, though it runs now. */
function oftenRestarted(view: ContainerView, ended: Termination): readonly FindingDraft[] {
  if (restartsOf(view) < 5 || isOver(view, ended, 24 * 3_600_000)) return [];
  const message = `container ${view.name} runs, but was restarted ${restartsOf(view)} times, last with exit code ${ended.exitCode ?? 'unknown'}`;
  return [containerFinding(view, { code: 'T0-POD-039', message, sinceMs: ended.finishedMs })];
}
