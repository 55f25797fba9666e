import { distance } from 'fastest-levenshtein';

/** Same letters in another case, or at most two letters apart: a letter swapped with its neighbour counts as two. */
export function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 2) return false;
  if (a.toLowerCase() === b.toLowerCase()) return true;
  return a.length > 3 && distance(a, b) <= 2;
}

/** The name that was probably meant, of those that are near. */
export function nearestName(wanted: string, names: readonly string[]): string | undefined {
  const near = names.filter(
    (name) => isNear(wanted, name) || (wanted.length > 1 && (distance(wanted, name) === 1 || isShuffled(wanted, name))),
  );
  return near.sort((a, b) => distance(wanted, a) - distance(wanted, b))[0];
}

function isShuffled(a: string, b: string): boolean {
  return a.length > 2 && [...a].sort().join('') === [...b].sort().join('');
}
