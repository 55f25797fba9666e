import {
  type CallContext,
  type CmdbReader,
  type Diagnosis,
  type EvidenceSource,
  type PatternLibrary,
  type Remediator,
  type Remedy,
  type RootCause,
  toTimestamp,
} from '@tier0/core';
import { restoreImage } from '../kubernetes/image/restore-image.ts';
import { MATTERS } from '../kubernetes/matters.ts';
import { memoryLimits } from '../kubernetes/objects/workload.ts';
import { observeMemory } from '../signals/memory/observe-memory.ts';
import { raiseMemoryLimit } from '../signals/memory/raise-memory-limit.ts';
import { steepest } from '../signals/memory/steepest.ts';
import { advise } from './choose.ts';

/** What remedies are chosen and measured by. */
export interface RemediatorOptions {
  readonly patterns: PatternLibrary;
  /** Measures how long relief lasts. Without it only patterns that state their relief can be used for memory. */
  readonly evidence?: readonly EvidenceSource[] | undefined;
  /** How far back metrics are read, milliseconds. Default 6 h. */
  readonly windowMs?: number | undefined;
  /** Samples needed for a trend. Default 12. */
  readonly minimumSamples?: number | undefined;
}

/** A cause less certain than this is for people. */
const MINIMUM_CONFIDENCE = 0.5;

/** Turns root causes into edits where a safe remedy is known; an empty answer hands the incident to people. */
export function createRemediator(options: RemediatorOptions): Remediator {
  return {
    async remedies({ diagnosis, reader }, context) {
      const remedies: Remedy[] = [];
      for (const rootCause of diagnosis.rootCauses.filter((cause) => cause.confidence >= MINIMUM_CONFIDENCE)) {
        const remedy = await remedyFor(options, { rootCause, diagnosis, reader }, context);
        if (remedy) remedies.push(remedy);
      }
      return remedies;
    },
  };
}

interface Case {
  readonly rootCause: RootCause;
  readonly diagnosis: Diagnosis;
  readonly reader: CmdbReader;
}

async function remedyFor(
  options: RemediatorOptions,
  { rootCause, diagnosis, reader }: Case,
  context: CallContext,
): Promise<Remedy | undefined> {
  if (rootCause.cause === 'image-not-found') {
    const matches = await options.patterns.search({ cause: rootCause.cause, software: {}, text: rootCause.message }, context);
    const match = matches.find(({ pattern }) => pattern.remedy === 'restore-image');
    return restoreImage({ reader, rootCause: match ? { ...rootCause, pattern: match.pattern.id } : rootCause });
  }
  const advised = rootCause.pattern === undefined ? fromAdvice({ rootCause, diagnosis, reader }) : undefined;
  if (advised) return advised;
  const pattern = rootCause.pattern ? await options.patterns.get(rootCause.pattern, context) : undefined;
  const limit = memoryLimits(reader, rootCause.subject).find((candidate) => candidate.container === rootCause.container);
  if (pattern?.remedy !== 'raise-memory-limit' || !limit) return undefined;
  const toMs = context.now();
  const window = { fromMs: toMs - (options.windowMs ?? 6 * 3_600_000), toMs, minimumSamples: options.minimumSamples ?? 12 };
  const { pods } = await observeMemory(options.evidence ?? [], { reader, workload: rootCause.subject, limit, ...window }, context);
  const evidence = diagnosis.evidence.filter((one) => rootCause.evidenceFor.includes(one.id));
  return raiseMemoryLimit({ reader, rootCause, pattern, limit, forecast: steepest(pods), evidence, at: toTimestamp(toMs) });
}

/** The first edit that is advised for the cause; what only people can do is left to them. */
function fromAdvice({ rootCause, diagnosis, reader }: Case): Remedy | undefined {
  const finding = diagnosis.findings.find((one) => one.fingerprint === rootCause.finding);
  const advice = finding && advise({ reader, rootCause, finding }, MATTERS).find((one) => one.edits.length > 0);
  if (!finding || !advice) return undefined;
  return {
    id: advice.id,
    title: advice.title,
    cause: rootCause.cause,
    subject: rootCause.subject,
    edits: advice.edits,
    why: `${advice.why} Before it is merged: ${advice.precondition}`,
    rollback: advice.rollback,
    disproof: `The opposite of this is seen: ${advice.verify}`,
    success: { kind: 'finding-gone', item: rootCause.subject, fingerprint: finding.fingerprint },
  };
}
