/** A shape that several log messages share: their words, with `<*>` where they differ. */
export interface LogTemplate {
  readonly template: string;
  readonly count: number;
  /** Position of its first and last message among all that were given. */
  readonly firstIndex: number;
  readonly lastIndex: number;
  /** The last message, as written. */
  readonly example: string;
}

/** Takes messages one by one and keeps the shapes they have, in bounded memory. */
export interface TemplateMiner {
  add(message: string): void;
  /** Most recently seen first. */
  templates(): readonly LogTemplate[];
}

export interface TemplateMinerOptions {
  /** Share of equal words, 0 to 1, that makes two messages of one length the same shape. Default 0.5. */
  readonly similarity?: number | undefined;
  /** Shapes held at most; of more the one not seen for longest is forgotten. Default 500. */
  readonly limit?: number | undefined;
}

interface Shape {
  words: string[];
  count: number;
  readonly firstIndex: number;
  lastIndex: number;
  example: string;
}

/** Words looked at; what comes after is detail. */
const WORDS = 60;
/** Words that choose the branch of the tree, beside the number of words. */
const DEPTH = 2;
const ANY = '<*>';

/**
 * Streaming template miner after P. He, J. Zhu, Z. Zheng, M. Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017:
 * a tree of fixed depth (number of words, then the first words) leads to a few shapes, of which the most similar takes the message.
 */
export function createTemplateMiner(options: TemplateMinerOptions = {}): TemplateMiner {
  const { similarity = 0.5, limit = 500 } = options;
  const leaves = new Map<string, Shape[]>();
  let index = 0;
  let held = 0;
  return {
    add(message) {
      const words = maskVariables(message)
        .split(/\s+/)
        .filter((word) => word !== '')
        .slice(0, WORDS);
      const key = branchOf(words);
      const leaf = leaves.get(key) ?? [];
      leaves.set(key, leaf);
      const shape = nearest(leaf, words, similarity);
      if (shape) take(shape, words, message, index);
      else {
        leaf.push({ words, count: 1, firstIndex: index, lastIndex: index, example: message });
        held++;
        if (held > limit) held -= forgetOldest(leaves);
      }
      index++;
    },
    templates() {
      const all = [...leaves.values()].flat().sort((a, b) => b.lastIndex - a.lastIndex);
      return all.map(({ words, ...rest }) => ({ template: words.join(' '), ...rest }));
    },
  };
}

const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?/g, '<time>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<uuid>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, '<ip>'],
  [/\b0x[0-9a-f]+\b/gi, '<hex>'],
  [/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}\b/gi, '<hex>'],
  [/\b\d+(?:\.\d+)?(?=(?:ns|us|µs|ms|s|m|h|[KMGT]i?B?|%)?\b)/g, '<n>'],
];

/** Puts a mark in the place of what varies by nature: instants, numbers, addresses, identifiers. */
export function maskVariables(message: string): string {
  return MASKS.reduce((text, [pattern, mark]) => text.replace(pattern, mark), message);
}

/** A first word with a digit or a mark in it is no name of a branch, or there would be a branch for each value. */
function branchOf(words: readonly string[]): string {
  const steps = words.slice(0, DEPTH).map((word) => (/[\d<]/.test(word) ? ANY : word));
  return [words.length, ...steps].join(' ');
}

function nearest(leaf: readonly Shape[], words: readonly string[], least: number): Shape | undefined {
  let best: Shape | undefined;
  let bestShare = least;
  for (const shape of leaf) {
    const same = shape.words.filter((word, position) => word === words[position]).length;
    const share = words.length === 0 ? 1 : same / words.length;
    if (share >= bestShare && (best === undefined || share > bestShare)) {
      best = shape;
      bestShare = share;
    }
  }
  return best;
}

function take(shape: Shape, words: readonly string[], message: string, index: number): void {
  shape.words = shape.words.map((word, position) => (word === words[position] ? word : ANY));
  shape.count++;
  shape.lastIndex = index;
  shape.example = message;
}

function forgetOldest(leaves: Map<string, Shape[]>): number {
  let oldest: { readonly key: string; readonly shape: Shape } | undefined;
  for (const [key, leaf] of leaves)
    for (const shape of leaf) if (oldest === undefined || shape.lastIndex < oldest.shape.lastIndex) oldest = { key, shape };
  if (!oldest) return 0;
  const rest = (leaves.get(oldest.key) ?? []).filter((shape) => shape !== oldest.shape);
  if (rest.length === 0) leaves.delete(oldest.key);
  else leaves.set(oldest.key, rest);
  return 1;
}
