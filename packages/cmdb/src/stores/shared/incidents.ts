import { type CallContext, type IncidentEntry, type IncidentRecord, type Lease, Tier0Error } from '@tier0/core';
import type { PostgresDatabase } from '../postgres-database.ts';
import { describeLost, isHeld } from './leases.ts';

/** How far each incident has come, for replicas that want to know what the others did. */
export type IncidentHeads = ReadonlyMap<string, number>;

/** Incidents in PostgreSQL. */
export interface PostgresIncidentRecord extends IncidentRecord {
  /** Newest sequence of each incident. */
  heads(context: CallContext): Promise<IncidentHeads>;
}

/**
 * An incident record in PostgreSQL. With a lease, an entry is written only while the lease is held, checked in the same statement: a replica
 * that was frozen and comes back late writes nothing. Throws CONFLICT then, and for an entry that is not the next one.
 */
export function createPostgresIncidentRecord(database: PostgresDatabase, lease?: Lease): PostgresIncidentRecord {
  const { schema } = database;
  const heads = async ({ signal }: CallContext) => {
    const rows = await database.query<{ incident: string; sequence: number }>(
      `SELECT incident, max(sequence) AS sequence FROM ${schema}.incident_entries GROUP BY incident`,
      [],
      signal,
    );
    return new Map(rows.map(({ incident, sequence }) => [incident, sequence]));
  };
  return {
    name: 'postgres',
    heads,
    async append(entry, { signal }) {
      const held = lease === undefined ? 'true' : isHeld(schema, { name: '$4', token: '$5' });
      const rows = await database.query(
        `INSERT INTO ${schema}.incident_entries (incident, sequence, entry, token)
         SELECT $1, $2, $3, ${lease === undefined ? 'NULL' : '$5::bigint'} WHERE ${held}
           AND $2 = 1 + coalesce((SELECT max(sequence) FROM ${schema}.incident_entries WHERE incident = $1), 0)
         ON CONFLICT DO NOTHING RETURNING sequence`,
        [entry.incident, entry.sequence, JSON.stringify(entry), ...(lease === undefined ? [] : [lease.name, lease.token])],
        signal,
      );
      if (rows.length > 0) return;
      await explain(database, entry, lease, signal);
    },
    async read(incident, { signal }) {
      const rows = await database.query<{ entry: IncidentEntry }>(
        `SELECT entry FROM ${schema}.incident_entries WHERE incident = $1 ORDER BY sequence`,
        [incident],
        signal,
      );
      return rows.map(({ entry }) => entry);
    },
    async list({ signal }) {
      const rows = await database.query<{ incident: string }>(
        `SELECT incident FROM ${schema}.incident_entries WHERE sequence = 1 ORDER BY recorded_at, incident`,
        [],
        signal,
      );
      return rows.map(({ incident }) => incident);
    },
    close: () => database.close(),
  };
}

/** Throws why an entry was not written. An answer that was lost on the way may have been a yes: then the entry is there, and that is well. */
async function explain(database: PostgresDatabase, entry: IncidentEntry, lease: Lease | undefined, signal: AbortSignal): Promise<void> {
  const { schema } = database;
  const [row] = await database.query<{ last: number; same: boolean; held: boolean }>(
    `SELECT coalesce(max(sequence), 0) AS last,
       coalesce(bool_or(sequence = $2 AND entry = $3::jsonb), false) AS same,
       ${lease === undefined ? 'true' : `EXISTS (SELECT 1 FROM ${schema}.leases WHERE name = $4 AND token = $5 AND ends_at > clock_timestamp())`} AS held
     FROM ${schema}.incident_entries WHERE incident = $1`,
    [entry.incident, entry.sequence, JSON.stringify(entry), ...(lease === undefined ? [] : [lease.name, lease.token])],
    signal,
  );
  if (lease !== undefined && row?.held === false) throw new Tier0Error(describeLost(lease));
  throw new Tier0Error({
    code: 'CONFLICT',
    message: `Entry ${entry.sequence} of ${entry.incident} cannot be appended: the next one is ${(row?.last ?? 0) + 1}.`,
    hint: 'Another process is working on this incident. Stop it, then resume.',
  });
}
