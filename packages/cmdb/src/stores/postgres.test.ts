import { describeCmdbStore, describeObjectStore } from '@tier0/core/testing';
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest';
import { describeChangeFeed } from '../testing/describe-change-feed.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../testing/postgres-server.ts';
import { createPostgresCmdbStore, createPostgresObjectStore, type PostgresStoreOptions } from './postgres.ts';

let server: PostgresServer;
let schemas = 0;

/** A store in a schema of its own, closed after the test. */
function opened<T extends { close?(): Promise<void> }>(make: (options: PostgresStoreOptions) => T): T {
  const store = make({ server: server.url(), schema: `test_${++schemas}` });
  onTestFinished(() => store.close?.());
  return store;
}

describe.skipIf(!hasPostgres)('PostgreSQL (needs initdb, postgres and pg_ctl on PATH)', () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.close());

  describeCmdbStore('postgres', () => opened(createPostgresCmdbStore));
  describeChangeFeed('postgres', () => opened(createPostgresCmdbStore));
  describeObjectStore('postgres', () => opened(createPostgresObjectStore));
});
