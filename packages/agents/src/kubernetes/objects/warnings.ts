import type { CmdbReader } from '@tier0/core';
import { isDefinite } from './condition-patience.ts';
import { eventsAbout, type ObjectEvent } from './events.ts';
import { hasStood } from './patience.ts';
import { tellingWords } from './telling-words.ts';

/** A warning that was not said again for this long is over. */
const CONTINUING_MS = 900_000;

/** Warnings about an object that were said more than once and until now, and that say why: those that name most first. */
export function repeatedWarnings(reader: CmdbReader, item: string): readonly ObjectEvent[] {
  const nowMs = Date.parse(reader.at);
  return eventsAbout(reader, item)
    .filter(({ type, count, lastMs }) => type === 'Warning' && count > 1 && lastMs !== undefined && nowMs - lastMs < CONTINUING_MS)
    .filter(({ reason, message }) => isDefinite(message) || /fail|error/i.test(reason))
    .toSorted((a, b) => named(b.message) - named(a.message));
}

/** The most telling warning that was said more than once about an object and is no first try any more; undefined where there is none. */
export function standingWarning(reader: CmdbReader, item: string): ObjectEvent | undefined {
  const [warning] = repeatedWarnings(reader, item);
  return warning !== undefined && hasStood(reader, item, { kind: 'condition-told', toldMs: warning.firstMs }) ? warning : undefined;
}

/** The warning in a sentence. */
export function sayWarning({ reason, message }: ObjectEvent): string {
  return `${reason}: ${tellingWords(message)}`;
}

/** Things that can be looked up: codes, quoted words, numbers, addresses and paths, and each reason behind a reason. */
const NAMES = /\b[A-Z][a-z]+(?:[A-Z][a-z]*)+\b|"[^"]+"|'[^']+'|\[[^\]]+\]|\b\d{3,}\b|\b[\w-]+(?:[./:][\w-]+)+\b|: /g;

/** How many things a text names. */
export function named(text: string): number {
  return text.match(NAMES)?.length ?? 0;
}
