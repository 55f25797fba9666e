import { countsOf, countWords } from './lexical.ts';

/** How a latent space is fitted. */
export interface LatentOptions {
  /** Dimensions kept; fewer where the corpus has no more. Default 100. */
  readonly rank?: number | undefined;
  /** Words in a larger share of all texts carry no topic. Default 0.4. */
  readonly maxShare?: number | undefined;
}

/** A space of topics: words that stand in the same texts are near each other, so texts meet that share no word. Plain data. */
export interface LatentSpace {
  readonly rank: number;
  readonly words: ReadonlyMap<string, LatentWord>;
  /** Position of each word, one row of `rank` numbers a column. */
  readonly axes: Float64Array;
}

export interface LatentWord {
  readonly column: number;
  readonly idf: number;
}

/** Rounds of subspace iteration; more do not change a ranking. */
const ITERATIONS = 4;

/** A sparse matrix, one row a text. */
interface Rows {
  readonly starts: Uint32Array;
  readonly columns: Uint32Array;
  readonly values: Float64Array;
  readonly columnCount: number;
}

/**
 * Latent semantic analysis fitted on the texts themselves: truncated SVD of their tf-idf matrix. Deterministic, nothing is downloaded.
 * Sources: S. Deerwester and others, "Indexing by Latent Semantic Analysis", JASIS 41 (1990); the decomposition is the randomised one of
 * N. Halko, P.-G. Martinsson and J. A. Tropp, SIAM Review 53 (2011), algorithm 4.4.
 */
export function fitLatentSpace(texts: readonly (readonly string[])[], options: LatentOptions = {}): LatentSpace {
  const words = chooseWords(texts, options.maxShare ?? 0.4);
  const rank = Math.max(0, Math.min(options.rank ?? 100, texts.length - 1, words.size - 1));
  return { rank, words, axes: rank === 0 ? new Float64Array() : principalAxes(toRows(texts, words), texts.length, rank) };
}

/** Position of a text, length 1; all zero where the space knows none of its words. */
export function placeWords({ rank, words, axes }: LatentSpace, text: readonly string[]): Float32Array {
  const row = toRows([text], words);
  const position = new Float64Array(rank);
  for (let at = 0; at < row.columns.length; at++) {
    const from = (row.columns[at] as number) * rank;
    const value = row.values[at] as number;
    for (let k = 0; k < rank; k++) position[k] = (position[k] as number) + value * (axes[from + k] as number);
  }
  return unit(position);
}

/** Positions of many texts, one row each. */
export function placeTexts(space: LatentSpace, texts: readonly (readonly string[])[]): Float32Array {
  const rows = new Float32Array(texts.length * space.rank);
  for (const [text, words] of texts.entries()) rows.set(placeWords(space, words), text * space.rank);
  return rows;
}

/** Writes the cosine of a position and each row to `scores`, from `offset` on. */
export function setCosines(rows: Float32Array, position: Float32Array, scores: Float64Array, offset = 0): void {
  const width = position.length;
  const count = width === 0 ? 0 : rows.length / width;
  const even = width - (width % 4);
  for (let row = 0, at = 0; row < count; row++) {
    // Four sums that do not wait for each other.
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let k = 0; k < even; k += 4, at += 4) {
      a += (rows[at] as number) * (position[k] as number);
      b += (rows[at + 1] as number) * (position[k + 1] as number);
      c += (rows[at + 2] as number) * (position[k + 2] as number);
      d += (rows[at + 3] as number) * (position[k + 3] as number);
    }
    for (let k = even; k < width; k++, at++) a += (rows[at] as number) * (position[k] as number);
    scores[offset + row] = a + b + c + d;
  }
}

/** A word of one text alone, or of nearly all, ties no texts together. */
function chooseWords(texts: readonly (readonly string[])[], maxShare: number): ReadonlyMap<string, LatentWord> {
  const { documentCounts } = countWords(texts);
  const chosen = new Map<string, LatentWord>();
  for (const [word, count] of documentCounts) {
    if (count < 2 || count > Math.max(2, maxShare * texts.length)) continue;
    chosen.set(word, { column: chosen.size, idf: Math.log(1 + texts.length / count) });
  }
  return chosen;
}

/** Weights (1 + log tf) x idf, each row of length 1. */
function toRows(texts: readonly (readonly string[])[], vocabulary: ReadonlyMap<string, LatentWord>): Rows {
  const starts = new Uint32Array(texts.length + 1);
  const columns: number[] = [];
  const values: number[] = [];
  for (const [text, words] of texts.entries()) {
    const weights: (readonly [column: number, weight: number])[] = [];
    for (const [word, count] of countsOf(words)) {
      const known = vocabulary.get(word);
      if (known) weights.push([known.column, (1 + Math.log(count)) * known.idf]);
    }
    const length = Math.sqrt(weights.reduce((sum, [, weight]) => sum + weight * weight, 0)) || 1;
    for (const [column, weight] of weights) {
      columns.push(column);
      values.push(weight / length);
    }
    starts[text + 1] = columns.length;
  }
  return { starts, columns: Uint32Array.from(columns), values: Float64Array.from(values), columnCount: vocabulary.size };
}

/**
 * An orthonormal basis, one row a word, of the directions of word space along which the texts differ most. Which basis of that space it is
 * does not matter: cosines are the same in all of them, so the singular vectors themselves are never needed.
 */
function principalAxes(rows: Rows, rowCount: number, rank: number): Float64Array {
  let axes = noise(rows.columnCount * rank);
  for (let round = 0; round < ITERATIONS; round++) {
    const sample = orthonormal(timesRows(rows, rowCount, axes, rank), rank);
    axes = timesColumns(rows, rowCount, sample, rank);
  }
  return orthonormal(axes, rank);
}

function timesRows(rows: Rows, rowCount: number, dense: Float64Array, width: number): Float64Array {
  const out = new Float64Array(rowCount * width);
  for (let row = 0; row < rowCount; row++) {
    for (let at = rows.starts[row] as number; at < (rows.starts[row + 1] as number); at++) {
      const value = rows.values[at] as number;
      const from = (rows.columns[at] as number) * width;
      for (let j = 0; j < width; j++) out[row * width + j] = (out[row * width + j] as number) + value * (dense[from + j] as number);
    }
  }
  return out;
}

function timesColumns(rows: Rows, rowCount: number, dense: Float64Array, width: number): Float64Array {
  const out = new Float64Array(rows.columnCount * width);
  for (let row = 0; row < rowCount; row++) {
    for (let at = rows.starts[row] as number; at < (rows.starts[row + 1] as number); at++) {
      const value = rows.values[at] as number;
      const to = (rows.columns[at] as number) * width;
      for (let j = 0; j < width; j++) out[to + j] = (out[to + j] as number) + value * (dense[row * width + j] as number);
    }
  }
  return out;
}

/**
 * Makes columns orthonormal in place, spanning the same space, by the Cholesky factor of their inner products: rows stay in the order they lie in
 * memory, where Gram-Schmidt would walk over all of them for every pair of columns. Columns without a rest become zero. Rounding leaves at most
 * about 1e-6, since a column whose rest is smaller than SMALLEST_REST has none.
 * Source: Y. Yamamoto and others, "Roundoff error analysis of the CholeskyQR2 algorithm", ETNA 44 (2015).
 */
function orthonormal(dense: Float64Array, width: number): Float64Array {
  divideByFactor(dense, choleskyOf(innerProducts(dense, width), width), width);
  return dense;
}

/** Share of a column's squared length. */
const SMALLEST_REST = 1e-10;

/** Inner products of all pairs of columns; only the lower triangle is filled. */
function innerProducts(dense: Float64Array, width: number): Float64Array {
  const products = new Float64Array(width * width);
  for (let row = 0; row < dense.length; row += width) {
    for (let a = 0; a < width; a++) {
      const value = dense[row + a] as number;
      if (value === 0) continue;
      const to = a * width;
      for (let b = 0; b <= a; b++) products[to + b] = (products[to + b] as number) + value * (dense[row + b] as number);
    }
  }
  return products;
}

/** Lower factor, row by row, in place. A column that the ones before it span already gets a diagonal of 0. */
function choleskyOf(products: Float64Array, width: number): Float64Array {
  for (let a = 0; a < width; a++) {
    const before = products[a * width + a] as number;
    for (let b = 0; b <= a; b++) {
      let rest = products[a * width + b] as number;
      for (let k = 0; k < b; k++) rest -= (products[a * width + k] as number) * (products[b * width + k] as number);
      const diagonal = products[b * width + b] as number;
      if (b < a) products[a * width + b] = diagonal === 0 ? 0 : rest / diagonal;
      else products[a * width + b] = rest > SMALLEST_REST * before ? Math.sqrt(rest) : 0;
    }
  }
  return products;
}

/** Makes each row x of `dense` the solution y of y * transposed(factor) = x. */
function divideByFactor(dense: Float64Array, factor: Float64Array, width: number): void {
  for (let row = 0; row < dense.length; row += width) {
    for (let a = 0; a < width; a++) {
      const from = a * width;
      const diagonal = factor[from + a] as number;
      let rest = dense[row + a] as number;
      for (let b = 0; b < a; b++) rest -= (factor[from + b] as number) * (dense[row + b] as number);
      dense[row + a] = diagonal === 0 ? 0 : rest / diagonal;
    }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Standard normal numbers from a fixed seed: the same corpus gives the same space. */
function noise(count: number): Float64Array {
  let state = 0x9e3779b9;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  return Float64Array.from({ length: count }, () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()));
}

function unit(vector: Float64Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector));
  return Float32Array.from(vector, (value) => (length > 0 ? value / length : 0));
}
