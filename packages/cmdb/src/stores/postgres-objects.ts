import { type ObjectStore, sha256 } from '@tier0/core';
import { createPostgresDatabase, type PostgresOptions } from './postgres-database.ts';

/** Objects read at a time; raw Kubernetes objects are about 7 kB. */
const PAGE = 128;

/** Raw objects in PostgreSQL; may share its schema with the CMDB store. Needs the package `pg`. */
export function createPostgresObjectStore(options: PostgresOptions): ObjectStore {
  const database = createPostgresDatabase(options);
  const table = `${database.schema}.objects`;
  // Found by digest: an id may be longer than an index entry. Ids are written as JSON: UTF-8 has no room for unpaired surrogates.
  const keyOf = (item: string) => sha256(JSON.stringify(item));
  return {
    name: 'postgres',
    async put(objects, { signal }) {
      for (const page of pagesOf([...objects], PAGE)) {
        const columns = [
          page.map(([item]) => keyOf(item)),
          page.map(([item]) => JSON.stringify(item)),
          page.map(([, object]) => JSON.stringify(object)),
        ];
        await database.query(
          `INSERT INTO ${table} SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
           ON CONFLICT (key) DO UPDATE SET object = excluded.object`,
          columns,
          signal,
        );
      }
    },
    async get(item, { signal }) {
      const [row] = await database.query<{ object: string }>(`SELECT object FROM ${table} WHERE key = $1`, [keyOf(item)], signal);
      return row && JSON.parse(row.object);
    },
    async remove(items, { signal }) {
      await database.query(`DELETE FROM ${table} WHERE key = ANY($1::text[])`, [items.map(keyOf)], signal);
    },
    async *entries({ signal }) {
      const sql = `SELECT key, item, object FROM ${table} WHERE key > $1 ORDER BY key LIMIT ${PAGE}`;
      for (let after = ''; ; ) {
        const page = await database.query<{ key: string; item: string; object: string }>(sql, [after], signal);
        if (page.length === 0) return;
        for (const row of page) {
          yield [JSON.parse(row.item) as string, JSON.parse(row.object)] as const;
          after = row.key;
        }
      }
    },
    close: () => database.close(),
  };
}

function pagesOf<T>(list: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, page) => list.slice(page * size, (page + 1) * size));
}
