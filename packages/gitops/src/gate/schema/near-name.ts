import { distance } from 'fastest-levenshtein';

/** Same letters in another case, or at most two letters apart: a letter swapped with its neighbour counts as two. */
export function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 2) return false;
  if (a.toLowerCase() === b.toLowerCase()) return true;
  return a.length > 3 && distance(a, b) <= 2;
}
