import type { Lease, LeaseStore } from '@tier0/core';
import type { PostgresDatabase } from '../postgres-database.ts';

interface Row {
  readonly token: string;
}

/** Leases in PostgreSQL. Time is the server's, so that a replica whose clock jumps or stands still neither keeps nor takes what is not its own. */
export function createPostgresLeases(database: PostgresDatabase): LeaseStore {
  const { schema } = database;
  const seconds = (ttlMs: number) => ttlMs / 1000;
  return {
    name: 'postgres',
    async acquire({ name, holder, ttlMs }, { signal }) {
      const rows = await database.query<Row>(
        `INSERT INTO ${schema}.leases AS held VALUES ($1, $2, 1, clock_timestamp() + make_interval(secs => $3))
         ON CONFLICT (name) DO UPDATE SET
           holder = excluded.holder,
           ends_at = excluded.ends_at,
           token = held.token + CASE WHEN held.holder = excluded.holder AND held.ends_at > clock_timestamp() THEN 0 ELSE 1 END
         WHERE held.ends_at <= clock_timestamp() OR held.holder = excluded.holder
         RETURNING token`,
        [name, holder, seconds(ttlMs)],
        signal,
      );
      const [row] = rows;
      return row && { name, holder, token: Number(row.token) };
    },
    async renew({ name, token }, ttlMs, { signal }) {
      const rows = await database.query<Row>(
        `UPDATE ${schema}.leases SET ends_at = clock_timestamp() + make_interval(secs => $3)
         WHERE name = $1 AND token = $2 AND ends_at > clock_timestamp() RETURNING token`,
        [name, token, seconds(ttlMs)],
        signal,
      );
      return rows.length > 0;
    },
    async release({ name, token }, { signal }) {
      await database.query(`UPDATE ${schema}.leases SET ends_at = '-infinity' WHERE name = $1 AND token = $2`, [name, token], signal);
    },
  };
}

/** SQL that is true while a lease is held, and keeps it from being taken over until the statement's transaction ends. `$name` and `$token` are its places. */
export function isHeld(schema: string, { name, token }: { readonly name: string; readonly token: string }): string {
  return `EXISTS (SELECT 1 FROM ${schema}.leases WHERE name = ${name} AND token = ${token} AND ends_at > clock_timestamp() FOR SHARE)`;
}

/** What is said when something was to be written under a lease that is lost. */
export function describeLost({ name }: Lease): { readonly code: 'CONFLICT'; readonly message: string; readonly hint: string } {
  return {
    code: 'CONFLICT',
    message: `${name} is held by another replica by now: nothing is written any more under the old lease.`,
    hint: 'Nothing is to be done: the other one goes on where the record ends.',
  };
}
