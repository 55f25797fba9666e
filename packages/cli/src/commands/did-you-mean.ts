import { Tier0Error } from '@tier0/core';
import leven from 'leven';

/**
 * The known word that a person most likely meant; undefined when none is near. Near is one slip of the finger for each three characters, at
 * least one; two letters that changed places count as two, so a word of four letters may have them.
 */
export function nearest(given: string, known: readonly string[]): string | undefined {
  const word = given.toLowerCase();
  const slips = Math.max(1, Math.floor((word.length + 2) / 3));
  const [best] = known
    .map((candidate) => ({ candidate, distance: leven(word, candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= slips || (word.length >= 3 && candidate.toLowerCase().startsWith(word)))
    .sort((a, b) => a.distance - b.distance);
  return best?.candidate;
}

/** `Did you mean "json"? ` with a space behind it, or nothing. */
export function didYouMean(given: string, known: readonly string[]): string {
  const near = nearest(given, known);
  return near === undefined ? '' : `Did you mean "${near}"? `;
}

/** A word of a closed list, e.g. the value of an option. */
export interface Choice<Word extends string> {
  /** What is chosen, as a sentence begins with it: `--output`. */
  readonly name: string;
  readonly given: string | undefined;
  readonly known: readonly Word[];
}

/** The word, when it is one of the list. Throws INVALID_INPUT that names the list and the nearest of it. */
export function chosen<Word extends string>({ name, given, known }: Choice<Word>): Word {
  const found = known.find((word) => word === given);
  if (found !== undefined) return found;
  const list = known.length > 1 ? `one of ${known.join(', ')}` : `"${known[0]}"`;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: given === undefined || given === '' ? `${name} is missing; it is ${list}.` : `${name} is ${list}, not "${given}".`,
    hint: `${didYouMean(given ?? '', known)}${known.length > 1 ? 'Choose one of them.' : `Write ${known[0]}.`}`,
  });
}
