import { calibrate, type RankerWeight, type SelfQuery } from './calibrate.ts';
import {
  type CorpusModel,
  type CorpusPart,
  fitCorpusModel,
  isSampled,
  layOut,
  type RankedText,
  toCorpusPart,
  toRankers,
} from './corpus-model.ts';
import type { LatentSpace } from './latent.ts';
import { addNormalized, type NearSection, type RankerQuery } from './ranker.ts';
import { takePassagesOut } from './self-retrieval.ts';
import { tokenize } from './tokenizer.ts';

/** A part of a text, and the headings it stands under, outermost first. */
export interface SearchableSection {
  readonly headings: readonly string[];
  readonly text: string;
}

/** A text to be searched: a title and the sections it is made of. */
export interface SearchableText {
  readonly title: string;
  readonly sections: readonly SearchableSection[];
}

/** An index that holds the sections as an embedding model sees them. */
export interface EmbeddedSections {
  /** Name of the model. */
  readonly name: string;
  /** For each text the sections nearest to it, by their position among the sections of all texts. */
  nearest(texts: readonly string[]): Promise<readonly (readonly NearSection[])[]>;
}

/** All that ranking needs, as plain data: it can be written down and read back. */
export interface HybridState {
  readonly model: CorpusModel;
  readonly weights: readonly RankerWeight[];
  /** Name of the embedding model, where one is in use. */
  readonly embedding?: string | undefined;
  /** The texts of the fit first, then those that came later. */
  readonly parts: readonly CorpusPart[];
}

/** A text that was found. */
export interface HybridHit {
  /** Position of the text. */
  readonly text: number;
  /** Position, within the text, of the section that fits best. */
  readonly section: number;
  /** 0 to 1; 1 would be the first choice of every ranker. */
  readonly score: number;
}

/** What may be found, and how much of it. */
export interface HybridQuery {
  /** Most hits wanted. Default 10. */
  readonly limit?: number | undefined;
  /** Texts that may be found. Default: all. */
  readonly accepts?: ((text: number) => boolean) | undefined;
  /** What the index of embeddings found for the query, where the state was fitted with one. */
  readonly near?: readonly NearSection[] | undefined;
}

/** Texts ranked by several rankers at once. */
export interface HybridIndex {
  /** Number of texts. */
  readonly size: number;
  readonly state: HybridState;
  /** Best first. */
  search(query: string, options?: HybridQuery): readonly HybridHit[];
}

/** Fits all rankers on the texts and weighs them by self-retrieval: passages taken out of the texts must lead back to where they stood. */
export async function fitHybrid(texts: readonly SearchableText[], embedded?: EmbeddedSections): Promise<HybridState> {
  const ranked = texts.map(toRanked);
  const { weights, space } = await measureWeights(texts, ranked, embedded);
  const model = fitCorpusModel(ranked, isSampled(ranked) ? space : undefined);
  return { model, weights, embedding: embedded?.name, parts: [toCorpusPart(model, ranked)] };
}

/** Adds texts that came after the fit: they are ranked by what the corpus taught before. */
export function extendHybrid(state: HybridState, texts: readonly SearchableText[]): HybridState {
  return { ...state, parts: [...state.parts, toCorpusPart(state.model, texts.map(toRanked))] };
}

/** Makes a state ready to be asked. */
export function openHybrid(state: HybridState): HybridIndex {
  const weightOf = new Map(state.weights.map(({ name, weight }) => [name, weight]));
  const rankers = toRankers(state.model, state.parts, state.embedding)
    .map((ranker) => ({ ranker, weight: weightOf.get(ranker.name) ?? 0 }))
    .filter(({ weight }) => weight > 0);
  const most = rankers.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const { textCount, owners } = layOut(state.parts);
  const score = (query: RankerQuery, accepts: HybridQuery['accepts']) => {
    const texts = new Float64Array(textCount);
    const sections = new Float64Array(owners.length);
    const refused = accepts && positionsOf(textCount, (text) => !accepts(text));
    for (const { ranker, weight } of rankers) {
      const ranking = ranker.rank(query);
      for (const text of refused ?? []) ranking.texts[text] = 0;
      addNormalized(texts, ranking.texts, weight);
      if (ranking.sections) addNormalized(sections, ranking.sections, weight);
    }
    return { texts, sections };
  };
  return {
    size: textCount,
    state,
    search(query, { limit = 10, accepts, near } = {}) {
      const { texts, sections } = score({ words: tokenize(query), near }, accepts);
      const best = bestSections(sections, owners, textCount);
      return greatest(texts, limit).map((text) => ({ text, section: best[text] as number, score: (texts[text] as number) / most }));
    },
  };
}

/** The title and the headings above it belong to every section: whoever reads one knows what it is about. */
function toRanked({ title, sections }: SearchableText): RankedText {
  const head = tokenize(title);
  const words = ({ headings, text }: SearchableSection) => {
    const above = headings.filter((heading) => heading !== title && !text.includes(heading));
    return [...head, ...tokenize(above.join('\n')), ...tokenize(text)];
  };
  return { sections: sections.map(words) };
}

function positionsOf(count: number, isMeant: (at: number) => boolean): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at < count; at++) if (isMeant(at)) found.push(at);
  return found;
}

function bestSections(scores: Float64Array, owners: Uint32Array, textCount: number): Uint32Array {
  const best = new Uint32Array(textCount);
  const reached = new Float64Array(textCount);
  let within = 0;
  for (let section = 0; section < owners.length; section++) {
    const text = owners[section] as number;
    within = section > 0 && owners[section - 1] === text ? within + 1 : 0;
    if ((scores[section] as number) <= (reached[text] as number)) continue;
    reached[text] = scores[section] as number;
    best[text] = within;
  }
  return best;
}

/** Positions of the greatest numbers above 0, greatest first; the earlier position wins a tie. */
function greatest(scores: Float64Array, limit: number): readonly number[] {
  const found: number[] = [];
  for (let at = 0; at < scores.length; at++) {
    const score = scores[at] as number;
    if (score <= 0 || (found.length === limit && score <= (scores[found[limit - 1] as number] as number))) continue;
    const before = found.findIndex((other) => score > (scores[other] as number));
    found.splice(before === -1 ? found.length : before, 0, at);
    if (found.length > limit) found.pop();
  }
  return found;
}

async function measureWeights(
  texts: readonly SearchableText[],
  whole: readonly RankedText[],
  embedded: EmbeddedSections | undefined,
): Promise<{ readonly weights: readonly RankerWeight[]; readonly space: LatentSpace }> {
  const { held, passages } = takePassagesOut(texts);
  const ranked = held.map((text, at) => (text === texts[at] ? (whole[at] as RankedText) : toRanked(text)));
  const model = fitCorpusModel(ranked);
  const starts = sectionStarts(texts);
  const found = await embedded?.nearest(passages.map(({ passage }) => passage));
  const queries = passages.map(({ text, section, passage }, at): SelfQuery => {
    // A vector cannot be cut: the section that held the passage is passed over as a whole.
    const own = (starts[text] as number) + section;
    return { text, words: tokenize(passage), near: found?.[at]?.filter((one) => one.section !== own) };
  });
  return { weights: calibrate(toRankers(model, [toCorpusPart(model, ranked)], embedded?.name), queries), space: model.space };
}

function sectionStarts(texts: readonly SearchableText[]): readonly number[] {
  const starts: number[] = [];
  let start = 0;
  for (const { sections } of texts) {
    starts.push(start);
    start += sections.length;
  }
  return starts;
}
