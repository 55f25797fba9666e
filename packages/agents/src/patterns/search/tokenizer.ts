/** English words that stand in nearly every text of operations and tell none apart. */
const STOP_WORDS = new Set(
  'a an and are as at be been but by can do for from has have if in into is it its of on or than that the their then there these they this to was were when which will with you your'.split(
    ' ',
  ),
);

const TOKEN = /[\p{L}\p{N}_][\p{L}\p{N}_.:/@-]*/gu;
const PART = /\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lu}+|\p{N}+|[^\p{Lu}\p{Ll}\p{N}\W_]+/gu;
const EDGE = /[.:/@-]+$/;
/** Longer runs without a space are encoded data (certificates, hashes), not words that somebody looks for. */
const LONGEST_TOKEN = 100;

/**
 * Words of a text as operations people write them. A compound (`KubePodCrashLooping`, `node_cpu_seconds_total`, `OOMKilled`, `10.0.0.1`,
 * `registry/app:v1.2`) counts whole, so that it can be found exactly, and in its parts, so that prose about it is found too. Parts are
 * lower-case and without English inflection; each counts once for its compound.
 */
export function tokenize(text: string): string[] {
  const words: string[] = [];
  for (const [raw] of text.matchAll(TOKEN)) {
    const token = raw.replace(EDGE, '');
    if (token.length > LONGEST_TOKEN || token === '') continue;
    addWords(token, words);
  }
  return words;
}

function addWords(token: string, words: string[]): void {
  const whole = token.toLowerCase();
  const parts = token.match(PART) ?? [];
  if (parts.length <= 1) {
    if (!STOP_WORDS.has(whole)) words.push(stem(whole));
    return;
  }
  words.push(whole);
  for (const part of new Set(parts.map((found) => found.toLowerCase()))) {
    if (!STOP_WORDS.has(part)) words.push(stem(part));
  }
}

/** Endings that are taken off, longest first, with what stands in their place and how much of the word must be left. */
const ENDINGS: readonly (readonly [ending: string, replacement: string, leftAtLeast: number])[] = [
  ['izations', 'ize', 4],
  ['ization', 'ize', 4],
  ['ations', 'ate', 4],
  ['ation', 'ate', 4],
  ['ments', 'ment', 3],
  ['nesses', '', 4],
  ['ness', '', 4],
  ['ingly', '', 4],
  ['edly', '', 4],
  ['sses', 'ss', 2],
  ['ies', 'y', 2],
  ['ied', 'y', 2],
  ['ing', '', 3],
  ['ely', 'e', 3],
  ['ly', '', 4],
  ['ed', '', 3],
  ['ches', 'ch', 2],
  ['shes', 'sh', 2],
  ['xes', 'x', 2],
];
const DOUBLED = /([bdfgmnprt])\1$/;

/** Takes English inflection off a lower-case word: `restarting`, `restarts` and `restarted` become `restart`. Words with digits stay. */
export function stem(word: string): string {
  if (word.length < 4 || !/^[a-z]+$/.test(word)) return word;
  for (const [ending, replacement, least] of ENDINGS) {
    if (!word.endsWith(ending) || word.length - ending.length < least) continue;
    return withoutFinalE(word.slice(0, -ending.length).replace(DOUBLED, '$1') + replacement);
  }
  if (word.endsWith('s') && !/(ss|us|is)$/.test(word)) return withoutFinalE(word.slice(0, -1));
  return withoutFinalE(word);
}

/** `restore` and `restored` must meet: the silent e is not part of a stem. */
function withoutFinalE(word: string): string {
  return word.length > 4 && word.endsWith('e') ? word.slice(0, -1) : word;
}
