import { type CallContext, cleanRun, type Diagnosis, type Pattern, type PatternLibrary, trackRecord } from '@tier0/core';
import { signatureOf } from '../patterns/learn/incident-shape.ts';
import { recognise } from '../patterns/learn/recognise.ts';
import { trackRecordAt } from '../patterns/learn/track-record.ts';

/** A success counts half after half a year; what is left of all of them must still be worth this much. */
const LEAST_WORTH = 0.5;

/**
 * The pattern that this incident is another occurrence of, when its remedy worked the last time and not too long ago. A second opinion about it
 * would cost time and money and change nothing. Undefined: it is new here, or experience with it is bad, old or missing.
 */
export async function seenAndSolved(
  library: PatternLibrary | undefined,
  { rootCauses, findings }: Diagnosis,
  context: CallContext,
): Promise<Pattern | undefined> {
  const [rootCause] = rootCauses;
  if (library?.list === undefined || rootCause === undefined) return undefined;
  const solved = (await library.list(context)).filter(
    (pattern) => cleanRun(pattern) > 0 && trackRecordAt(pattern, { nowMs: context.now() }).successes >= LEAST_WORTH,
  );
  return recognise(signatureOf({ rootCause, findings }), solved)?.pattern;
}

/** The diagnosis with the experience among the reasons of its first cause. */
export function withExperience(diagnosis: Diagnosis, pattern: Pattern): Diagnosis {
  const { successes, failures } = trackRecord(pattern);
  const told = `seen before (${pattern.id}, worked ${successes} of ${successes + failures} times), so no model was asked`;
  const rootCauses = diagnosis.rootCauses.map((one, place) => (place === 0 ? { ...one, basis: `${one.basis}; ${told}` } : one));
  return { ...diagnosis, rootCauses };
}
