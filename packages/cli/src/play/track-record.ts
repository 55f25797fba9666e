import { type Pattern, type PatternOccurrence, PatternSchema, Tier0Error } from '@tier0/core';
import { z } from 'zod';

const TrackRecordSchema = z.strictObject({
  /** Pattern the outcomes belong to. */
  pattern: z.string().min(1),
  occurrences: z.array(z.strictObject({ incident: z.string().min(1), at: z.iso.datetime(), succeeded: z.boolean() })),
});

/** Adds past outcomes from a file's text to the pattern they belong to. Throws INVALID_INPUT. */
export function withTrackRecord(patterns: readonly Pattern[], text: string, file: string): readonly Pattern[] {
  const record = parse(text, file);
  if (!patterns.some((pattern) => pattern.id === record.pattern)) throw invalid(file, `this scenario knows no pattern "${record.pattern}"`);
  return patterns.map((pattern) => (pattern.id === record.pattern ? add(pattern, record.occurrences) : pattern));
}

function add(pattern: Pattern, occurrences: readonly PatternOccurrence[]): Pattern {
  return z.parse(PatternSchema, { ...pattern, occurrences: [...pattern.occurrences, ...occurrences] });
}

function parse(text: string, file: string) {
  try {
    return TrackRecordSchema.parse(JSON.parse(text));
  } catch (error) {
    throw invalid(file, error instanceof z.ZodError ? (error.issues[0]?.message ?? 'wrong shape') : 'it is not JSON');
  }
}

function invalid(file: string, problem: string): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${file} is not a track record: ${problem}.`,
    hint: 'It must be { "pattern": ID, "occurrences": [{ "incident", "at", "succeeded" }] }; the first folder under examples/ holds one.',
  });
}
