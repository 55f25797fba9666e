import { type Pattern, type PatternMatch, type PatternQuery, trackRecord } from '@tier0/core';
import { satisfies } from './version-range.ts';

/** Weights of what a match rests on; they add up to one. */
const WEIGHTS = { cause: 0.35, software: 0.35, keywords: 0.2, record: 0.1 };

/** Patterns that fit a query, best first. */
export function rankPatterns(patterns: Iterable<Pattern>, query: PatternQuery): readonly PatternMatch[] {
  const matches = [...patterns].flatMap((pattern) => matchPattern(pattern, query) ?? []);
  return matches.sort((a, b) => b.score - a.score || (a.pattern.id < b.pattern.id ? -1 : 1));
}

/** How closely a pattern fits; undefined when its cause, software or versions rule it out. */
export function matchPattern(pattern: Pattern, query: PatternQuery): PatternMatch | undefined {
  const { cause, software, versions, keywords } = pattern.signature;
  if (query.cause !== undefined && query.cause !== cause) return undefined;
  const version = software === undefined ? undefined : ownValue(query.software, software);
  if (software !== undefined && (version === undefined || (versions !== undefined && !satisfies(version, versions)))) return undefined;
  const found = wordsFound(keywords, query.text);
  if (query.cause === undefined && software === undefined && found.length === 0) return undefined;
  const { successes, failures } = trackRecord(pattern);
  const score =
    (query.cause === undefined ? 0 : WEIGHTS.cause) +
    (software === undefined ? 0 : WEIGHTS.software) +
    (keywords.length === 0 ? 0 : (WEIGHTS.keywords * found.length) / keywords.length) +
    (successes + failures === 0 ? 0 : (WEIGHTS.record * successes) / (successes + failures));
  const reasons = [
    ...(query.cause === undefined ? [] : [`cause ${cause}`]),
    ...(software === undefined ? [] : [`${software} ${version} lies in ${versions ?? 'any version'}`]),
    ...(found.length === 0 ? [] : [`words: ${found.join(', ')}`]),
    ...(successes + failures === 0 ? [] : [`worked ${successes} of ${successes + failures} times`]),
  ];
  return { pattern, score: Math.min(1, score), reasons };
}

function ownValue(record: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function wordsFound(keywords: readonly string[], text: string): readonly string[] {
  const lower = text.toLowerCase();
  return keywords.filter((keyword) => lower.includes(keyword.toLowerCase()));
}
