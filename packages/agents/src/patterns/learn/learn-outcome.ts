import { createHash } from 'node:crypto';
import { type CallContext, type Pattern, type PatternLibrary, type PatternOccurrence, type Remedy, Tier0Error } from '@tier0/core';
import { type DiagnosedIncident, signatureOf } from './incident-shape.ts';
import { type Recognition, recognise } from './recognise.ts';

/** An incident that has come to an end. */
export interface ClosedIncident extends DiagnosedIncident {
  readonly remedy: Pick<Remedy, 'id' | 'title'>;
  readonly occurrence: PatternOccurrence;
}

/** What an outcome taught. */
export interface Lesson {
  readonly pattern: Pattern;
  /** Whether the pattern was founded on this very incident. */
  readonly founded: boolean;
  /** How it was recognised, where it was. */
  readonly recognition?: Recognition | undefined;
}

/** Every outcome counts: for the pattern the incident is recognised as, when that recommends the remedy that was used, else for a new one. */
export async function learnFromOutcome(library: PatternLibrary, incident: ClosedIncident, context: CallContext): Promise<Lesson> {
  if (!library.list || !library.add) {
    throw new Tier0Error({
      code: 'UNSUPPORTED',
      message: `The pattern library "${library.name}" takes in no new patterns.`,
      hint: 'Use the library in a file, or one that has "list" and "add".',
    });
  }
  const signature = signatureOf(incident);
  const fitting = (await library.list(context)).filter((pattern) => pattern.remedy === incident.remedy.id);
  const recognition = recognise(signature, fitting);
  if (recognition) {
    return { pattern: await library.record(recognition.pattern.id, incident.occurrence, context), founded: false, recognition };
  }
  const { cause, message } = incident.rootCause;
  const pattern: Pattern = {
    id: `${cause}-${createHash('sha256')
      .update(JSON.stringify([signature, incident.remedy.id]))
      .digest('hex')
      .slice(0, 10)}`,
    title: `${cause}: ${incident.remedy.title}`,
    signature: { cause, keywords: [], shape: signature.shape },
    remedy: incident.remedy.id,
    parameters: {},
    fix: message,
    occurrences: [incident.occurrence],
  };
  await library.add(pattern, context);
  return { pattern, founded: true };
}
