import { parseKubernetesItemId, readField } from '@tier0/core';
import { patienceMs } from '../objects/patience.ts';
import { ageMs, containersOf, type PodView, restartsOf } from '../objects/pod-view.ts';
import type { LogSign } from './classify.ts';
import type { LogCandidate } from './log-candidates.ts';
import type { SignDraft } from './log-reading.ts';
import { isBorneOut } from './log-sign.ts';
import { JUST_NOW_MS, shapeOf } from './pace.ts';
import type { LogEntry } from './read-log.ts';

/** A shape of message that may be the reason, with how much it weighs. */
export interface Lead {
  readonly sign: LogSign;
  readonly entry: LogEntry;
  readonly count: number;
  readonly weight: number;
  /** Position among all that was said. */
  readonly index: number;
}

/** How the container stands, and so how much its words weigh. */
export type Standing = 'ended' | 'unready' | 'starting' | 'accused' | 'ready';

export function standingOf(pod: PodView, { container, previous }: Pick<LogCandidate, 'container' | 'previous'>): Standing {
  const view = containersOf(pod).find(({ name }) => name === container);
  if (view === undefined || previous) return 'ended';
  const isRunning = readField(view.status, ['state', 'running']) !== undefined;
  if (isRunning && !view.isInit && readField(view.status, ['ready']) === true) return 'ready';
  if (restartsOf(view) > 0 || !isRunning) return 'ended';
  const isYoung = (ageMs(pod) ?? Number.POSITIVE_INFINITY) < patienceMs('pod-ready-guess');
  return isYoung ? 'starting' : 'unready';
}

/** A program that is well ends no sentence that explains a fault: what it says must be said again and again, and until now. */
const REPEATED = 3;
const RECENT_MS = 600_000;

interface Doubt {
  readonly pod: PodView;
  readonly entries: readonly LogEntry[];
  readonly lead: Lead;
  readonly standing: Standing;
  readonly drafts: readonly SignDraft[];
}

/** Undefined: it is over, or says nothing yet. `doubtful`: worth a look only. */
export function trustOf({ pod, entries, lead, standing, drafts }: Doubt): 'certain' | 'doubtful' | undefined {
  const isOnce = lead.count < REPEATED;
  if (standing === 'ended') return 'certain';
  // What was said once at the start says nothing of a program that says other things since.
  if (standing === 'unready') return isOnce && isLeftBehind({ pod, entries, lead }) ? undefined : 'certain';
  if (!isRecent(pod, entries, { lead, withinMs: standing === 'starting' ? JUST_NOW_MS : RECENT_MS })) return undefined;
  if (hasRecovered(entries, lead) || isHandled(entries, lead) || hasFallenSilent(pod, entries, lead)) return undefined;
  const isRepeated = lead.count >= REPEATED;
  if (standing === 'accused') return isRepeated && (lead.weight > 0 || isBorneOut(pod, drafts)) ? 'certain' : undefined;
  if (standing === 'starting') return isRepeated ? 'certain' : undefined;
  if (!isRepeated && isLeftBehind({ pod, entries, lead })) return undefined;
  if (isBorneOut(pod, drafts) && isClient(pod, lead)) return 'certain';
  if (!isRepeated || lead.weight === 0) return 'doubtful';
  if ((OWN_SETTINGS.has(lead.sign.kind) || isRefusedReload(lead, drafts)) && isComplaint(lead.entry.level)) return 'certain';
  return SPEAKS_OF_ITSELF.has(lead.sign.kind) && isClient(pod, lead) ? 'certain' : 'doubtful';
}

/** A complaint that was made at a pace is over when it was left out so many times, and other things are said. */
const LEFT_OUT = 4;
const LEFT_OUT_MS = 15_000;

function hasFallenSilent({ reader }: PodView, entries: readonly LogEntry[], { entry, index, count }: Lead): boolean {
  const times = entries.flatMap(({ message, atMs }) => (atMs !== undefined && shapeOf(message) === shapeOf(entry.message) ? [atMs] : []));
  const [first, last] = [times[0], times.at(-1)];
  if (first === undefined || last === undefined || count < REPEATED || times.length < REPEATED) return false;
  const pace = (last - first) / (times.length - 1);
  const later = entries.slice(index + 1).filter(({ level }) => !isComplaint(level) && level !== 'warn');
  return later.length >= REPEATED && Date.parse(reader.at) - last > Math.max(LEFT_OUT_MS, LEFT_OUT * pace);
}

/** Lines that a ready program says after a complaint, which show that it goes on. */
const GOES_ON = 3;

/** Said a while ago, and other things since. */
function isLeftBehind({ pod, entries, lead }: Pick<Doubt, 'pod' | 'entries' | 'lead'>): boolean {
  return entries.length - lead.index > GOES_ON && !isRecent(pod, entries, { lead, withinMs: JUST_NOW_MS });
}

/** It goes on with what it read before, since it cannot read what its ConfigMap holds now. */
function isRefusedReload({ sign }: Lead, drafts: readonly SignDraft[]): boolean {
  return sign.kind === 'unreadable-file' && drafts.some(({ subject }) => parseKubernetesItemId(subject ?? '')?.kind === 'ConfigMap');
}

/** A server tells of everybody whom it refuses; only who calls another one speaks of credentials of its own. */
function isClient({ reader, workload }: PodView, { sign }: Lead): boolean {
  return sign.kind !== 'authentication-failed' || reader.relations(workload, 'out', 'dependsOn').length > 0;
}

/** What a program knows of itself or of the one it talks to, without a guess of ours. */
const SPEAKS_OF_ITSELF: ReadonlySet<string> = new Set([
  'forbidden-api',
  'pool-exhausted',
  'server-refuses',
  'disk-full',
  'authentication-failed',
  'certificate-expired',
  'object-missing',
]);

/** What a program misses of its own settings is a fault where each request fails of it, and a remark where it merely warns. */
const OWN_SETTINGS: ReadonlySet<string> = new Set(['missing-variable', 'invalid-value']);

function isRecent(
  { reader }: PodView,
  entries: readonly LogEntry[],
  { lead, withinMs }: { readonly lead: Lead; readonly withinMs: number },
): boolean {
  const atMs = lead.entry.atMs;
  if (atMs !== undefined) return Date.parse(reader.at) - atMs <= withinMs;
  // Without instants the end of the log is the present.
  return lead.index >= entries.length - Math.max(5, Math.ceil(entries.length / 4));
}

/** Success after the last complaint: a connection made, a request served. */
function hasRecovered(entries: readonly LogEntry[], { index, sign }: Lead): boolean {
  const host = 'host' in sign ? sign.host.split('.')[0] : undefined;
  return entries.slice(index + 1).some(({ message, level }) => {
    if (level === 'error' || level === 'fatal' || level === 'warn') return false;
    return (
      /\b(?:re)?connected\b|\bcaches? (?:are|is)? ?synced\b|\b(?:connection|session) (?:re)?established|recovered|\bsucceeded\b|back online|is reachable/i.test(
        message,
      ) &&
      (host === undefined || message.includes(host) || !/[a-z0-9-]+\.[a-z0-9-]+/.test(message))
    );
  });
}

/** Said right after a complaint by a program that does without, or that expected it. */
const HANDLED =
  /\b(?:go(?:es|ing)? on without|continu(?:e|es|ing) without|fall(?:s|ing)? ?back|using (?:the )?defaults?|skipp(?:ed|ing)|ignor(?:ed|ing)|(?:is|are|was|turned|switched) (?:off|disabled)|not required|optional|as expected)\b|^(?:\S+ )?(?:OK|PASS(?:ED)?)\b/i;

function isHandled(entries: readonly LogEntry[], { index }: Lead): boolean {
  const [own, ...below] = entries.slice(index, index + 3);
  return (
    HANDLED.test((own?.message ?? '').replace(SWITCHED, '')) ||
    below.some(({ message, level }) => !isComplaint(level) && HANDLED.test(message))
  );
}

/** In the complaint itself these words tell what is wrong: a user or a command that is disabled. */
const SWITCHED = /\b(?:is|are|was|turned|switched) (?:off|disabled)\b/gi;

function isComplaint(level: LogEntry['level']): boolean {
  return level === 'error' || level === 'fatal';
}
