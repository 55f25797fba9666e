import { Tier0Error } from '@tier0/core';
import type { Client, ClientConfig, Pool, PoolClient } from 'pg';
import { type ServerPlace, toPostgresError } from './postgres-errors.ts';
import { prepareSchema, type Query } from './postgres-schema.ts';

/** A PostgreSQL server in parts, where an address in one text does not do. */
export interface PostgresAddress {
  /** Host name, address, or folder of the Unix socket. */
  readonly host: string;
  /** Default 5432. */
  readonly port?: number | undefined;
  readonly user: string;
  readonly database: string;
  /** The password, or where a fresh one comes from for each connection. */
  readonly password?: string | (() => string | Promise<string>) | undefined;
  /** Default false. True checks the certificate; `ca` is the PEM text of an authority of one's own. */
  readonly ssl?: boolean | { readonly ca: string } | undefined;
}

/** Which record on which server. */
export interface PostgresOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE?sslmode=verify-full`, or its parts. */
  readonly server: string | PostgresAddress;
  /** Schema of the record: lower-case letters, digits and `_`, at most 40. Made where it is not there. Default `tier0`. */
  readonly schema?: string | undefined;
  /** Longest a statement may take on the server, milliseconds. Default 30,000. */
  readonly statementTimeoutMs?: number | undefined;
}

/** A record of ours on a server. Connects on first use. */
export interface PostgresDatabase {
  /** Schema name as it stands in statements. */
  readonly schema: string;
  /** Channel of LISTEN and NOTIFY. */
  readonly channel: string;
  /** Made with the record: tells it from every other one. */
  id(): Promise<string>;
  /** Runs one statement. When the signal aborts, the connection is given up and the signal's reason is thrown. */
  query<Row extends object>(sql: string, values: readonly unknown[], signal?: AbortSignal): Promise<readonly Row[]>;
  /** Runs several statements on one connection, which is closed afterwards. */
  session<T>(work: (query: Query) => Promise<T>): Promise<T>;
  /** A connection outside the pool that hears what is notified. Calls `onEnd` when it is lost. */
  listen(onNotice: (payload: string) => void, onEnd: () => void): Promise<{ close(): Promise<void> }>;
  close(): Promise<void>;
}

const CONNECTIONS = 4;
const CONNECT_MS = 5000;

type Driver = typeof import('pg')['default'];

/** Loaded on first use: who keeps nothing in PostgreSQL does not install it. */
async function loadDriver(): Promise<Driver> {
  try {
    return (await import('pg')).default;
  } catch (error) {
    throw new Tier0Error({
      code: 'MISSING_DEPENDENCY',
      message: 'The PostgreSQL store needs the package "pg", which is not installed.',
      hint: 'Install it beside @tier0/cmdb: npm install pg',
      cause: error,
    });
  }
}

export function createPostgresDatabase(options: PostgresOptions): PostgresDatabase {
  const { schema = 'tier0', statementTimeoutMs = 30_000 } = options;
  assertSchemaName(schema);
  let opening: Promise<Opened> | undefined;
  const open = () => {
    opening ??= connect(options, schema, statementTimeoutMs);
    // A server that was not there is asked again next time.
    opening.catch(() => {
      opening = undefined;
    });
    return opening;
  };
  return {
    schema: `"${schema}"`,
    channel: `tier0_${schema}`,
    id: async () => (await open()).id,
    async query(sql, values, signal) {
      signal?.throwIfAborted();
      const { pool, place } = await open();
      const client = await take(pool, place);
      return runOnce(client, { sql, values, place, signal });
    },
    async session(work) {
      const { pool, place } = await open();
      const client = await take(pool, place);
      try {
        return await work(queryOn(client, place));
      } finally {
        client.release(true);
      }
    },
    async listen(onNotice, onEnd) {
      const { driver, config, place } = await open();
      const client = new driver.Client(config);
      client.on('error', onEnd);
      client.on('end', onEnd);
      client.on('notification', ({ payload }) => onNotice(payload ?? ''));
      try {
        await client.connect();
        await client.query(`LISTEN "tier0_${schema}"`);
      } catch (error) {
        await client.end().catch(() => undefined);
        throw toPostgresError(error, place, false);
      }
      return { close: () => client.end() };
    },
    async close() {
      const opened = await opening?.catch(() => undefined);
      opening = undefined;
      await opened?.pool.end();
    },
  };
}

function assertSchemaName(schema: string): void {
  if (/^[a-z_][a-z0-9_]{0,39}$/.test(schema)) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${schema}" is not a schema name.`,
    hint: 'Use at most 40 lower-case letters, digits and underscores, not beginning with a digit.',
  });
}

interface Opened {
  readonly driver: Driver;
  readonly config: ClientConfig;
  readonly pool: Pool;
  readonly place: ServerPlace;
  readonly id: string;
}

async function connect({ server }: PostgresOptions, schema: string, statementTimeoutMs: number): Promise<Opened> {
  const driver = await loadDriver();
  const address: ClientConfig = typeof server === 'string' ? { connectionString: server } : (server as ClientConfig);
  const config: ClientConfig = {
    ...address,
    application_name: 'tier0',
    statement_timeout: statementTimeoutMs,
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  };
  const place = placeOf(driver, config);
  const pool = new driver.Pool({ ...config, max: CONNECTIONS, allowExitOnIdle: true });
  // A connection that breaks while nobody uses it is no news: the next use makes another one.
  pool.on('error', () => undefined);
  try {
    const client = await take(pool, place);
    try {
      return { driver, config, pool, place, id: await prepareSchema(queryOn(client, place), schema) };
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** Reads the address as the driver does, without connecting. The driver's own error would show it with the password. */
function placeOf(driver: Driver, config: ClientConfig): ServerPlace {
  try {
    const { host, port, database, user = '', password } = new driver.Client(config) as Client & { password?: unknown };
    const secrets = typeof password === 'string' ? [password, encodeURIComponent(password)] : [];
    return { name: `${host}:${port}/${database ?? ''}`, user, secrets };
  } catch {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: 'The address of the PostgreSQL server cannot be read.',
      hint: 'Write postgres://USER:PASSWORD@HOST:PORT/DATABASE with special characters as %XX, or give its parts.',
    });
  }
}

async function take(pool: Pool, place: ServerPlace): Promise<PoolClient> {
  try {
    const client = await pool.connect();
    // What breaks is told by the statement that runs; a broken connection must not end the process.
    if (client.listenerCount('error') < 2) client.on('error', () => undefined);
    return client;
  } catch (error) {
    throw toPostgresError(error, place, false);
  }
}

function queryOn(client: PoolClient, place: ServerPlace): Query {
  return async (sql, values = []) => {
    try {
      return (await client.query(sql, [...values])).rows;
    } catch (error) {
      throw toPostgresError(error, place, true);
    }
  };
}

interface Run {
  readonly sql: string;
  readonly values: readonly unknown[];
  readonly place: ServerPlace;
  readonly signal: AbortSignal | undefined;
}

async function runOnce<Row extends object>(client: PoolClient, { sql, values, place, signal }: Run): Promise<readonly Row[]> {
  let isHeld = true;
  const giveBack = (isBroken: boolean) => {
    if (isHeld) client.release(isBroken);
    isHeld = false;
  };
  const onAbort = () => giveBack(true);
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const rows = await queryOn(client, place)<Row>(sql, values);
    giveBack(false);
    return rows;
  } catch (error) {
    giveBack(true);
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}
