/** Edits that a slip of the hand makes in a name of this length. */
function editsAllowed(length: number): number {
  return length < 4 ? 0 : length < 9 ? 1 : 2;
}

/** Whether one name is another with a slip of the hand, or with a part left out or added (`cart`, `cart-svc`, `cart-v2`). */
export function isCloseName(name: string, other: string): boolean {
  if (name === other) return false;
  const shorter = Math.min(name.length, other.length);
  const allowed = editsAllowed(shorter);
  if (Math.abs(name.length - other.length) <= allowed && mayBeNear(name, other, allowed) && editDistance(name, other, allowed) <= allowed)
    return true;
  return isPartOf(name, other) || isPartOf(other, name);
}

/** An edit takes one letter out of the set of letters at most, and puts one in: names whose sets differ more are not worth a table. */
function mayBeNear(name: string, other: string, allowed: number): boolean {
  return differing(lettersOf(name), lettersOf(other)) <= 2 * allowed;
}

/** Bits in which two sets of letters differ. */
function differing(a: number, b: number): number {
  let count = 0;
  for (let left = a ^ b; left !== 0; count++) left &= left - 1;
  return count;
}

/** The characters of a name as bits; some share one, which only makes names look nearer than they are. */
function lettersOf(name: string): number {
  let bits = 0;
  for (let at = 0; at < name.length; at++) bits |= 1 << (name.charCodeAt(at) & 31);
  return bits;
}

/** The close one of several names, the nearest first; undefined when none is close. */
export function closestName(name: string, others: Iterable<string>): string | undefined {
  return nearest(
    name,
    [...others].filter((other) => isCloseName(name, other)),
  );
}

function nearest(name: string, close: readonly string[]): string | undefined {
  return [...close].sort((a, b) => editDistance(name, a) - editDistance(name, b) || (a < b ? -1 : 1))[0];
}

/** Names that are asked again and again for the one close to another: those that by length or letters cannot be are not compared. */
export class CloseNames {
  readonly #byLength = new Map<number, { readonly name: string; readonly letters: number }[]>();
  readonly #byBase = new Map<string, string[]>();
  readonly #all: ReadonlySet<string>;

  constructor(names: Iterable<string>) {
    this.#all = new Set(names);
    for (const name of this.#all) {
      push(this.#byLength, name.length, { name, letters: lettersOf(name) });
      for (const base of basesOf(name)) push(this.#byBase, base, name);
    }
  }

  /** As `closestName`. */
  closest(name: string): string | undefined {
    const byAddition = [...(this.#byBase.get(name) ?? []), ...basesOf(name).filter((base) => this.#all.has(base))];
    return nearest(name, [...new Set([...this.#byEdits(name), ...byAddition])]);
  }

  #byEdits(name: string): readonly string[] {
    const letters = lettersOf(name);
    const most = editsAllowed(name.length);
    const lengths = Array.from({ length: 2 * most + 1 }, (_, index) => name.length - most + index);
    return lengths.flatMap((length) => {
      const allowed = editsAllowed(Math.min(length, name.length));
      const entries = this.#byLength.get(length) ?? [];
      return entries.flatMap((entry) =>
        differing(letters, entry.letters) <= 2 * allowed && isCloseName(name, entry.name) ? [entry.name] : [],
      );
    });
  }
}

function push<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

/** Words that people add to a name without meaning another thing. */
const FILLERS: ReadonlySet<string> = new Set(['svc', 'service', 'api', 'app', 'server', 'srv', 'deployment', 'deploy', 'http', 'main']);

/** What a name is without a word that was added at its end or before it. */
function basesOf(name: string): readonly string[] {
  const [first, last] = [name.indexOf('-'), name.lastIndexOf('-')];
  if (first === -1) return [];
  const isAdded = (word: string) => FILLERS.has(word) || /^v?\d+$/.test(word);
  return [
    ...(isAdded(name.slice(last + 1)) ? [name.slice(0, last)] : []),
    ...(isAdded(name.slice(0, first)) ? [name.slice(first + 1)] : []),
  ];
}

function isPartOf(shorter: string, longer: string): boolean {
  // Most pairs end here: a part is set off by a dash.
  if (longer[shorter.length] !== '-' && longer[longer.length - shorter.length - 1] !== '-') return false;
  return basesOf(longer).includes(shorter);
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
