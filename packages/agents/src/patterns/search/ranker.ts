/** What is searched for, in the form that rankers read. */
export interface RankerQuery {
  readonly words: readonly string[];
  /** Position in the space of an embedding model; absent where none is in use. */
  readonly vector?: Float32Array | undefined;
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
  let greatest = 0;
  for (const score of scores) if (score > greatest) greatest = score;
  return greatest === 0 ? new Float64Array(scores.length) : scores.map((score) => Math.max(0, score) / greatest);
}
