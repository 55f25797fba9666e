import {
  type Alert,
  type CallContext,
  type CmdbReader,
  type Evidence,
  type EvidenceSource,
  formatDuration,
  type Gap,
  makeEvidence,
  type PatternLibrary,
  type PatternMatch,
  type PatternOccurrence,
  parseKubernetesItemId,
  type RootCause,
  trackRecord,
  wilsonLowerBound,
} from '@tier0/core';
import { observeFirst } from '../../evidence/observe-first.ts';
import { changesNear, type NearbyChanges } from '../../findings/change-evidence.ts';
import { quote } from '../../findings/quote.ts';
import { describeBytes } from '../../kubernetes/objects/quantity.ts';
import { containerPath, type MemoryLimit, memoryLimits, softwareOf } from '../../kubernetes/objects/workload.ts';
import { notMeasured, tellGaps } from './memory-gaps.ts';
import { observeMemory, type PodMemory, WORKING_SET } from './observe-memory.ts';

export interface MemoryDiagnosisOptions {
  readonly evidence: readonly EvidenceSource[];
  readonly patterns: PatternLibrary;
  readonly windowMs: number;
  readonly minimumSamples: number;
}

/** Candidates for one memory alert, with the evidence they cite and what could not be looked at. */
export interface MemoryDiagnosis {
  readonly rootCauses: readonly RootCause[];
  readonly evidence: readonly Evidence[];
  readonly unknowns: readonly Gap[];
}

/** What the candidates are judged on. */
interface MemoryFacts {
  readonly workload: string;
  readonly limit: MemoryLimit;
  /** The pod that the alert is about, or the one that grows fastest. */
  readonly memory: PodMemory;
  readonly growing: number;
  readonly pods: number;
  readonly limitField: Evidence;
  readonly changes: NearbyChanges;
  readonly onsetMs: number;
  readonly software: Readonly<Record<string, string>>;
  readonly softwareField: Evidence;
  readonly match: PatternMatch | undefined;
  readonly log: Evidence | undefined;
}

/** A change this long before the growth began may have begun it. */
const BEFORE_ONSET_MS = 3_600_000;
const LOG_BYTES = 8_192;

/** Weighs memory-leak, memory-limit-too-low and bad-change against each other for one alert. */
export async function diagnoseMemory(
  options: MemoryDiagnosisOptions,
  { alert, reader }: { readonly alert: Alert; readonly reader: CmdbReader },
  context: CallContext,
): Promise<MemoryDiagnosis> {
  const workload = alert.item ?? '';
  const limit = memoryLimits(reader, workload).find((candidate) => candidate.container === alert.labels.container);
  if (!limit) return nothing(`could not diagnose ${alert.summary}: its workload or memory limit is not in the CMDB`);
  const toMs = context.now();
  const question = { reader, workload, limit, fromMs: toMs - options.windowMs, toMs, minimumSamples: options.minimumSamples };
  const { pods, gaps } = await observeMemory(options.evidence, question, context);
  const unknowns = tellGaps(gaps);
  const memory = pods.find((candidate) => candidate.pod === alert.labels.pod) ?? pods[0];
  if (!memory || memory.forecast.trend === 'insufficient') {
    return { ...nothing(`could not measure ${WORKING_SET} of container ${limit.container} again`), unknowns };
  }
  const { facts, unknowns: more } = await gather(options, { alert, reader, workload, limit, memory, pods }, context);
  return { ...weigh(facts), unknowns: [...unknowns, ...more] };
}

function nothing(unknown: string): MemoryDiagnosis {
  return { rootCauses: [], evidence: [], unknowns: [notMeasured(unknown)] };
}

async function gather(
  options: MemoryDiagnosisOptions,
  known: Pick<MemoryFacts, 'workload' | 'limit' | 'memory'> & {
    readonly alert: Alert;
    readonly reader: CmdbReader;
    readonly pods: readonly PodMemory[];
  },
  context: CallContext,
): Promise<{ readonly facts: MemoryFacts; readonly unknowns: readonly Gap[] }> {
  const { alert, reader, workload, limit, memory, pods } = known;
  const onsetMs = memory.points[0]?.[0] ?? context.now();
  const software = softwareOf(reader, workload);
  const log = await readLog(options, known, context);
  const text = `${alert.summary} ${log.lines.join(' ')}`.slice(0, LOG_BYTES);
  const [match] = await options.patterns.search({ cause: 'memory-leak', software, text }, context);
  const path = containerPath(parseKubernetesItemId(workload)?.kind ?? '', limit.container);
  const facts: MemoryFacts = {
    workload,
    limit,
    memory,
    growing: pods.filter((pod) => pod.forecast.trend === 'rising').length,
    pods: pods.length,
    limitField: quote(reader, workload, [...path, 'resources']),
    changes: changesNear(reader, { item: workload, fromMs: onsetMs - BEFORE_ONSET_MS, toMs: context.now(), hops: 1 }),
    onsetMs,
    software,
    softwareField: softwareEvidence(reader, workload, software),
    match,
    log: log.evidence,
  };
  return { facts, unknowns: log.unknown ? [log.unknown] : [] };
}

function softwareEvidence(reader: CmdbReader, workload: string, software: Readonly<Record<string, string>>): Evidence {
  const at = Date.parse(reader.at);
  const text = Object.entries(software)
    .sort()
    .map(([name, version]) => `${name} ${version}`)
    .join('\n');
  return makeEvidence({
    source: 'cmdb',
    query: `software of ${workload}`,
    fromMs: at,
    toMs: at,
    text: text || 'no software version is stated',
  });
}

async function readLog(
  options: MemoryDiagnosisOptions,
  { workload, limit, memory }: Pick<MemoryFacts, 'workload' | 'limit' | 'memory'>,
  context: CallContext,
): Promise<{ readonly lines: readonly string[]; readonly evidence?: Evidence; readonly unknown?: Gap }> {
  const namespace = parseKubernetesItemId(workload)?.namespace ?? '';
  const query = { kind: 'logs' as const, namespace, pod: memory.pod, container: limit.container, previous: false, limitBytes: LOG_BYTES };
  const observation = await observeFirst(options.evidence, query, context);
  if (observation.state === 'observed') return { lines: observation.lines, evidence: observation.evidence };
  if (observation.state === 'no-data') return { lines: [] };
  return {
    lines: [],
    unknown: {
      source: 'logs',
      kind: 'Pod',
      namespace,
      code: 'failed',
      message: `could not read the log of ${namespace}/${memory.pod}, container ${limit.container}: ${observation.reason}`,
    },
  };
}

function weigh(facts: MemoryFacts): Omit<MemoryDiagnosis, 'unknowns'> {
  const candidates = [leak(facts), limitTooLow(facts), badChange(facts)];
  const evidence = [
    facts.memory.evidence,
    facts.limitField,
    facts.changes.evidence,
    facts.softwareField,
    ...(facts.log ? [facts.log] : []),
  ];
  return { rootCauses: candidates.sort((a, b) => b.confidence - a.confidence), evidence };
}

/** Grows without an end: what a leak does. A known version of known software makes it likely, a change just before makes it less so. */
function leak(facts: MemoryFacts): RootCause {
  const { memory, match, changes } = facts;
  const rising = memory.forecast.trend === 'rising';
  const changed = changes.changes.length > 0;
  const base = rising ? 0.55 : 0.1;
  const known = match ? 0.2 + 0.2 * wilsonLowerBound(trackRecord(match.pattern)) : 0;
  const record = match ? trackRecord(match.pattern) : undefined;
  const evidenceFor = [memory.evidence.id, ...(changed ? [] : [facts.changes.evidence.id]), ...(match ? [facts.softwareField.id] : [])];
  return {
    ...located(facts),
    cause: 'memory-leak',
    message: match ? `${match.pattern.title} (${applicability(match)}). ${growth(facts)}` : `memory grows without an end. ${growth(facts)}`,
    confidence: Math.max(0.05, base + (rising ? known : 0) - (changed ? 0.2 : 0)),
    basis: record
      ? `measured growth and a known pattern, ${experience(match?.pattern.occurrences ?? [], record)}`
      : 'measured growth; no known pattern',
    evidenceFor,
    evidenceAgainst: changed ? [changes.evidence.id] : [],
    ...(match ? { pattern: match.pattern.id } : {}),
  };
}

/** High and level: the work simply needs more. Steady growth speaks against it. */
function limitTooLow(facts: MemoryFacts): RootCause {
  const { memory, limit } = facts;
  const rising = memory.forecast.trend === 'rising';
  const share = memory.forecast.trend === 'insufficient' ? 0 : memory.forecast.peak / limit.bytes;
  return {
    ...located(facts),
    cause: 'memory-limit-too-low',
    message: `the limit of ${limit.quantity} may be too low for the work: usage peaks at ${Math.round(100 * share)} % of it`,
    confidence: rising ? 0.15 : share >= 0.9 ? 0.7 : 0.1,
    basis: rising ? 'usage is high, but it keeps growing' : 'level usage close to the limit',
    evidenceFor: [facts.limitField.id],
    evidenceAgainst: rising ? [memory.evidence.id] : [],
  };
}

/** Something was changed just before it began. Nothing deployed speaks against it. */
function badChange(facts: MemoryFacts): RootCause {
  const { changes, memory, onsetMs } = facts;
  const first = changes.changes[0]?.change;
  const hoursBefore = first ? (onsetMs - Date.parse(first.at)) / 3_600_000 : undefined;
  return {
    ...located(facts),
    cause: 'bad-change',
    message: first
      ? `a change shortly before may have begun it: ${first.summary} at ${first.at}`
      : 'a change may have begun it, but nothing was deployed',
    confidence: hoursBefore === undefined ? 0.05 : facts.match ? 0.3 : 0.5,
    basis: first ? 'a change in time order with the growth' : 'no change in the window',
    evidenceFor: [first ? changes.evidence.id : memory.evidence.id],
    evidenceAgainst: first ? [] : [changes.evidence.id],
  };
}

function located({ workload, limit }: MemoryFacts): Pick<RootCause, 'subject' | 'container' | 'path'> {
  return { subject: workload, container: limit.container, path: [workload] };
}

/** Why the pattern speaks about this software, e.g. `web 3.2.4 lies in >=3.2.0 <3.2.9`. */
function applicability(match: PatternMatch): string {
  const [, software] = match.reasons;
  return match.pattern.signature.software && software ? software : match.reasons.join('; ');
}

function experience(
  occurrences: readonly PatternOccurrence[],
  { successes, failures }: { readonly successes: number; readonly failures: number },
): string {
  const last = occurrences.at(-1);
  if (!last) return 'not yet tried here';
  const outcome = last.succeeded ? 'helped' : 'did not help';
  return `its remedy helped ${successes} of ${successes + failures} times; last seen ${last.at.slice(0, 10)} as ${last.incident}, where it ${outcome}`;
}

function growth({ memory, limit, growing, pods }: MemoryFacts): string {
  const { forecast } = memory;
  if (forecast.trend === 'insufficient') return '';
  const perHour = describeBytes(Math.abs(forecast.slopePerMs) * 3_600_000);
  const reach =
    forecast.reachesLimitAtMs === undefined
      ? `will not reach the limit of ${limit.quantity}`
      : `reaches the limit of ${limit.quantity} ${formatDuration(forecast.reachesLimitAtMs - forecast.toMs)} later`;
  return `Memory grows by ${perHour} an hour and ${reach}${pods > 1 ? `; ${growing} of ${pods} pods grow` : ''}.`;
}
