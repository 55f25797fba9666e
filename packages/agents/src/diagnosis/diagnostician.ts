import {
  type CallContext,
  type Diagnosis,
  type Diagnostician,
  type Evidence,
  type EvidenceSource,
  type LanguageModel,
  type PatternLibrary,
  type RootCause,
  toTimestamp,
} from '@tier0/core';
import type { Matter } from '../findings/matter.ts';
import { MATTERS } from '../kubernetes/matters.ts';
import { createMemoryPatternLibrary } from '../patterns/memory.ts';
import { SEED_PATTERNS } from '../patterns/seed.ts';
import { diagnoseMemory } from '../signals/memory/diagnose-memory.ts';
import { MEMORY_ALERT } from '../signals/memory/memory-detector.ts';
import { askModel } from './ask-model.ts';
import { type ClusterDiagnosisOptions, examineCluster } from './examine.ts';

/** What a diagnosis draws on: measurements, known patterns, rules and, if wanted, a model. */
export interface DiagnosticianOptions {
  /** Where trends are measured. Default none: what only a measurement can show stays unknown. */
  readonly evidence?: readonly EvidenceSource[] | undefined;
  /** Default: the patterns that come with this package, in memory. */
  readonly patterns?: PatternLibrary | undefined;
  /** Default `MATTERS`. */
  readonly matters?: readonly Matter[] | undefined;
  /** A second opinion. It must cite evidence and decides nothing. */
  readonly model?: LanguageModel | undefined;
  /** Milliseconds the model may take. Default 60,000. */
  readonly modelTimeoutMs?: number | undefined;
  /** How far back metrics are read, milliseconds. Default 6 h. */
  readonly windowMs?: number | undefined;
  /** Samples needed for a trend. Default 12. */
  readonly minimumSamples?: number | undefined;
}

/** Finds root causes by rules, the graph and measured trends; asks a model only to add to them. */
export function createDiagnostician(options: DiagnosticianOptions = {}): Diagnostician {
  const matters = options.matters ?? MATTERS;
  const memoryOptions = {
    evidence: options.evidence ?? [],
    patterns: options.patterns ?? createMemoryPatternLibrary({ patterns: SEED_PATTERNS }),
    windowMs: options.windowMs ?? 6 * 3_600_000,
    minimumSamples: options.minimumSamples ?? 12,
  };
  return {
    async diagnose({ alerts, reader }, context) {
      const examination = await examineCluster(reader, { matters, readLog: logsFrom(memoryOptions.evidence, context) }, context);
      const { findings, causes: found } = examination;
      const rootCauses: RootCause[] = found.map((cause) => cause.rootCause);
      const evidence: Evidence[] = [...alerts.flatMap((alert) => alert.evidence), ...found.flatMap((cause) => cause.evidence)];
      const unknowns: string[] = [...examination.unknowns];
      for (const alert of alerts.filter((candidate) => candidate.labels.alertname === MEMORY_ALERT)) {
        const memory = await diagnoseMemory(memoryOptions, { alert, reader }, context);
        rootCauses.push(...memory.rootCauses);
        evidence.push(...memory.evidence);
        unknowns.push(...memory.unknowns);
      }
      const diagnosis: Diagnosis = {
        takenAt: toTimestamp(context.now()),
        rootCauses: rank(
          rootCauses,
          alerts.flatMap((alert) => alert.item ?? []),
        ),
        findings,
        evidence: distinct(evidence),
        unknowns: [...new Set(unknowns)],
      };
      return await withModel(options, diagnosis, { alerts: alerts.map((alert) => alert.summary), context });
    },
  };
}

/** Asks each source that has logs in turn; undefined when none has any. */
function logsFrom(sources: readonly EvidenceSource[], context: CallContext): ClusterDiagnosisOptions['readLog'] {
  const asked = sources.filter((candidate) => candidate.kinds.includes('logs'));
  if (asked.length === 0) return undefined;
  return async ({ signal: _signal, ...request }) => {
    for (const source of asked) {
      const observation = await source.observe({ kind: 'logs', ...request }, context);
      if (observation.state === 'observed') return observation.lines.join('\n');
    }
    return undefined;
  };
}

/** Causes at or on the way to what the alerts are about come first, then the more certain ones; the order never depends on luck. */
function rank(causes: readonly RootCause[], alerted: readonly string[]): readonly RootCause[] {
  const isAbout = (cause: RootCause) => (alerted.length === 0 || cause.path.some((item) => alerted.includes(item)) ? 1 : 0);
  const key = (cause: RootCause) => `${cause.subject}\n${cause.cause}\n${cause.container ?? ''}`;
  return [...causes].sort((a, b) => isAbout(b) - isAbout(a) || b.confidence - a.confidence || (key(a) < key(b) ? -1 : 1));
}

function distinct(evidence: readonly Evidence[]): readonly Evidence[] {
  return [...new Map(evidence.map((one) => [one.id, one])).values()];
}

async function withModel(
  options: DiagnosticianOptions,
  diagnosis: Diagnosis,
  { alerts, context }: { readonly alerts: readonly string[]; readonly context: CallContext },
): Promise<Diagnosis> {
  if (!options.model) return diagnosis;
  const answer = await askModel({ model: options.model, diagnosis, alerts, timeoutMs: options.modelTimeoutMs ?? 60_000 }, context);
  if ('failure' in answer) return { ...diagnosis, unknowns: [...diagnosis.unknowns, answer.failure] };
  return {
    ...diagnosis,
    rootCauses: [...diagnosis.rootCauses, ...answer.rootCauses],
    unknowns: [...diagnosis.unknowns, ...answer.rejected],
    ...(answer.narrative ? { narrative: answer.narrative } : {}),
  };
}
