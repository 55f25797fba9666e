import { randomUUID } from 'node:crypto';
import { Tier0Error } from '@tier0/core';

/** Runs one statement on one connection. */
export type Query = <Row extends object = Record<string, unknown>>(sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

/** Versions of the schema: entry n leads from version n to n + 1. An entry that was released is never edited. */
function migrations(schema: string): readonly (readonly string[])[] {
  return [
    [
      `CREATE TABLE ${schema}.meta (key text PRIMARY KEY, value text NOT NULL)`,
      `INSERT INTO ${schema}.meta VALUES ('id', '${randomUUID()}')`,
      // One row: whoever appends locks it, so sequences have no gaps and recorded time never goes back, in any number of processes.
      `CREATE TABLE ${schema}.head (one boolean PRIMARY KEY DEFAULT true CHECK (one), sequence bigint NOT NULL, recorded_ms bigint NOT NULL)`,
      `INSERT INTO ${schema}.head VALUES (true, 0, 0)`,
      `CREATE TABLE ${schema}.commits (sequence bigint PRIMARY KEY, recorded_ms bigint NOT NULL, token uuid NOT NULL,
        facts text, packed bytea, CHECK (num_nonnulls(facts, packed) = 1))`,
      `ALTER TABLE ${schema}.commits ALTER COLUMN packed SET STORAGE EXTERNAL`,
      `CREATE TABLE ${schema}.objects (key text PRIMARY KEY, item text NOT NULL, object text NOT NULL)`,
    ],
    [
      // A name stays when nobody holds it: its token must go on growing.
      `CREATE TABLE ${schema}.leases (name text PRIMARY KEY, holder text NOT NULL, token bigint NOT NULL, ends_at timestamptz NOT NULL)`,
      `CREATE TABLE ${schema}.incident_entries (incident text NOT NULL, sequence integer NOT NULL, token bigint, entry jsonb NOT NULL,
        recorded_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (incident, sequence))`,
      `CREATE TABLE ${schema}.audit_records (sequence bigint PRIMARY KEY, key text NOT NULL UNIQUE, record jsonb NOT NULL)`,
      `CREATE TABLE ${schema}.tickets (number integer PRIMARY KEY, key text NOT NULL UNIQUE, ticket jsonb NOT NULL)`,
      `CREATE TABLE ${schema}.journal (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry jsonb NOT NULL)`,
    ],
    [
      `CREATE TABLE ${schema}.alerts (cluster text NOT NULL, fingerprint text NOT NULL, starts_ms bigint NOT NULL, seen_ms bigint NOT NULL,
        alert jsonb NOT NULL, PRIMARY KEY (cluster, fingerprint))`,
    ],
  ];
}

interface State {
  readonly fsync: string | null;
  readonly is_ours: boolean;
  readonly relations: number;
}

/**
 * Makes the schema, or brings it to this version. Throws UNAVAILABLE for a server that does not synchronise its disk, UNSUPPORTED for a
 * schema of a newer version, INVALID_INPUT for somebody else's; they are left as they are then. Gives the id of the record.
 */
export async function prepareSchema(query: Query, name: string): Promise<string> {
  const schema = `"${name}"`;
  const steps = migrations(schema);
  const [state] = await query<State>(
    `SELECT current_setting('fsync', true) AS fsync, to_regclass($1) IS NOT NULL AS is_ours,
      (SELECT count(*)::int FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace space ON space.oid = relnamespace WHERE nspname = $2) AS relations`,
    [`${schema}.migration`, name],
  );
  assertDurable(state?.fsync);
  if (!state?.is_ours && (state?.relations ?? 0) > 0) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `Schema "${name}" holds tables of another program.`,
      hint: 'Name a schema of its own for the CMDB; this one was not touched.',
    });
  }
  if (!state?.is_ours || (await versionOf(query, schema, steps.length)) < steps.length) await migrate(query, schema, steps);
  const [row] = await query<{ value: string }>(`SELECT value FROM ${schema}.meta WHERE key = 'id'`);
  return row?.value ?? '';
}

function assertDurable(fsync: string | null | undefined): void {
  if (fsync !== 'off') return;
  throw new Tier0Error({
    code: 'UNAVAILABLE',
    message: 'The PostgreSQL server runs with fsync = off: a power cut loses what it acknowledged.',
    hint: 'Set fsync = on in postgresql.conf and reload the server.',
    retryable: false,
  });
}

async function migrate(query: Query, schema: string, steps: readonly (readonly string[])[]): Promise<void> {
  // Whoever waited for the lock must see what the other did meanwhile.
  await query('BEGIN ISOLATION LEVEL READ COMMITTED');
  try {
    // Another process may have been first while this one waited.
    await query("SELECT pg_advisory_xact_lock(hashtext('tier0'), hashtext($1))", [schema]);
    await query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
    await query(
      `CREATE TABLE IF NOT EXISTS ${schema}.migration (version integer PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    for (let version = await versionOf(query, schema, steps.length); version < steps.length; version++) {
      for (const statement of steps[version] ?? []) await query(statement);
      await query(`INSERT INTO ${schema}.migration (version) VALUES ($1)`, [version + 1]);
    }
    await query('COMMIT');
  } catch (error) {
    await query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

async function versionOf(query: Query, schema: string, known: number): Promise<number> {
  const [row] = await query<{ version: number }>(`SELECT coalesce(max(version), 0) AS version FROM ${schema}.migration`);
  const version = row?.version ?? 0;
  if (version <= known) return version;
  throw new Tier0Error({
    code: 'UNSUPPORTED',
    message: `Schema ${schema} has version ${version}, this version of tier0 reads up to ${known}.`,
    hint: 'Upgrade tier0, or name the schema that was used before the upgrade. Nothing was touched.',
  });
}
