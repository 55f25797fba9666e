import type { CallContext, CmdbReader, Diagnosis, Remediator, Remedy, RootCause } from '@tier0/core';
import type { Matter } from '../findings/matter.ts';
import type { Signal, SignalOptions } from '../findings/signal.ts';
import { MATTERS } from '../kubernetes/matters.ts';
import { signalOptionsOf } from '../signals/signal-options.ts';
import { SIGNALS } from '../signals/signals.ts';
import { findingOf, remediesFor } from './choose.ts';

/** What remedies are chosen and measured by. */
export interface RemediatorOptions extends Partial<SignalOptions> {
  /** Default `MATTERS`. */
  readonly matters?: readonly Matter[] | undefined;
  /** Default `SIGNALS`. */
  readonly signals?: readonly Signal[] | undefined;
}

/** A cause less certain than this is for people. */
const MINIMUM_CONFIDENCE = 0.5;

/** Turns root causes into edits where a safe remedy is known, all of them, best first; an empty answer hands the incident to people. */
export function createRemediator(options: RemediatorOptions = {}): Remediator {
  return {
    async remedies({ diagnosis, reader }, context) {
      const remedies: Remedy[] = [];
      for (const rootCause of diagnosis.rootCauses.filter((cause) => cause.confidence >= MINIMUM_CONFIDENCE))
        remedies.push(...(await remediesOf(options, { rootCause, diagnosis, reader }, context)));
      return remedies.filter((remedy) => remedy.edits.length > 0);
    },
  };
}

interface Case {
  readonly rootCause: RootCause;
  readonly diagnosis: Diagnosis;
  readonly reader: CmdbReader;
}

async function remediesOf(
  options: RemediatorOptions,
  { rootCause, diagnosis, reader }: Case,
  context: CallContext,
): Promise<readonly Remedy[]> {
  const { matters = MATTERS, signals = SIGNALS } = options;
  const finding = findingOf(diagnosis.findings, rootCause.finding);
  if (finding !== undefined) return await withPatterns(remediesFor({ reader, rootCause, finding }, matters), options, context);
  const question = { rootCause, evidence: diagnosis.evidence, reader, options: signalOptionsOf(options) };
  const measured = await Promise.all(signals.map((signal) => signal.remedies(question, context)));
  return measured.flat();
}

/** A pattern that knows this remedy for this cause lends it its track record. */
async function withPatterns(
  remedies: readonly Remedy[],
  { patterns }: RemediatorOptions,
  context: CallContext,
): Promise<readonly Remedy[]> {
  const [first] = remedies;
  if (patterns === undefined || first === undefined) return remedies;
  const matches = await patterns.search({ cause: first.cause, software: {}, text: first.title }, context);
  return remedies.map((remedy) => {
    const match = matches.find(({ pattern }) => pattern.remedy === remedy.id);
    return match === undefined || remedy.pattern !== undefined ? remedy : { ...remedy, pattern: match.pattern.id };
  });
}
