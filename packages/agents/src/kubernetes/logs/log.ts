import { type CmdbReader, type Finding, makeEvidence, parseKubernetesItemId } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { AskedHosts } from '../objects/asked-hosts.ts';
import { hostNamesIn } from '../objects/host-name.ts';
import { containersOf, nameOf, type PodView, podViews } from '../objects/pod-view.ts';
import { instantAt } from '../objects/read-object.ts';
import { changedFields } from '../objects/template-change.ts';
import { awaitedJob } from './awaited-job.ts';
import { awaitedServer } from './awaited-server.ts';
import { type ChangedSource, startedMsOf } from './changed-source.ts';
import { changedBefore, changedSometime, changedValue, firstSaid, staleValue } from './changed-words.ts';
import { type LogSign, readingsOf } from './classify.ts';
import { announcesNothing } from './device-plugin.ts';
import { failingServer, failingWords, lastWords, rejectingWords, repeatedWords } from './last-words.ts';
import { listeningPort } from './listening-port.ts';
import { lockHolder } from './lock-holder.ts';
import type { LogCandidate } from './log-candidates.ts';
import type { LogReading, SignDraft } from './log-reading.ts';
import { signDrafts } from './log-sign.ts';
import { type Lead, standingOf, trustOf } from './log-trust.ts';
import { variableSpokenOf } from './log-variable.ts';
import { createTemplateMiner } from './mine-templates.ts';
import { ownFrame } from './own-frame.ts';
import { removesPods } from './pod-remover.ts';
import { quoteAround, quoteBelow, quoteTrace } from './quote-lines.ts';
import { type LogEntry, readLog } from './read-log.ts';
import { servesElsewhere } from './serves-elsewhere.ts';
import { serviceLink } from './service-link.ts';

export { type LogCandidate, logCandidates, namedCandidates } from './log-candidates.ts';

/** A log that was read for a candidate. */
export interface ContainerLog extends LogCandidate {
  readonly text: string;
}

export interface LogInput {
  readonly reader: CmdbReader;
  readonly findings: readonly Finding[];
  readonly logs: readonly ContainerLog[];
  /** Workloads that others complain of: what they say themselves weighs more, ready or not. */
  readonly accused?: ReadonlySet<string> | undefined;
}

/** What the logs of root-cause candidates say: at most one reason for each container. Not yet sorted, and one thing may be told twice. */
export function findingsFromLogs({ reader, findings, logs, accused }: LogInput): readonly FindingDraft[] {
  const faulty = new Set(findings.filter(({ severity }) => severity === 'fault').map(({ subject }) => subject));
  const churned = new Set(findings.filter(({ code }) => code === 'T0-REPLICASET-012').map(({ subject }) => subject));
  const views = new Map(podViews(reader).map((pod) => [pod.id, pod]));
  return logs.flatMap((log) => {
    const pod = views.get(log.pod);
    return pod ? reasonOf(pod, log, { isAccused: accused?.has(pod.workload) === true, faulty, churned }) : [];
  });
}

/** Services whose callers say that they are refused, though something stands behind them. */
export function refusingServices(drafts: readonly FindingDraft[]): readonly string[] {
  return [...new Set(drafts.filter(({ code }) => code === 'T0-LOG-017').flatMap(({ suspects = [] }) => suspects))];
}

/** What the programs behind Services say of where they listen, where callers are refused. */
export function findingsFromServers({ reader, logs }: LogInput, refusing: readonly string[]): readonly FindingDraft[] {
  if (refusing.length === 0) return [];
  const views = new Map(podViews(reader).map((pod) => [pod.id, pod]));
  return logs.flatMap((log) => {
    const pod = views.get(log.pod);
    const words = pod && servesElsewhere({ pod, container: log.container, entries: entriesOf(pod, log), refusing });
    return pod === undefined || words === undefined ? [] : [finish(pod, log, words.draft, words)];
  });
}

/** What is known of the others when a log is read. */
interface Surroundings {
  readonly isAccused: boolean;
  /** Items that something is wrong with. */
  readonly faulty: ReadonlySet<string>;
  /** Workloads whose pods never grow old. */
  readonly churned: ReadonlySet<string>;
}

function reasonOf(pod: PodView, log: ContainerLog, { isAccused, faulty, churned }: Surroundings): readonly FindingDraft[] {
  if (isLongOver(pod)) return [];
  const entries = entriesOf(pod, log);
  const plain = standingOf(pod, log);
  const standing = plain === 'ready' && isAccused ? 'accused' : plain;
  const said = { pod, container: log.container, entries };
  const stale = staleValue(said);
  if (stale !== undefined) return [finish(pod, log, stale.draft, stale)];
  const remover = churned.size === 0 ? undefined : removesPods({ pod, entries, churned });
  if (remover !== undefined) return [finish(pod, log, remover.draft, remover)];
  const plugin = announcesNothing(said);
  if (plugin !== undefined) return [finish(pod, log, plugin.draft, plugin)];
  for (const lead of leadsOf(entries)) {
    const reading: LogReading = { pod, container: log.container, message: lead.entry.message };
    const drafts = signDrafts(reading, lead.sign);
    if (drafts.length === 0) continue;
    const trust = trustOf({ pod, entries, lead, standing, drafts });
    if (trust === undefined) continue;
    const changed = trust === 'doubtful' ? changedValue(said) : undefined;
    if (changed !== undefined) return [finish(pod, log, changed.draft, changed)];
    const severity = trust === 'doubtful' ? ('degraded' as const) : undefined;
    const told = lead.sign.kind === 'unreadable-file' ? `: ${quoteAround(entries, lead.entry)}` : '';
    return drafts.map((draft) => ({
      ...finish(pod, log, { ...draft, text: `${draft.text}${told}` }, lead),
      ...(severity === undefined ? {} : { severity }),
    }));
  }
  // Nobody gives back what one that is gone holds: there is nothing to wait for.
  const held = lockHolder({ pod, entries });
  if (held !== undefined) return [finish(pod, log, held.draft, { entry: held.entry, count: held.count })];
  const changed = changedValue(said);
  if (changed !== undefined) return [finish(pod, log, changed.draft, changed)];
  // A workload that something is known to be wrong with is not accused again by what nobody understands.
  const isKnown = faulty.has(pod.workload);
  if (standing === 'ready') return isKnown ? [] : failingOf(pod, log, entries);
  const awaited = standing === 'accused' ? undefined : awaitedJob({ pod, container: log.container, entries, faulty });
  if (awaited !== undefined) return [finish(pod, log, awaited.draft, { entry: awaited.entry, count: awaited.count })];
  const server = standing === 'accused' ? undefined : awaitedServer({ pod, container: log.container, entries });
  if (server !== undefined) return [finish(pod, log, server.draft, { entry: server.entry, count: server.count })];
  if (standing === 'accused') return rejectionOf(pod, log, { entries, isKnown });
  if (standing === 'starting') return repeatedOf(pod, log, entries);
  return [...linkOf(pod, log, entries), ...traceOf(pod, log, entries), ...wordsOf(pod, log, entries)].slice(0, 1);
}

/** What a pod said that ended longer ago than this is of no incident of today. */
const OVER_MS = 24 * 3_600_000;

function isLongOver(pod: PodView): boolean {
  const ends = containersOf(pod).map((view) => instantAt(view.status, 'state', 'terminated', 'finishedAt'));
  const nowMs = Date.parse(pod.reader.at);
  return ends.length > 0 && ends.every((endMs) => endMs !== undefined && nowMs - endMs > OVER_MS);
}

function traceOf(pod: PodView, log: ContainerLog, entries: readonly LogEntry[]): readonly FindingDraft[] {
  const trace = entries.findLast(
    (entry) => entry.frames.length > 0 && entry.level !== 'warn' && entry.level !== 'info' && entry.level !== 'debug',
  );
  if (!trace) return [];
  const frame = ownFrame(trace.frames);
  const told = innermost(trace);
  const spoken = variableSpokenOf({ pod, container: log.container, message: told });
  const draft = spoken ?? {
    code: 'T0-LOG-011' as const,
    key: frame ?? '',
    text: `it ends with ${quoteTrace(entries, trace, told)}${frame === undefined ? '' : ` at ${frame}`}`,
  };
  return [finish(pod, log, draft, { entry: trace, count: 1 })];
}

/** Characters of the head of a chain of exceptions that are quoted beside its end, and causes at its end. */
const HEAD = 90;
const CAUSES = 2;

/** The head of a chain of exceptions, and the causes at its end, which tell most. */
function innermost({ message }: LogEntry): string {
  const [head = '', ...chain] = message.split(/; (?=\s*(?:Caused by:|---> ))/);
  const causes = chain.flatMap((cause) => cause.replace(/^\s*(?:Caused by:|--->)\s*/, '') || []);
  if (causes.length === 0) return head;
  const last = causes.slice(-CAUSES).join('; caused by ');
  return `${head.length > HEAD ? `${head.slice(0, HEAD)}…` : head}; ${causes.length > CAUSES ? 'at last caused' : 'caused'} by ${last}`;
}

/** The line in which a program stumbles over a variable that it did not ask for. */
function linkOf(pod: PodView, log: ContainerLog, entries: readonly LogEntry[]): readonly FindingDraft[] {
  for (const entry of entries.toReversed()) {
    const draft = serviceLink({ pod, container: log.container, message: entry.message });
    if (draft !== undefined) return [finish(pod, log, draft, { entry, count: 1 })];
  }
  return [];
}

/** A program that is ready and at every moment fails in the same way: what it is there for does not succeed. The system's own are not meant. */
function failingOf(pod: PodView, log: ContainerLog, entries: readonly LogEntry[]): readonly FindingDraft[] {
  const words = failingWords({ pod, container: log.container, entries });
  if (words === undefined) return [];
  const draft = finish(pod, log, words.draft, { entry: words.entry, count: words.count });
  return [words.severity === undefined ? draft : { ...draft, severity: words.severity }];
}

/** Why a server that others complain of turns them away, in its own words; a value that it quotes leads to where that is written. */
function rejectionOf(
  pod: PodView,
  log: ContainerLog,
  { entries, isKnown }: { readonly entries: readonly LogEntry[]; readonly isKnown: boolean },
): readonly FindingDraft[] {
  const said = { pod, container: log.container, entries };
  const words = rejectingWords(said) ?? (isKnown ? undefined : failingServer(said));
  return words === undefined ? [] : [finish(pod, log, words.draft, { entry: words.entry, count: words.count })];
}

/** A complaint that no sign knows, of a program that is not ready or that others complain of: it must be repeated, and until now. */
function repeatedOf(pod: PodView, log: ContainerLog, entries: readonly LogEntry[]): readonly FindingDraft[] {
  const words = repeatedWords({ pod, container: log.container, entries });
  return words === undefined ? [] : [finish(pod, log, words.draft, { entry: words.entry, count: words.count })];
}

/** What no sign knows is told as it was said. */
function wordsOf(pod: PodView, log: ContainerLog, entries: readonly LogEntry[]): readonly FindingDraft[] {
  const moved = listeningPort({ pod, container: log.container, entries });
  if (moved !== undefined) return [finish(pod, log, moved.draft, { entry: moved.entry, count: 1 })];
  const words = lastWords({ pod, container: log.container, entries });
  return words === undefined ? [] : [finish(pod, log, words.draft, { entry: words.entry, count: words.count })];
}

/** Shapes that say something known, weightiest first: errors before warnings, then what was said last. */
function leadsOf(entries: readonly LogEntry[]): readonly Lead[] {
  const miner = createTemplateMiner();
  const byMessage = new Map<string, { readonly entry: LogEntry; readonly index: number }>();
  for (const [index, entry] of entries.entries()) {
    if (entry.level === 'debug' || entry.level === 'info') continue;
    miner.add(entry.message);
    byMessage.set(entry.message, { entry, index });
  }
  const leads = miner.templates().flatMap(({ example, count }): readonly Lead[] => {
    const held = byMessage.get(example);
    if (!held) return [];
    const weight = held.entry.level === 'warn' ? 0 : 1;
    const signs = readingsOf(example, held.entry.frames).filter((sign) => !(isBareUsage(sign) && followsComplaint(entries, held.index)));
    return signs.map((sign) => ({ sign, entry: held.entry, count, weight, index: held.index }));
  });
  return leads.sort((a, b) => b.weight - a.weight || b.index - a.index);
}

/** How a program is used, and no word of what it does not understand. */
function isBareUsage(sign: LogSign): boolean {
  return sign.kind === 'bad-usage' && sign.word === '';
}

/** Lines above a usage text in which what went wrong stands, if it was not the command line. */
const ABOVE_USAGE = 6;

/** Some libraries print how a program is used whatever it fails of. */
function followsComplaint(entries: readonly LogEntry[], index: number): boolean {
  return entries
    .slice(Math.max(0, index - ABOVE_USAGE), index)
    .some(
      ({ level, message }) => (level === 'error' || level === 'fatal') && readingsOf(message).every((sign) => sign.kind !== 'bad-usage'),
    );
}

/** Hosts that the line itself names. */
function hostFacts({ message, frames }: LogEntry): AskedHosts | undefined {
  const hosts = hostNamesIn([message, ...frames.slice(0, 10)]);
  return hosts.length === 0 ? undefined : { hosts };
}

const entriesByLog = new WeakMap<ContainerLog, readonly LogEntry[]>();

/** The entries of a log, read once. */
function entriesOf(pod: PodView, log: ContainerLog): readonly LogEntry[] {
  const held = entriesByLog.get(log) ?? onOurClock(pod, log, readLog(log.text, Date.parse(pod.reader.at)));
  entriesByLog.set(log, held);
  return held;
}

/** A clock may go behind the one of the cluster by this much. */
const BEHIND_MS = 60_000;

/** Lines of the present run that are all older than the run are told by another clock: their instants say nothing. */
function onOurClock(pod: PodView, log: ContainerLog, entries: readonly LogEntry[]): readonly LogEntry[] {
  const startedMs = log.previous ? undefined : startedMsOf(pod, log.container);
  const newestMs = Math.max(...entries.flatMap(({ atMs }) => atMs ?? []));
  if (startedMs === undefined || !Number.isFinite(newestMs) || newestMs >= startedMs - BEHIND_MS) return entries;
  return entries.map((entry) => ({ ...entry, atMs: undefined }));
}

function finish(pod: PodView, log: ContainerLog, draft: SignDraft, lead: Pick<Lead, 'entry' | 'count'>): FindingDraft {
  const { reader } = pod;
  const atMs = lead.entry.atMs ?? Date.parse(reader.at);
  const often = lead.count > 1 ? ` (${lead.count} times)` : '';
  const quoted = draft.text.includes('"') ? '' : `: ${quoteBelow(entriesOf(pod, log), lead.entry)}`;
  const { namespace = '' } = parseKubernetesItemId(pod.id) ?? {};
  const evidence = makeEvidence({
    source: 'logs',
    query: `${namespace}/${nameOf(pod.id)} container ${log.container}${log.previous ? ' previous' : ''}`,
    fromMs: atMs,
    toMs: atMs,
    text: [lead.entry.message, ...lead.entry.frames.slice(0, 10)].join('\n'),
  });
  const { source, text } = since(pod, log, draft, lead.entry);
  const place = source === undefined || !UNKNOWN_WORDS.has(draft.code) ? undefined : placeOf(source);
  const subject = place?.subject ?? draft.subject;
  return {
    code: place?.code ?? draft.code,
    subject: subject ?? pod.workload,
    container: subject === undefined ? log.container : undefined,
    key: place?.key ?? draft.key,
    message: `${nameOf(pod.workload)}: container ${log.container} says that ${draft.text}${often}${text}${quoted}`,
    facts: place === undefined && draft.facts !== undefined ? draft.facts : hostFacts(lead.entry),
    sinceMs: firstSaid({ pod, container: log.container, entries: entriesOf(pod, log) }, lead.entry).firstMs,
    evidence: [evidence],
    suspects: draft.suspects,
    seenOn: [pod.workload, ...(draft.seenOn ?? [])],
  };
}

/** Words that say what is wrong and not where: what was changed just before, and nothing else, is where. */
const UNKNOWN_WORDS: ReadonlySet<string> = new Set(['T0-LOG-011', 'T0-LOG-033', 'T0-LOG-051', 'T0-LOG-077', 'T0-LOG-078']);

function placeOf({ item, kind, keys }: ChangedSource): Pick<SignDraft, 'code' | 'key'> & { readonly subject: string } {
  return { code: kind === 'ConfigMap' ? 'T0-LOG-003' : 'T0-LOG-024', subject: item, key: keys.map(({ key }) => key).join() };
}

interface Since {
  readonly source?: ChangedSource | undefined;
  readonly text: string;
}

/** What the revision changed is the first suspect of whatever its program complains of; a program that is ready is not accused. */
function since(pod: PodView, log: ContainerLog, { subject, text }: SignDraft, entry: LogEntry): Since {
  const { container } = log;
  const view = containersOf(pod).find(({ name }) => name === container);
  if ((subject !== undefined && subject !== pod.workload) || view === undefined || text.includes('since its revision')) return { text: '' };
  const changed = standingOf(pod, log) === 'ready' ? [] : (changedFields(view) ?? []).filter((field) => !/Probe\b/.test(field));
  if (changed.length > 0) return { text: `, since its revision changed ${changed.join(', ')}` };
  const said = { pod, container, entries: entriesOf(pod, log) };
  return changedBefore(said, entry) ?? { text: changedSometime(said) };
}
