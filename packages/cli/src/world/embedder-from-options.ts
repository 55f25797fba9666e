import { join } from 'node:path';
import {
  createCachedEmbedder,
  createGoogleEmbedder,
  createLocalEmbedder,
  createOllamaEmbedder,
  createOpenAiEmbedder,
  createPgvectorVectors,
  createQdrantVectors,
  type Embedder,
  type OpenVectorIndex,
  openFlatVectors,
  openUsearchVectors,
  openVectraVectors,
  type PostgresClient,
  withGraph,
} from '@tier0/agents/patterns';
import { Tier0Error } from '@tier0/core';
import { didYouMean } from '../commands/did-you-mean.ts';

/** Options of commands that search by meaning. */
export const EMBEDDING_OPTIONS = {
  embedder: { type: 'string' },
  'embedder-url': { type: 'string' },
  vectors: { type: 'string' },
  'vectors-url': { type: 'string' },
  'vectors-name': { type: 'string', default: 'tier0_knowledge' },
} as const;

/** The same, as they were given. */
export interface EmbeddingValues {
  readonly embedder?: string | undefined;
  readonly 'embedder-url'?: string | undefined;
  readonly vectors?: string | undefined;
  readonly 'vectors-url'?: string | undefined;
  readonly 'vectors-name': string;
}

type Variables = Readonly<Record<string, string | undefined>>;

const EMBEDDERS = ['openai', 'ollama', 'google', 'local'] as const;
const INDEXES = ['flat', 'usearch', 'vectra', 'qdrant', 'pgvector'] as const;

/** The embedding model and index that the options name; undefined when none was asked for. Throws INVALID_INPUT. */
export function embeddingFromOptions(
  values: EmbeddingValues,
  { folder, variables }: { readonly folder: string; readonly variables: Variables },
): { readonly embedder: Embedder; readonly vectors: OpenVectorIndex | undefined } | undefined {
  if (values.embedder === undefined) {
    if (values.vectors !== undefined)
      throw invalid('--vectors needs --embedder: vectors are made by a model.', 'Add --embedder, e.g. ollama:MODEL.');
    return undefined;
  }
  const embedder = createCachedEmbedder({ embedder: embedderOf(values.embedder, values, variables), folder: join(folder, 'embeddings') });
  return { embedder, vectors: indexOf(values, { folder, variables, model: embedder.name }) };
}

function embedderOf(named: string, values: EmbeddingValues, variables: Variables): Embedder {
  const [kind = '', ...rest] = named.split(':');
  const model = rest.join(':');
  const known = EMBEDDERS.find((one) => one === kind);
  if (!known)
    throw invalid(
      `There is no embedder "${kind}".`,
      `${didYouMean(kind, EMBEDDERS)}Choose openai:MODEL, ollama:MODEL, google:MODEL or local.`,
    );
  if (known === 'local') return createLocalEmbedder();
  if (model === '') throw invalid(`--embedder ${kind} names no model.`, `Write it like ${kind}:MODEL.`);
  const options = { model, url: values['embedder-url'], apiKey: variables.TIER0_EMBEDDER_API_KEY };
  if (known === 'openai') return createOpenAiEmbedder(options);
  return known === 'ollama' ? createOllamaEmbedder(options) : createGoogleEmbedder(options);
}

function indexOf(
  values: EmbeddingValues,
  { folder, variables, model }: { readonly folder: string; readonly variables: Variables; readonly model: string },
): OpenVectorIndex | undefined {
  const { vectors: named = 'flat', 'vectors-url': url, 'vectors-name': name } = values;
  const kind = INDEXES.find((one) => one === named);
  if (!kind) throw invalid(`There is no vector index "${named}".`, `${didYouMean(named, INDEXES)}Choose one of: ${INDEXES.join(', ')}.`);
  if ((kind === 'qdrant' || kind === 'pgvector') && !url)
    throw invalid(`--vectors ${kind} needs --vectors-url.`, 'Name the address of the server.');
  const place = join(folder, `vectors-${kind}`, model.replace(/[^\w.-]+/g, '_'));
  switch (kind) {
    case 'flat':
      return (dimensions) => openFlatVectors({ folder: place, dimensions });
    case 'usearch':
      return async (dimensions) => withGraph(await openUsearchVectors({ folder: place, dimensions }));
    case 'vectra':
      return (dimensions) => openVectraVectors({ folder: place, dimensions });
    case 'qdrant':
      return async (dimensions) =>
        createQdrantVectors({ url: url as string, collection: name, dimensions, apiKey: variables.TIER0_VECTORS_API_KEY });
    case 'pgvector':
      return async (dimensions) => createPgvectorVectors({ client: await postgresClient(url as string), table: name, dimensions });
  }
}

/** `pg` is whatever is installed beside tier0. Its pool ends with the process: idle connections do not keep it alive. */
async function postgresClient(connectionString: string): Promise<PostgresClient> {
  try {
    const { default: pg } = (await import('pg' as string)) as {
      readonly default: { readonly Pool: new (options: object) => PostgresClient };
    };
    return new pg.Pool({ connectionString, allowExitOnIdle: true, max: 2 });
  } catch (cause) {
    throw new Tier0Error({
      code: 'MISSING_DEPENDENCY',
      message: 'The package "pg" is not installed.',
      hint: 'Run "npm install pg".',
      cause,
    });
  }
}

function invalid(message: string, hint: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint });
}
