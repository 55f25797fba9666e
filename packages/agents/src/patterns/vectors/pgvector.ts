import { Tier0Error } from '@tier0/core';
import { checkVector, type VectorIndex } from './vector-index.ts';

/** A connection or pool of `pg`, or anything that asks PostgreSQL the same way. */
export interface PostgresClient {
  /** Runs one statement, its values apart from its text. */
  query(text: string, values?: readonly unknown[]): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
}

/** A table with vectors. */
export interface PgvectorVectorsOptions {
  readonly client: PostgresClient;
  /** Made where it is missing. */
  readonly table: string;
  readonly dimensions: number;
}

/** Records that go in one statement. */
const BATCH = 500;

/** Vectors in PostgreSQL with the extension `vector` (0.5 or newer), beside the rest of a team's data. An HNSW index is made with the table. */
export function createPgvectorVectors({ client, table, dimensions }: PgvectorVectorsOptions): VectorIndex {
  if (!/^[a-z_][a-z0-9_]{0,50}$/.test(table)) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `"${table}" is no name of a table.`,
      hint: 'Use lower-case letters, digits and underscores, at most 51.',
    });
  }
  let ready: Promise<void> | undefined;
  const prepare = () => {
    ready ??= makeTable().catch((error) => {
      ready = undefined;
      throw error;
    });
    return ready;
  };
  const makeTable = async () => {
    await client.query('CREATE EXTENSION IF NOT EXISTS vector').catch((cause) => {
      throw new Tier0Error({
        code: 'MISSING_DEPENDENCY',
        message: 'This PostgreSQL server has no extension "vector", or this account may not create it.',
        hint: 'Install pgvector on the server and let an administrator run CREATE EXTENSION vector.',
        cause,
      });
    });
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${table} (id text PRIMARY KEY, metadata jsonb NOT NULL, embedding vector(${dimensions}) NOT NULL)`,
    );
    await client.query(`CREATE INDEX IF NOT EXISTS ${table}_cosine ON ${table} USING hnsw (embedding vector_cosine_ops)`);
    const { rows } = await client.query(
      "SELECT atttypmod AS dimensions FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = 'embedding'",
      [table],
    );
    const stored = Number(rows[0]?.dimensions);
    if (stored !== dimensions) {
      throw new Tier0Error({
        code: 'CONFLICT',
        message: `The table "${table}" holds vectors of ${stored} dimensions, not ${dimensions}. Nothing was changed.`,
        hint: 'Use the embedding model it was made with, or another table.',
      });
    }
  };
  return {
    name: 'pgvector',
    dimensions,
    async upsert(records) {
      for (const { id, vector } of records) checkVector(vector, dimensions, `The vector of "${id}"`);
      await prepare();
      const newest = [...new Map(records.map((record) => [record.id, record])).values()];
      for (let from = 0; from < newest.length; from += BATCH) {
        const some = newest.slice(from, from + BATCH);
        const values = [
          some.map(({ id }) => id),
          some.map(({ metadata = {} }) => JSON.stringify(metadata)),
          some.map(({ vector }) => toText(vector)),
        ];
        await client.query(
          `INSERT INTO ${table} (id, metadata, embedding) SELECT * FROM unnest($1::text[], $2::jsonb[], $3::vector[])
           ON CONFLICT (id) DO UPDATE SET metadata = excluded.metadata, embedding = excluded.embedding`,
          values,
        );
      }
    },
    async remove(ids) {
      await prepare();
      await client.query(`DELETE FROM ${table} WHERE id = ANY($1::text[])`, [ids]);
    },
    async search({ vector, limit = 10, filter = {} }) {
      checkVector(vector, dimensions, 'The query');
      await prepare();
      // An HNSW index filters what it has found, and may be left with too little: with a filter every row is looked at.
      const exactly = Object.keys(filter).length > 0 ? ' + 0' : '';
      const { rows } = await client.query(
        `SELECT id, metadata, 1 - (embedding <=> $1::vector) AS score FROM ${table}
         WHERE metadata @> $2::jsonb ORDER BY (embedding <=> $1::vector)${exactly} LIMIT $3`,
        [toText(vector), JSON.stringify(filter), limit],
      );
      return rows.map(({ id, metadata, score }) => ({
        id: String(id),
        score: Number(score),
        metadata: metadata as Record<string, string>,
      }));
    },
    async count() {
      await prepare();
      const { rows } = await client.query(`SELECT count(*) AS count FROM ${table}`);
      return Number(rows[0]?.count);
    },
  };
}

function toText(vector: Float32Array): string {
  return `[${vector.join(',')}]`;
}
