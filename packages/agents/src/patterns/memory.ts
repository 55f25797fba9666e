import { type Pattern, type PatternLibrary, type PatternOccurrence, Tier0Error } from '@tier0/core';
import { rankPatterns } from './match-pattern.ts';

/** What the library knows when it starts. */
export interface MemoryPatternLibraryOptions {
  readonly patterns: readonly Pattern[];
}

/** A pattern library that forgets what it learned when the process ends. */
export function createMemoryPatternLibrary(options: MemoryPatternLibraryOptions): PatternLibrary {
  const patterns = new Map(options.patterns.map((pattern) => [pattern.id, pattern]));
  return {
    name: 'memory',
    async search(query) {
      return rankPatterns(patterns.values(), query);
    },
    async get(id) {
      return patterns.get(id);
    },
    async list() {
      return [...patterns.values()];
    },
    async add(pattern) {
      refuseTaken(patterns, pattern);
      patterns.set(pattern.id, pattern);
    },
    async record(id, occurrence) {
      const pattern = withOccurrence(knownPattern(patterns, id), occurrence);
      patterns.set(id, pattern);
      return pattern;
    },
  };
}

/** Throws CONFLICT where the id of a new pattern is taken. */
export function refuseTaken(patterns: ReadonlyMap<string, Pattern>, { id }: Pattern): void {
  if (!patterns.has(id)) return;
  throw new Tier0Error({
    code: 'CONFLICT',
    message: `There is a pattern "${id}" already.`,
    hint: 'Record the occurrence with that one, or give the new one another id.',
  });
}

/** The pattern with one more occurrence; the same one when the incident is already there. */
export function withOccurrence(pattern: Pattern, occurrence: PatternOccurrence): Pattern {
  if (pattern.occurrences.some((known) => known.incident === occurrence.incident)) return pattern;
  return { ...pattern, occurrences: [...pattern.occurrences, occurrence] };
}

export function knownPattern(patterns: ReadonlyMap<string, Pattern>, id: string): Pattern {
  const pattern = patterns.get(id);
  if (pattern) return pattern;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `There is no pattern "${id}".`,
    hint: 'Search the library for its patterns, or add this one to it.',
  });
}
