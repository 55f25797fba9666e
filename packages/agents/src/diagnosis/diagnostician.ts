import {
  type CallContext,
  type Diagnosis,
  type Diagnostician,
  distinctGaps,
  type Evidence,
  type Gap,
  type LanguageModel,
  type RootCause,
  toTimestamp,
} from '@tier0/core';
import type { Matter } from '../findings/matter.ts';
import type { Signal, SignalOptions } from '../findings/signal.ts';
import { MATTERS } from '../kubernetes/matters.ts';
import { signalOptionsOf } from '../signals/signal-options.ts';
import { SIGNALS } from '../signals/signals.ts';
import { askModel } from './ask-model.ts';
import { causesOf } from './causes-of-alerts.ts';
import { examineCluster } from './examine.ts';
import { readLogFrom } from './read-log-from.ts';
import { seenAndSolved, withExperience } from './seen-and-solved.ts';

/** What a diagnosis draws on: measurements, known patterns, rules and, if wanted, a model. */
export interface DiagnosticianOptions extends Partial<SignalOptions> {
  /** Default `MATTERS`. */
  readonly matters?: readonly Matter[] | undefined;
  /** Default `SIGNALS`. */
  readonly signals?: readonly Signal[] | undefined;
  /** A second opinion. It must cite evidence and decides nothing. Not asked about an incident that `patterns` knows and whose remedy worked. */
  readonly model?: LanguageModel | undefined;
  /** Milliseconds the model may take. Default 60,000. */
  readonly modelTimeoutMs?: number | undefined;
}

/** Finds root causes by rules, the graph and measured trends; asks a model only to add to them. */
export function createDiagnostician(options: DiagnosticianOptions = {}): Diagnostician {
  const matters = options.matters ?? MATTERS;
  const signals = options.signals ?? SIGNALS;
  const measured = signalOptionsOf(options);
  return {
    async diagnose({ alerts, reader }, context) {
      const examination = await examineCluster(reader, { matters, readLog: readLogFrom(measured.evidence, context) }, context);
      const { findings, causes: found } = examination;
      const rootCauses: RootCause[] = found.map((cause) => cause.rootCause);
      const evidence: Evidence[] = [...alerts.flatMap((alert) => alert.evidence), ...found.flatMap((cause) => cause.evidence)];
      const unknowns: Gap[] = [...examination.unknowns];
      for (const alert of alerts) {
        for (const signal of signals.filter((one) => one.answersFor(alert))) {
          const told = await signal.explain({ alert, reader, options: measured }, context);
          rootCauses.push(...told.rootCauses);
          evidence.push(...told.evidence);
          unknowns.push(...told.unknowns);
        }
      }
      const { causes, elsewhere } = causesOf(alerts, rootCauses, reader);
      const diagnosis: Diagnosis = {
        takenAt: toTimestamp(context.now()),
        rootCauses: causes,
        findings,
        evidence: distinct(evidence),
        unknowns: distinctGaps([...unknowns, ...elsewhere]),
      };
      return await withModel(options, diagnosis, { alerts: alerts.map((alert) => alert.summary), context });
    },
  };
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
  const pattern = await seenAndSolved(options.patterns, diagnosis, context);
  if (pattern) return withExperience(diagnosis, pattern);
  const answer = await askModel({ model: options.model, diagnosis, alerts, timeoutMs: options.modelTimeoutMs ?? 60_000 }, context);
  if ('failure' in answer) return { ...diagnosis, unknowns: [...diagnosis.unknowns, answer.failure] };
  return {
    ...diagnosis,
    rootCauses: [...diagnosis.rootCauses, ...answer.rootCauses],
    unknowns: [...diagnosis.unknowns, ...answer.rejected],
    ...(answer.narrative ? { narrative: answer.narrative } : {}),
  };
}
