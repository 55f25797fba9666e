import { createHash } from 'node:crypto';
import { type CallContext, Tier0Error } from '@tier0/core';
import { createHttpClient, type HttpClientOptions, type HttpRequest } from '@tier0/core/http';
import { z } from 'zod';
import { checkVector, type VectorIndex, type VectorQuery, type VectorRecord } from './vector-index.ts';

/** A collection of a Qdrant server. */
export interface QdrantVectorsOptions {
  /** Address of the server, e.g. `http://127.0.0.1:6333`. */
  readonly url: string;
  readonly apiKey?: string | undefined;
  /** Made where it is missing. */
  readonly collection: string;
  readonly dimensions: number;
  readonly http?: Partial<Pick<HttpClientOptions, 'transport' | 'timeoutMs' | 'retry'>> | undefined;
}

const CollectionSchema = z.object({
  result: z.object({ config: z.object({ params: z.object({ vectors: z.object({ size: z.number(), distance: z.string() }) }) }) }),
});
const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const PointsSchema = z.object({
  result: z.object({
    points: z.array(
      z.object({ score: z.number(), payload: z.object({ id: z.string(), metadata: z.record(z.string(), Scalar).optional() }) }),
    ),
  }),
});
const CountSchema = z.object({ result: z.object({ count: z.number() }) });

/** Points that go in one request. */
const BATCH = 500;

/** Vectors in a Qdrant server, for several processes and machines. Spoken to over its REST API; needs no package. */
export function createQdrantVectors(options: QdrantVectorsOptions): VectorIndex {
  const { collection, dimensions } = options;
  if (!/^[\w.-]{1,255}$/.test(collection)) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `"${collection}" is no name of a collection.`,
      hint: 'Use letters, digits, dots, dashes and underscores.',
    });
  }
  const client = createHttpClient({
    name: 'Qdrant',
    baseUrl: options.url,
    ...(options.apiKey === undefined ? {} : { headers: { 'api-key': options.apiKey } }),
    ...options.http,
  });
  const root = `/collections/${collection}`;
  const ask = async <T>({ schema, ...request }: Asked<T>, context: CallContext): Promise<T> => {
    // Every request says the same when it is sent twice: points are named by us.
    const answer = await client.send({ ...request, repeatable: true }, context);
    return schema.parse(answer.json());
  };
  let ready: Promise<void> | undefined;
  const prepare = (context: CallContext) => {
    ready ??= ensureCollection(context).catch((error) => {
      ready = undefined;
      throw error;
    });
    return ready;
  };
  const ensureCollection = async (context: CallContext) => {
    const found = await ask({ method: 'GET', path: root, schema: CollectionSchema }, context).catch((error: Tier0Error) => {
      if (error.code === 'NOT_FOUND') return undefined;
      throw error;
    });
    if (!found) {
      await ask({ method: 'PUT', path: root, json: { vectors: { size: dimensions, distance: 'Cosine' } }, schema: z.unknown() }, context);
      return;
    }
    const { size, distance } = found.result.config.params.vectors;
    if (size !== dimensions || distance !== 'Cosine') throw otherCollection(collection, { size, distance, dimensions });
  };
  return {
    name: 'qdrant',
    dimensions,
    async upsert(records, context) {
      for (const { id, vector } of records) checkVector(vector, dimensions, `The vector of "${id}"`);
      await prepare(context);
      for (let from = 0; from < records.length; from += BATCH) {
        const points = records.slice(from, from + BATCH).map(toPoint);
        await ask({ method: 'PUT', path: `${root}/points`, query: { wait: 'true' }, json: { points }, schema: z.unknown() }, context);
      }
    },
    async remove(ids, context) {
      await prepare(context);
      await ask(
        {
          method: 'POST',
          path: `${root}/points/delete`,
          query: { wait: 'true' },
          json: { points: ids.map(pointIdOf) },
          schema: z.unknown(),
        },
        context,
      );
    },
    async search(query, context) {
      checkVector(query.vector, dimensions, 'The query');
      await prepare(context);
      const { result } = await ask({ method: 'POST', path: `${root}/points/query`, json: toQuery(query), schema: PointsSchema }, context);
      return result.points.map(({ score, payload }) => ({ id: payload.id, score, metadata: payload.metadata ?? {} }));
    },
    async count(context) {
      await prepare(context);
      return (await ask({ method: 'POST', path: `${root}/points/count`, json: { exact: true }, schema: CountSchema }, context)).result
        .count;
    },
  };
}

interface Asked<T> extends HttpRequest {
  readonly schema: z.ZodType<T>;
}

function toPoint({ id, vector, metadata = {} }: VectorRecord): object {
  return { id: pointIdOf(id), vector: [...vector], payload: { id, metadata } };
}

function toQuery({ vector, limit = 10, filter = {} }: VectorQuery): object {
  const must = Object.entries(filter).map(([field, value]) => ({ key: `metadata.${field}`, match: { value } }));
  return { query: [...vector], limit, with_payload: true, ...(must.length > 0 ? { filter: { must } } : {}) };
}

/** Qdrant takes whole numbers and UUIDs only: a UUID (RFC 9562, version 8) of the id's SHA-256. */
export function pointIdOf(id: string): string {
  const bytes = createHash('sha256').update(id).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function otherCollection(
  collection: string,
  { size, distance, dimensions }: { readonly size: number; readonly distance: string; readonly dimensions: number },
): Tier0Error {
  return new Tier0Error({
    code: 'CONFLICT',
    message: `The Qdrant collection "${collection}" holds vectors of ${size} dimensions compared by ${distance}, not ${dimensions} by Cosine. Nothing was changed.`,
    hint: 'Use the embedding model it was made with, or another collection.',
  });
}
