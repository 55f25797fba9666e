import { parseQuantity, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { earlierCommand } from '../objects/command.ts';
import { type ContainerDraft, defaultedLimit, limitFinding } from '../objects/defaulted-limit.ts';
import { eventsAbout } from '../objects/events.ts';
import { type ContainerView, containerFinding, restartsOf, type Termination } from '../objects/pod-view.ts';
import { numberAt } from '../objects/read-object.ts';
import { tellingWords } from '../objects/telling-words.ts';
import { partsOf } from '../objects/template-change.ts';
import { isPortWrong, type Probe, probeOf } from './probe.ts';

/** Which probe had the container killed, and what was said about it. */
interface Kill {
  readonly name: 'livenessProbe' | 'startupProbe';
  readonly probe: Probe;
  /** Messages of events; empty when they are gone. */
  readonly told: string;
}

/** Processor share, in cores, below which a program cannot even answer a probe in time. */
const STARVED_CORES = 0.05;
/** The same where nobody said that answers came too late. */
const SURELY_STARVED_CORES = 0.02;

/** Findings for a container that its own liveness or startup probe had killed. */
export function probeKill(view: ContainerView, ended: Termination): readonly FindingDraft[] {
  const kill = killOf(view, ended);
  if (!kill) return [];
  const code = killCode(view, kill);
  const told =
    kill.told === '' ? `ended with ${ended.exitCode ?? 'no exit code'} each time the probe's patience was over` : tellingWords(kill.told);
  const label = kill.name === 'startupProbe' ? 'startup probe' : 'liveness probe';
  const message = `container ${view.name} is killed by its ${label}${because(view, kill, code)}: ${told}, restarts: ${restartsOf(view)}`;
  const paths = [view.statusPath, [...view.specPath, kill.name]];
  const draft = { code, key: code === 'T0-POD-035' ? 'cpu' : kill.name, message, sinceMs: ended.finishedMs, paths };
  return [code === 'T0-POD-035' ? starvedFinding(view, draft) : containerFinding(view, draft)];
}

/** Too little processor time, at the LimitRange where that is what changed. */
export function starvedFinding(view: ContainerView, draft: ContainerDraft): FindingDraft {
  return limitFinding(view, { ...draft, rangeCode: 'T0-LIMITRANGE-003', given: defaultedLimit(view, 'cpu') });
}

function because(view: ContainerView, kill: Kill, code: string): string {
  const { probe, told } = kill;
  if (code === 'T0-POD-035') return `, which it cannot answer in time with ${processorShare(view)}`;
  if (isPortWrong(view, probe.port) && !/statuscode: \d/i.test(told))
    return `, which asks port ${probe.port} that the container does not declare`;
  const asked = probe.path === undefined ? '' : `, which asks ${probe.path}${probe.port === undefined ? '' : ` at port ${probe.port}`}`;
  return `${asked}${changeOf(view, kill)}`;
}

/** What the revision changed of the probe that kills. */
function changeOf(view: ContainerView, { name }: Kill): string {
  const before = earlierCommand(view)?.container;
  const parts = before === undefined ? '' : partsOf(name, readField(before, [name]), readField(view.spec, [name]));
  return parts === '' ? '' : ` and was changed by its revision${parts}`;
}

function killCode(view: ContainerView, { name, probe, told }: Kill): string {
  if (isStarved(view, told)) return 'T0-POD-035';
  if (isPortWrong(view, probe.port) && !/statuscode: \d/i.test(told)) return 'T0-POD-033';
  if (name === 'startupProbe') return 'T0-POD-034';
  return /statuscode: 5\d\d|NOT_SERVING/i.test(told) ? 'T0-POD-041' : 'T0-POD-033';
}

/** Its share of a processor, with who gave it. */
export function processorShare(view: ContainerView): string {
  const told = defaultedLimit(view, 'cpu')?.told ?? '';
  return `${String(readField(view.spec, ['resources', 'limits', 'cpu']))} of a processor${told === '' ? '' : ` (its limit${told})`}`;
}

/** A limit of a few thousandths of a processor, and answers that come too late. */
export function isStarved(view: ContainerView, words: string): boolean {
  const { spec } = view;
  // That the kubelet will restart it says nothing of how the probe failed.
  const told = words.replace(/container \S+ failed \w+ probe, will be restarted/gi, '').trim();
  const cores = parseQuantity(readField(spec, ['resources', 'limits', 'cpu']));
  if (cores === undefined || cores <= 0) return false;
  if (isCut(view, cores) && (told === '' || /timeout|deadline exceeded|timed out|refused/i.test(told))) return true;
  return cores <= (/timeout|deadline exceeded|timed out/i.test(told) ? STARVED_CORES : told === '' ? SURELY_STARVED_CORES : 0);
}

/** The revision before had many times as much, and less than a quarter of a processor is left. */
const CUT_FACTOR = 4;
const LITTLE_CORES = 0.25;

function isCut(view: ContainerView, cores: number): boolean {
  const before = parseQuantity(readField(earlierCommand(view)?.container, ['resources', 'limits', 'cpu']));
  return cores <= LITTLE_CORES && before !== undefined && before >= CUT_FACTOR * cores;
}

function killOf(view: ContainerView, ended: Termination): Kill | undefined {
  const liveness = probeOf(view, 'livenessProbe');
  const startup = probeOf(view, 'startupProbe');
  if ((!liveness && !startup) || restartsOf(view) === 0 || ended.reason === 'OOMKilled') return undefined;
  const told = toldKill(view, ended);
  if (startup && /startup/i.test(told.kind)) return { name: 'startupProbe', probe: startup, told: told.text };
  if (liveness && /liveness/i.test(told.kind)) return { name: 'livenessProbe', probe: liveness, told: told.text };
  // Where events were recorded and none tells of a kill, the times alone prove nothing.
  if (!ENDED_BY_OTHERS.has(ended.exitCode)) return undefined;
  if (hasRecentEvents(view)) return undefined;
  if (startup && fits(view, startup, ended)) return { name: 'startupProbe', probe: startup, told: '' };
  return liveness && fits(view, liveness, ended, startup) ? { name: 'livenessProbe', probe: liveness, told: '' } : undefined;
}

/** The kubelet's words about this pod are there, and young enough to hold what it did. */
function hasRecentEvents({ pod }: ContainerView): boolean {
  return eventsAbout(pod.reader, pod.id).some(({ reason }) => /^(?:BackOff|Unhealthy|Killing|Created|Started|Pulled)$/.test(reason));
}

/** Exit codes of a container that was asked to end (143), was killed when it did not (137), or ended in good order (0). */
const ENDED_BY_OTHERS: ReadonlySet<number | undefined> = new Set([143, 137, 0]);

/**
 * What events tell: which probe, and the newest words about it. The kubelet says when it ends a container for a probe (Killing); failed
 * probes alone tell of a kill only where they failed as often as the probe is patient and the container did not end by itself: a program that
 * ends is not answering its probe either.
 */
function toldKill(view: ContainerView, ended: Termination): { readonly kind: string; readonly text: string } {
  const own = eventsAbout(view.pod.reader, view.pod.id)
    .filter(({ reason }) => /^(?:Unhealthy|Killing|ProbeWarning)$/.test(reason))
    // What was said before that run began is about another one.
    .filter(({ lastMs }) => lastMs === undefined || ended.startedMs === undefined || lastMs >= ended.startedMs)
    .filter(
      ({ message }) => !/^container /i.test(message) || new RegExp(`^container "?${quotePattern(view.name)}"?[ ,]`, 'i').test(message),
    );
  const kill = own.find(({ message }) => /failed (?:liveness|startup) probe/i.test(message));
  const failed = own.filter(({ message }) => /(?:liveness|startup) probe (?:failed|errored)/i.test(message));
  const kind = /(liveness|startup)/i.exec((kill ?? failed[0])?.message ?? '')?.[1] ?? '';
  if (kind === '' || others(view, kind)) return { kind: '', text: '' };
  const words = failed.filter(({ message }) => message.toLowerCase().includes(kind.toLowerCase()));
  const patience = probeOf(view, /startup/i.test(kind) ? 'startupProbe' : 'livenessProbe')?.failures ?? 1;
  const times = words.reduce((sum, { count }) => sum + count, 0);
  // A program that answered, and badly, was alive.
  const isAnswered = words.some(({ message }) => /statuscode|NOT_SERVING/i.test(message));
  const isEnough = ENDED_BY_OTHERS.has(ended.exitCode) && (isAnswered || times >= patience);
  if (kill === undefined && !isEnough) return { kind: '', text: '' };
  return { kind, text: words[0]?.message ?? kill?.message ?? '' };
}

/** Another container of the pod has such a probe and this one does not. */
function others({ spec }: ContainerView, kind: string): boolean {
  return kind !== '' && readField(spec, [`${kind.toLowerCase()}Probe`]) === undefined;
}

function quotePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Default of terminationGracePeriodSeconds in the Kubernetes API. */
const GRACE_SECONDS = 30;

/** Whether the last run lasted about as long as the probe is patient: its delay and failures, then at most the time to end. */
function fits({ pod }: ContainerView, probe: Probe, ended: Termination, startup?: Probe | undefined): boolean {
  if (ended.startedMs === undefined || ended.finishedMs === undefined) return false;
  const lasted = ended.finishedMs - ended.startedMs;
  const grace = probe.graceMs ?? 1000 * (numberAt(pod.object, 'spec', 'terminationGracePeriodSeconds') ?? GRACE_SECONDS);
  const least = probe.initialDelayMs + (probe.failures - 1) * probe.periodMs;
  const most = probe.initialDelayMs + (probe.failures + 1) * (probe.periodMs + probe.timeoutMs) + grace;
  const before = startup ? startup.initialDelayMs + startup.failures * startup.periodMs : 0;
  return lasted >= least - 1000 && lasted <= most + before + 2000;
}
