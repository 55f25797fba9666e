import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { redact, Tier0Error } from '@tier0/core';
import type { Embedder } from '../knowledge/knowledge-base.ts';
import { type FlatVectors, openFlatVectors } from '../vectors/flat.ts';
import { toUnit } from '../vectors/vector-index.ts';

/** How a model is asked sparingly. */
export interface CachedEmbedderOptions {
  readonly embedder: Embedder;
  /** Folder for vectors that were paid for; one below it for each model. */
  readonly folder: string;
  /** Texts in one request. Default 64. */
  readonly batch?: number | undefined;
}

/**
 * Asks a model in batches and keeps what it answered by the hash of the text, so that no text is embedded twice. Secrets are removed before a text
 * is sent. Throws MALFORMED_RESPONSE when the service answers too few vectors, or CONFLICT when it changes their dimensions: what is kept stays.
 */
export function createCachedEmbedder({ embedder, folder, batch = 64 }: CachedEmbedderOptions): Embedder {
  const place = join(folder, embedder.name.replace(/[^\w.-]+/g, '_'));
  const memory = new Map<string, Float32Array>();
  let store: Promise<FlatVectors> | undefined;
  let dimensions: number | undefined;

  const opened = async (size: number) => {
    store ??= openFlatVectors({ folder: place, dimensions: size });
    const index = await store.catch((cause) => {
      store = undefined;
      throw dimensionsChanged(embedder.name, size, cause);
    });
    if (memory.size === 0) for (const { id, vector } of await index.records()) memory.set(id, vector.slice());
    return index;
  };
  return {
    name: embedder.name,
    async embed(texts, context) {
      const clean = texts.map(redact);
      const keys = clean.map((text) => createHash('sha256').update(text).digest('hex'));
      // The first answer tells the dimensions; only then can what was kept be compared with it.
      if (dimensions === undefined && keys.length > 0) await fill([0]);
      await fill(keys.keys());
      return keys.map((key) => memory.get(key) as Float32Array);

      async function fill(positions: Iterable<number>): Promise<void> {
        const missing = [...new Map([...positions].filter((at) => !memory.has(keys[at] as string)).map((at) => [keys[at], at])).values()];
        for (let from = 0; from < missing.length; from += batch) {
          context.signal.throwIfAborted();
          const some = missing.slice(from, from + batch);
          const vectors = await embedder.embed(
            some.map((at) => clean[at] as string),
            context,
          );
          const size = checkAnswer(vectors, { count: some.length, dimensions, name: embedder.name });
          const index = await opened(size);
          dimensions = size;
          const records = some.map((at, i) => ({ id: keys[at] as string, vector: toUnit(vectors[i] as Float32Array) }));
          await index.upsert(records, context);
          for (const { id, vector } of records) memory.set(id, vector);
        }
      }
    },
  };
}

function checkAnswer(
  vectors: readonly Float32Array[],
  { count, dimensions, name }: { readonly count: number; readonly dimensions: number | undefined; readonly name: string },
): number {
  const size = vectors[0]?.length ?? 0;
  if (vectors.length !== count || size === 0) {
    throw new Tier0Error({
      code: 'MALFORMED_RESPONSE',
      message: `The model ${name} answered ${vectors.length} vectors to ${count} texts.`,
      hint: 'Nothing was kept of this answer. Try again, with smaller batches if the service bounds them.',
    });
  }
  const other = vectors.find((vector) => vector.length !== (dimensions ?? size));
  if (other) throw dimensionsChanged(name, other.length, undefined);
  return size;
}

function dimensionsChanged(name: string, size: number, cause: unknown): Tier0Error {
  return new Tier0Error({
    code: 'CONFLICT',
    message: `The model ${name} answers vectors of ${size} dimensions, and answered others before. Nothing was changed.`,
    hint: 'The service has another model under the same name now: give it its own name, or remove the cached vectors and ingest again.',
    cause,
  });
}
