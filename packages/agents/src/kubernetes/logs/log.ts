import { type CmdbReader, type Finding, makeEvidence, parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { AskedHosts } from '../objects/asked-hosts.ts';
import { hostNamesIn } from '../objects/host-name.ts';
import { containersOf, firstLine, isUp, nameOf, type PodView, podViews, restartsOf } from '../objects/pod-view.ts';
import { type LogSign, readingsOf } from './classify.ts';
import type { LogReading } from './log-reading.ts';
import { signDrafts } from './log-sign.ts';
import { createTemplateMiner } from './mine-templates.ts';
import { ownFrame } from './own-frame.ts';
import { type LogEntry, readLog } from './read-log.ts';

/** Whose log to read. */
export interface LogCandidate {
  /** Item id of the pod. */
  readonly pod: string;
  readonly container: string;
  /** The log of the run before, since the present one has only begun. */
  readonly previous: boolean;
}

/** A log that was read for a candidate. */
export interface ContainerLog extends LogCandidate {
  readonly text: string;
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
  'T0-POD-037',
  'T0-POD-038',
  'T0-POD-041',
  'T0-POD-042',
  'T0-POD-043',
  'T0-JOB-001',
  'T0-JOB-002',
  'T0-JOB-003',
  'T0-CRONJOB-003',
]);
/** Pods of one workload whose logs are read: they say the same. */
const PODS_EACH = 2;
const CANDIDATES = 40;

/**
 * Containers whose log may explain a finding: those that crash, are not ready, or failed a Job, and those of the same sort behind the
 * Services that findings suspect. The log of a healthy pod is never read, so noise in it can accuse nobody.
 */
export function logCandidates(findings: readonly Finding[], reader: CmdbReader): readonly LogCandidate[] {
  const wanting = findings.filter(({ code, severity }) => WANTING.has(code) && severity !== 'hygiene');
  const workloads = new Map(wanting.map(({ subject, container }) => [`${subject} ${container ?? ''}`, { subject, container }]));
  const byWorkload = Map.groupBy(podViews(reader), (pod) => pod.workload);
  const own = [...workloads.values()].flatMap(({ subject, container }) =>
    troubled(byWorkload.get(subject) ?? []).flatMap((pod) => ofPod(pod, container)),
  );
  const behind = wanting
    .flatMap(({ suspects = [] }) => suspects)
    .flatMap((service) => reader.relations(service, 'out', 'selects').map(({ to }) => to));
  const views = new Map(podViews(reader).map((pod) => [pod.id, pod]));
  const others = troubled(behind.flatMap((id) => views.get(id) ?? [])).flatMap((pod) => ofPod(pod));
  const all = new Map([...own, ...others].map((candidate) => [`${candidate.pod} ${candidate.container}`, candidate]));
  return [...all.values()].slice(0, CANDIDATES);
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

export interface LogInput {
  readonly reader: CmdbReader;
  readonly findings: readonly Finding[];
  readonly logs: readonly ContainerLog[];
}

/** What the logs of root-cause candidates say: at most one reason for each container. Not yet sorted, and one thing may be told twice. */
export function findingsFromLogs({ reader, logs }: LogInput): readonly FindingDraft[] {
  const views = new Map(podViews(reader).map((pod) => [pod.id, pod]));
  return logs.flatMap((log) => {
    const pod = views.get(log.pod);
    return pod ? reasonOf(pod, log) : [];
  });
}

/** A shape of message that may be the reason, with how much it weighs. */
interface Lead {
  readonly sign: LogSign;
  readonly entry: LogEntry;
  readonly count: number;
  readonly weight: number;
  readonly index: number;
}

function reasonOf(pod: PodView, log: ContainerLog): readonly FindingDraft[] {
  const entries = readLog(log.text);
  for (const lead of leadsOf(entries)) {
    const reading: LogReading = { pod, container: log.container, message: lead.entry.message, sign: lead.sign };
    const drafts = signDrafts(reading);
    if (drafts.length > 0) return drafts.map((draft) => finish(pod, log, draft, lead));
  }
  const trace = entries.findLast(
    (entry) => entry.frames.length > 0 && entry.level !== 'warn' && entry.level !== 'info' && entry.level !== 'debug',
  );
  if (!trace) return [];
  const frame = ownFrame(trace.frames);
  const draft = {
    code: 'T0-LOG-011' as const,
    key: frame ?? '',
    text: `it ends with "${firstLine(trace.message)}"${frame === undefined ? '' : ` at ${frame}`}`,
  };
  return [finish(pod, log, draft, { entry: trace, count: 1 })];
}

/** Shapes that say something known, weightiest first: errors before warnings, then what was said last. */
function leadsOf(entries: readonly LogEntry[]): readonly Lead[] {
  const miner = createTemplateMiner();
  const byMessage = new Map<string, LogEntry>();
  for (const entry of entries) {
    if (entry.level === 'debug' || entry.level === 'info') continue;
    miner.add(entry.message);
    byMessage.set(entry.message, entry);
  }
  const leads = miner.templates().flatMap(({ example, count, lastIndex }): readonly Lead[] => {
    const entry = byMessage.get(example);
    if (!entry) return [];
    const weight = entry.level === 'warn' ? 0 : 1;
    return readingsOf(example, entry.frames).map((sign) => ({ sign, entry, count, weight, index: lastIndex }));
  });
  return leads.sort((a, b) => b.weight - a.weight || b.index - a.index);
}

/** Hosts that the line itself names. */
function hostFacts({ message, frames }: LogEntry): AskedHosts | undefined {
  const hosts = hostNamesIn([message, ...frames.slice(0, 10)]);
  return hosts.length === 0 ? undefined : { hosts };
}

function finish(
  pod: PodView,
  log: ContainerLog,
  draft: ReturnType<typeof signDrafts>[number],
  lead: Pick<Lead, 'entry' | 'count'>,
): FindingDraft {
  const { reader } = pod;
  const atMs = lead.entry.atMs ?? Date.parse(reader.at);
  const often = lead.count > 1 ? ` (${lead.count} times)` : '';
  const { namespace = '' } = parseKubernetesItemId(pod.id) ?? {};
  const evidence = makeEvidence({
    source: 'logs',
    query: `${namespace}/${nameOf(pod.id)} container ${log.container}${log.previous ? ' previous' : ''}`,
    fromMs: atMs,
    toMs: atMs,
    text: [lead.entry.message, ...lead.entry.frames.slice(0, 10)].join('\n'),
  });
  return {
    code: draft.code,
    subject: draft.subject ?? pod.workload,
    container: draft.subject === undefined ? log.container : undefined,
    key: draft.key,
    message: `${nameOf(pod.workload)}: container ${log.container} says that ${draft.text}${often}`,
    facts: draft.facts ?? hostFacts(lead.entry),
    evidence: [evidence],
    suspects: draft.suspects,
    seenOn: [pod.workload],
  };
}
