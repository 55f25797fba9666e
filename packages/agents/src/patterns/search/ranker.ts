/** A section that an embedding model holds to be near to a question. */
export interface NearSection {
  /** Position among the sections of all texts, in their order. */
  readonly section: number;
  /** Cosine, -1 to 1. */
  readonly score: number;
}

/** What is searched for, in the form that rankers read. */
export interface RankerQuery {
  readonly words: readonly string[];
  /** What an index of embeddings found; absent where none is in use. */
  readonly near?: readonly NearSection[] | undefined;
}

/** Relevance of every text, 0 upwards, in the unit of the ranker. */
export interface Ranking {
  readonly texts: Float64Array;
  /** The same for every section, where the ranker looks at sections. */
  readonly sections?: Float64Array | undefined;
}

/** One way to judge relevance. */
export interface Ranker {
  readonly name: string;
  rank(query: RankerQuery): Ranking;
}

/** Each text counts as much as its best section. `owners` names the text of each section. */
export function bestOfSections(sections: Float64Array, owners: Uint32Array, textCount: number): Float64Array {
  const texts = new Float64Array(textCount);
  for (let section = 0; section < sections.length; section++) {
    const owner = owners[section] as number;
    if ((sections[section] as number) > (texts[owner] as number)) texts[owner] = sections[section] as number;
  }
  return texts;
}

/** Divides by the greatest, so that rankers with different units can be added; what is below 0 is not relevant at all. */
export function normalized(scores: Float64Array): Float64Array {
  const shares = new Float64Array(scores.length);
  addNormalized(shares, scores, 1);
  return shares;
}

/** Adds `weight` times the normalized scores to a total. */
export function addNormalized(total: Float64Array, scores: Float64Array, weight: number): void {
  let greatest = 0;
  for (let at = 0; at < scores.length; at++) if ((scores[at] as number) > greatest) greatest = scores[at] as number;
  if (greatest === 0) return;
  const scale = weight / greatest;
  for (let at = 0; at < scores.length; at++) {
    const score = scores[at] as number;
    if (score > 0) total[at] = (total[at] as number) + scale * score;
  }
}
