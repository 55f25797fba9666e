/** Edits that a slip of the hand makes in a name of this length. */
function editsAllowed(length: number): number {
  return length < 4 ? 0 : length < 9 ? 1 : 2;
}

/** Whether one name is another with a slip of the hand, or with a part left out or added (`cart`, `cart-svc`, `cart-v2`). */
export function isCloseName(name: string, other: string): boolean {
  if (name === other) return false;
  const shorter = Math.min(name.length, other.length);
  const allowed = editsAllowed(shorter);
  if (Math.abs(name.length - other.length) <= allowed && editDistance(name, other, allowed) <= allowed) return true;
  return isPartOf(name, other) || isPartOf(other, name);
}

/** The close one of several names, the nearest first; undefined when none is close. */
export function closestName(name: string, others: Iterable<string>): string | undefined {
  const close = [...others].filter((other) => isCloseName(name, other));
  return close.sort((a, b) => editDistance(name, a) - editDistance(name, b) || (a < b ? -1 : 1))[0];
}

/** Words that people add to a name without meaning another thing. */
const FILLERS: ReadonlySet<string> = new Set(['svc', 'service', 'api', 'app', 'server', 'srv', 'deployment', 'deploy', 'http', 'main']);

function isPartOf(shorter: string, longer: string): boolean {
  // Most pairs end here: a part is set off by a dash.
  if (longer[shorter.length] !== '-' && longer[longer.length - shorter.length - 1] !== '-') return false;
  if (!longer.startsWith(`${shorter}-`) && !longer.endsWith(`-${shorter}`)) return false;
  const rest = longer.startsWith(`${shorter}-`) ? longer.slice(shorter.length + 1) : longer.slice(0, -shorter.length - 1);
  return FILLERS.has(rest) || /^v?\d+$/.test(rest);
}

/**
 * Insertions, deletions, replacements and swaps of neighbours (restricted Damerau-Levenshtein distance). Above `most` it is not worked out
 * to its end: some number above `most` is returned.
 */
export function editDistance(a: string, b: string, most = Number.POSITIVE_INFINITY): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = last;
    last = row;
    // A swap reaches back over one row only: what two rows in a row exceed stays exceeded.
    if (Math.min(...before) > most && Math.min(...last) > most) return most + 1;
  }
  return last[b.length] ?? 0;
}
