/** What a corpus says about its words; weights of texts that come later are computed from it too. */
export interface LexicalStatistics {
  readonly textCount: number;
  /** Words a text on average. */
  readonly averageLength: number;
  /** In how many texts each word stands. */
  readonly documentCounts: ReadonlyMap<string, number>;
}

/** BM25 weights by word. Plain data: it can be kept and read back. */
export interface Postings {
  readonly textCount: number;
  readonly columns: ReadonlyMap<string, number>;
  /** Where the entries of each column begin. */
  readonly starts: Uint32Array;
  readonly texts: Uint32Array;
  readonly weights: Float32Array;
}

/** How soon repetition stops counting, and how much long texts are held back: the values that Lucene uses. */
const K1 = 1.2;
const B = 0.75;

/** Counts the words of a corpus. */
export function countWords(texts: readonly (readonly string[])[]): LexicalStatistics {
  const documentCounts = new Map<string, number>();
  let length = 0;
  for (const words of texts) {
    length += words.length;
    for (const word of new Set(words)) documentCounts.set(word, (documentCounts.get(word) ?? 0) + 1);
  }
  return { textCount: texts.length, averageLength: Math.max(1, length / Math.max(1, texts.length)), documentCounts };
}

/**
 * Okapi BM25 weights of every word in every text, so that a query only adds numbers.
 * Source: S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with Lucene's non-negative idf.
 */
export function toPostings(texts: readonly (readonly string[])[], statistics: LexicalStatistics): Postings {
  const columns = new Map<string, number>();
  const entries: { readonly texts: number[]; readonly weights: number[] }[] = [];
  for (const [text, words] of texts.entries()) {
    const norm = K1 * (1 - B + (B * words.length) / statistics.averageLength);
    for (const [word, count] of countsOf(words)) {
      const column = columnOf(columns, word);
      entries[column] ??= { texts: [], weights: [] };
      entries[column].texts.push(text);
      entries[column].weights.push((inverseFrequency(word, statistics) * count * (K1 + 1)) / (count + norm));
    }
  }
  const starts = new Uint32Array(entries.length + 1);
  for (const [column, entry] of entries.entries()) starts[column + 1] = (starts[column] as number) + entry.texts.length;
  return {
    textCount: texts.length,
    columns,
    starts,
    texts: Uint32Array.from(entries.flatMap((entry) => entry.texts)),
    weights: Float32Array.from(entries.flatMap((entry) => entry.weights)),
  };
}

/** Adds to `scores`, from `offset` on, what each text shares with the query's words. */
export function addLexicalScores(postings: Postings, words: readonly string[], scores: Float64Array, offset = 0): void {
  for (const word of words) {
    const column = postings.columns.get(word);
    if (column === undefined) continue;
    const end = postings.starts[column + 1] as number;
    for (let at = postings.starts[column] as number; at < end; at++) {
      const text = offset + (postings.texts[at] as number);
      scores[text] = (scores[text] as number) + (postings.weights[at] as number);
    }
  }
}

function inverseFrequency(word: string, { textCount, documentCounts }: LexicalStatistics): number {
  const count = documentCounts.get(word) ?? 0;
  return Math.log(1 + (Math.max(textCount, count) - count + 0.5) / (count + 0.5));
}

/** How often each word stands in a text. */
export function countsOf(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function columnOf(columns: Map<string, number>, word: string): number {
  const known = columns.get(word);
  if (known !== undefined) return known;
  columns.set(word, columns.size);
  return columns.size - 1;
}
