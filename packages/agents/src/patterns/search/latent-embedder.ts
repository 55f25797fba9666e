import type { HybridState } from './hybrid.ts';
import { placeWords } from './latent.ts';
import { tokenize } from './tokenizer.ts';

/** The space that was fitted on a corpus, in the form of an embedding model: nothing is downloaded and nobody is asked. */
export interface LatentEmbedder {
  readonly dimensions: number;
  /** Vectors of length 1; all zero where the corpus taught nothing about a text. */
  embed(texts: readonly string[]): readonly Float32Array[];
}

/** Makes vectors of texts by what a corpus taught. Vectors of two fits are not comparable. */
export function createLatentEmbedder({ model }: HybridState): LatentEmbedder {
  return { dimensions: model.space.rank, embed: (texts) => texts.map((text) => placeWords(model.space, tokenize(text))) };
}
