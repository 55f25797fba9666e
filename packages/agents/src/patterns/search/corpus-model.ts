import { fitLatentSpace, type LatentSpace, placeTexts, placeWords, setCosines } from './latent.ts';
import { addLexicalScores, countWords, type LexicalStatistics, type Postings, pairsOf, toPostings } from './lexical.ts';
import { bestOfSections, type NearSection, type Ranker } from './ranker.ts';

/** A text as words of its sections. */
export interface RankedText {
  readonly sections: readonly (readonly string[])[];
}

/** What was learned from a corpus: word statistics and a space of topics. Plain data. */
export interface CorpusModel {
  readonly texts: LexicalStatistics;
  readonly pairs: LexicalStatistics<number>;
  readonly sections: LexicalStatistics;
  readonly space: LatentSpace;
}

/** Some texts, made ready to be ranked by a model. Plain data. */
export interface CorpusPart {
  readonly textCount: number;
  /** Text of each section, counted within this part. */
  readonly owners: Uint32Array;
  readonly textPostings: Postings;
  readonly pairPostings: Postings<number>;
  readonly sectionPostings: Postings;
  readonly textPlaces: Float32Array;
  readonly sectionPlaces: Float32Array;
}

/** Dimensions of the space that is fitted on the sections. */
const LATENT_RANK = 150;
/** Topics show in this many sections; of a larger corpus an even sample is taken, and all others are placed by it. */
const MOST_FITTED = 3000;

/** Whether a space is fitted on a sample of the corpus only: then a few passages more or less do not change it. */
export function isSampled(texts: readonly RankedText[]): boolean {
  return texts.reduce((sum, { sections }) => sum + sections.length, 0) > MOST_FITTED;
}

/** Learns from a corpus; a space that was fitted on it already need not be fitted again. */
export function fitCorpusModel(texts: readonly RankedText[], known?: LatentSpace): CorpusModel {
  const sections = texts.flatMap((text) => text.sections);
  const whole = texts.map((text) => text.sections.flat());
  return {
    texts: countWords(whole),
    pairs: countWords(whole.map(pairsOf)),
    sections: countWords(sections),
    space: known ?? fitLatentSpace(sampleOf(sections), { rank: LATENT_RANK }),
  };
}

function sampleOf<T>(sections: readonly T[]): readonly T[] {
  const step = Math.ceil(sections.length / MOST_FITTED);
  return step <= 1 ? sections : sections.filter((_, index) => index % step === 0);
}

/** Makes texts ready: those the model was fitted on, or some that came later. */
export function toCorpusPart(model: CorpusModel, texts: readonly RankedText[]): CorpusPart {
  const sections = texts.flatMap((text) => text.sections);
  const whole = texts.map((text) => text.sections.flat());
  return {
    textCount: texts.length,
    owners: Uint32Array.from(texts.flatMap((text, index) => text.sections.map(() => index))),
    textPostings: toPostings(whole, model.texts),
    pairPostings: toPostings(whole.map(pairsOf), model.pairs),
    sectionPostings: toPostings(sections, model.sections),
    textPlaces: placeTexts(model.space, whole),
    sectionPlaces: placeTexts(model.space, sections),
  };
}

/** Texts and sections of several parts in one row. */
export interface PartLayout {
  readonly textCount: number;
  readonly owners: Uint32Array;
  readonly textOffsets: readonly number[];
  readonly sectionOffsets: readonly number[];
}

export function layOut(parts: readonly CorpusPart[]): PartLayout {
  const textOffsets: number[] = [];
  const sectionOffsets: number[] = [];
  let textCount = 0;
  let sectionCount = 0;
  for (const part of parts) {
    textOffsets.push(textCount);
    sectionOffsets.push(sectionCount);
    textCount += part.textCount;
    sectionCount += part.owners.length;
  }
  const owners = new Uint32Array(sectionCount);
  for (const [index, part] of parts.entries()) {
    owners.set(
      part.owners.map((owner) => owner + (textOffsets[index] as number)),
      sectionOffsets[index],
    );
  }
  return { textCount, owners, textOffsets, sectionOffsets };
}

/**
 * BM25 over whole texts, over the pairs of words in them and over sections, and the latent space with whole texts and with sections. They fail
 * differently, which is what makes their sum better than each. A further one where an index of embeddings is asked as well.
 */
export function toRankers(model: CorpusModel, parts: readonly CorpusPart[], embedding?: string): readonly Ranker[] {
  const layout = layOut(parts);
  const { textCount, owners, textOffsets, sectionOffsets } = layout;
  type Fill = (part: CorpusPart, scores: Float64Array, offset: number) => void;
  const overTexts = (fill: Fill) => {
    const texts = new Float64Array(textCount);
    for (const [index, part] of parts.entries()) fill(part, texts, textOffsets[index] as number);
    return { texts };
  };
  const overSections = (fill: Fill) => {
    const sections = new Float64Array(owners.length);
    for (const [index, part] of parts.entries()) fill(part, sections, sectionOffsets[index] as number);
    return { texts: bestOfSections(sections, owners, textCount), sections };
  };
  const fitted: readonly Ranker[] = [
    {
      name: 'bm25-document',
      rank: ({ words }) => overTexts((part, scores, offset) => addLexicalScores(part.textPostings, words, scores, offset)),
    },
    {
      name: 'bm25-pairs',
      rank({ words }) {
        const pairs = pairsOf(words);
        return overTexts((part, scores, offset) => addLexicalScores(part.pairPostings, pairs, scores, offset));
      },
    },
    {
      name: 'bm25-section',
      rank: ({ words }) => overSections((part, scores, offset) => addLexicalScores(part.sectionPostings, words, scores, offset)),
    },
    {
      name: 'latent-document',
      rank({ words }) {
        const position = placeWords(model.space, words);
        return overTexts((part, scores, offset) => setCosines(part.textPlaces, position, scores, offset));
      },
    },
    {
      name: 'latent-section',
      rank({ words }) {
        const position = placeWords(model.space, words);
        return overSections((part, scores, offset) => setCosines(part.sectionPlaces, position, scores, offset));
      },
    },
  ];
  if (embedding === undefined) return fitted;
  const rank: Ranker['rank'] = ({ near = [] }) => {
    const sections = scoresOf(near, owners.length);
    return { texts: bestOfSections(sections, owners, textCount), sections };
  };
  return [...fitted, { name: embedding, rank }];
}

function scoresOf(near: readonly NearSection[], count: number): Float64Array {
  const scores = new Float64Array(count);
  for (const { section, score } of near) if (section < count) scores[section] = Math.max(0, score);
  return scores;
}
