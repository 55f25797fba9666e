import { learnFromOutcome, type Recognition, recognise, signatureOf } from '@tier0/agents/patterns';
import { type CallContext, type IncidentState, type PatternLibrary, type Remedy, toTimestamp, trackRecord } from '@tier0/core';

/** What earlier incidents say about a new one. */
export interface SeenBefore {
  readonly pattern: string;
  readonly title: string;
  readonly succeeded: number;
  readonly failed: number;
  /** ISO 8601, UTC. */
  readonly lastAt: string;
  /** 0 to 1. */
  readonly similarity: number;
  /** What the similarity rests on, one line each. */
  readonly reasons: readonly string[];
}

/** Whether an incident that was diagnosed is one that happened before, under whatever names; undefined when it is not, or nobody remembers. */
export async function seenBefore(library: PatternLibrary, state: IncidentState, context: CallContext): Promise<SeenBefore | undefined> {
  const diagnosis = state.results.diagnose?.diagnosis;
  const rootCause = diagnosis?.rootCauses[0];
  if (diagnosis === undefined || rootCause === undefined || library.list === undefined) return undefined;
  const known = (await library.list(context)).filter((pattern) => pattern.occurrences.some(({ incident }) => incident !== state.incident));
  const recognition = recognise(signatureOf({ rootCause, findings: diagnosis.findings }), known);
  if (recognition) return toSeen(recognition);
  // A pattern that people wrote has no shape to be recognised by: its cause and its words are asked instead.
  const [match] = (await library.search({ cause: rootCause.cause, software: {}, text: rootCause.message }, context)).filter(
    ({ pattern }) => known.includes(pattern) || known.some(({ id }) => id === pattern.id),
  );
  return match && toSeen({ pattern: match.pattern, similarity: match.score, reasons: match.reasons });
}

function toSeen({ pattern, similarity, reasons }: Recognition): SeenBefore {
  const { successes, failures } = trackRecord(pattern);
  const { id, title, occurrences } = pattern;
  return { pattern: id, title, succeeded: successes, failed: failures, lastAt: occurrences.at(-1)?.at ?? '', similarity, reasons };
}

/** The experience in one sentence. */
export function tellSeenBefore({ title, succeeded, failed, lastAt }: SeenBefore): string {
  return `seen before: "${title}" worked ${succeeded} of ${succeeded + failed} times, last on ${lastAt.slice(0, 10)}`;
}

/**
 * Remembers how an incident ended: for the pattern it is recognised as, else as a new one. A pattern that took part in the loop has its
 * occurrence already. What people rejected counts against the remedy; what was never tried teaches nothing. Undefined: nothing was learned.
 */
export async function remember(library: PatternLibrary, state: IncidentState, context: CallContext): Promise<string | undefined> {
  const { diagnose, decide, learn, close } = state.results;
  const rootCause = diagnose?.diagnosis.rootCauses[0];
  const remedy = remedyOf(state);
  if (!close || !diagnose || !rootCause || !remedy || !decide || learn?.pattern !== undefined || !library.add) return undefined;
  if (decide.status === 'timed-out') return undefined;
  const succeeded = close.status === 'resolved';
  const review = decide.status === 'rejected' ? { review: 'rejected' as const } : {};
  const occurrence = { incident: state.incident, at: toTimestamp(context.now()), succeeded, ...review };
  const lesson = await learnFromOutcome(library, { rootCause, findings: diagnose.diagnosis.findings, remedy, occurrence }, context);
  return lesson.pattern.id;
}

function remedyOf({ results }: IncidentState): Remedy | undefined {
  const chosen = results.rehearse?.chosen;
  return chosen === undefined ? undefined : results.locate?.located[chosen]?.remedy;
}
