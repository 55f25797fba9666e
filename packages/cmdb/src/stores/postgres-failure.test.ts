import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { on, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { inspect } from 'node:util';
import type { CmdbCommit, CmdbStore } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createCmdb } from '../graph/cmdb.ts';
import { crashFacts } from '../testing/crash-facts.ts';
import { createCuttingProxy } from '../testing/cutting-proxy.ts';
import { hasPostgres, type PostgresServer, startPostgres } from '../testing/postgres-server.ts';
import { createPostgresCmdbStore, type PostgresStoreOptions } from './postgres.ts';

let server: PostgresServer;
let schemas = 0;
const newSchema = () => `failure_${++schemas}`;

function opened(options: Partial<PostgresStoreOptions> & { readonly schema: string }): CmdbStore {
  const store = createPostgresCmdbStore({ server: server.url(), ...options });
  onTestFinished(() => store.close?.());
  return store;
}

/** Somebody else's connection to the same server. */
async function otherClient(): Promise<pg.Client> {
  const client = new pg.Client(server.url());
  client.on('error', () => undefined);
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

async function commitsOf(store: CmdbStore): Promise<readonly CmdbCommit[]> {
  const commits: CmdbCommit[] = [];
  for await (const commit of store.load(testContext())) commits.push(commit);
  return commits;
}

/** A writer in a process of its own; gives its acknowledged commits, one by one. */
function startWriter(schema: string, first: number): { readonly child: ChildProcess; readonly lines: AsyncIterator<unknown> } {
  const file = join(import.meta.dirname, '../testing/postgres-writer.ts');
  const flags = ['--conditions=tier0-source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(process.execPath, [...flags, file, server.url(), schema, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  return { child, lines: on(createInterface(child.stdout), 'line', { close: ['close'] }) };
}

describe.skipIf(!hasPostgres)('PostgreSQL that fails (needs initdb, postgres and pg_ctl on PATH)', () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.close());

  test('a server killed again and again while two processes write loses nothing acknowledged, and numbers have no gaps', async () => {
    const schema = newSchema();
    const store = opened({ schema });
    await store.append(crashFacts(0), testContext(0));
    const writers = [startWriter(schema, 1_000_000), startWriter(schema, 2_000_000)];
    const acknowledged: (readonly [sequence: number, seed: number])[] = [];
    const hear = async (count: number) => {
      for (const { lines } of writers) {
        for (let heard = 0; heard < count; heard++) {
          const [line] = ((await lines.next()).value ?? []) as readonly string[];
          const [sequence, seed] = String(line).split(' ').map(Number);
          acknowledged.push([sequence as number, seed as number]);
        }
      }
    };
    for (const end of [server.kill, server.stopImmediately, server.kill]) {
      await hear(12);
      await end();
      await server.start();
    }
    await hear(12);
    for (const { child } of writers) {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    }

    const commits = await commitsOf(store);
    const bySequence = new Map(commits.map((commit) => [commit.sequence, commit.facts]));
    expect(acknowledged.length).toBe(96);
    for (const [sequence, seed] of acknowledged) expect(bySequence.get(sequence), `commit ${sequence}`).toEqual(crashFacts(seed));
    expect(commits.map(({ sequence }) => sequence)).toEqual(commits.map((_, index) => index + 1));
    const times = commits.map(({ recordedAt }) => recordedAt);
    expect(times).toEqual([...times].sort());
  }, 90_000);

  test('a connection cut between a commit and its answer: the record is asked, and the commit is there once', async () => {
    const proxy = await createCuttingProxy(server.port);
    onTestFinished(() => proxy.close());
    const store = opened({ schema: newSchema(), server: server.url().replace(`:${server.port}/`, `:${proxy.port}/`) });
    await store.append(crashFacts(1), testContext());
    proxy.cutAnswerTo('INSERT INTO');
    const receipts = await Promise.all([2, 3].map((seed) => store.append(crashFacts(seed), testContext())));
    expect(receipts.map(({ sequence }) => sequence)).toEqual([2, 3]);
    expect((await commitsOf(store)).map(({ facts }) => facts)).toEqual([1, 2, 3].map(crashFacts));
  });

  test('a connection cut before the server had the commit: it is said that nothing was found, and writing again works', async () => {
    const proxy = await createCuttingProxy(server.port);
    onTestFinished(() => proxy.close());
    const store = opened({ schema: newSchema(), server: server.url().replace(`:${server.port}/`, `:${proxy.port}/`) });
    await store.append(crashFacts(1), testContext());
    proxy.cutBefore('INSERT INTO');
    await expect(store.append(crashFacts(2), testContext())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('not found in the record'),
      retryable: true,
    });
    expect(await store.append(crashFacts(2), testContext())).toMatchObject({ sequence: 2 });
    expect((await commitsOf(store)).length).toBe(2);
  });

  test('of two processes that expect the same sequence one wins, the other is told, and who expects nothing is not held up', async () => {
    const schema = newSchema();
    const [one, two] = [opened({ schema }), opened({ schema })];
    for (let sequence = 0; sequence < 20; sequence += 2) {
      const tries = await Promise.allSettled([
        one.append(crashFacts(1), testContext(), { expectSequence: sequence }),
        two.append(crashFacts(2), testContext(), { expectSequence: sequence }),
      ]);
      const lost = tries.filter((outcome) => outcome.status === 'rejected');
      expect(lost.map(({ reason }) => reason.code)).toEqual(['CONFLICT']);
      const free = [one.append(crashFacts(3), testContext(), { expectSequence: 0 }), one.append(crashFacts(4), testContext())];
      expect((await Promise.allSettled(free)).map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    }
    expect((await commitsOf(one)).length).toBe(20);
  });

  test('a notification that never comes: the commit is found all the same', async () => {
    const schema = newSchema();
    const store = opened({ schema, pollMs: 20 });
    await store.append(crashFacts(1), testContext());
    const client = await otherClient();
    const waiting = store.wait(1, testContext());
    await client.query(`WITH moved AS (UPDATE ${schema}.head SET sequence = 2 RETURNING sequence)
      INSERT INTO ${schema}.commits SELECT sequence, recorded_ms, token, facts, packed FROM (
        SELECT moved.sequence, recorded_ms, token, facts, packed FROM moved, ${schema}.commits) AS copy`);
    expect(await waiting).toBe(2);
  });

  test('a replica whose listening connection is cut hears of the next commit, and its graph catches up', async () => {
    const schema = newSchema();
    const writer = createCmdb({ sources: [], store: opened({ schema }) });
    const replicaStore = opened({ schema, pollMs: 20 });
    const replica = createCmdb({ sources: [], store: replicaStore });
    await writer.record(crashFacts(1), testContext());
    expect(await replica.catchUp(testContext())).toBe(1);
    const client = await otherClient();
    for (let sequence = 1; sequence < 4; sequence++) {
      const waiting = replicaStore.wait(sequence, testContext());
      await client.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'");
      await writer.record(crashFacts(sequence + 1), testContext());
      expect(await waiting).toBe(sequence + 1);
      expect(await replica.catchUp(testContext())).toBe(sequence + 1);
      const ids = (cmdb: typeof writer) =>
        cmdb
          .reader()
          .query('kind:Deployment')
          .map(({ id }) => id);
      expect(ids(replica)).toEqual(ids(writer));
      expect(ids(replica).length).toBeGreaterThan(0);
    }
  });

  test('errors of the login say what is missing and never show a password', async () => {
    const wrong = "wr0ng pass/word'";
    const { port, user } = server;
    const at = (password: string | undefined, database = 'postgres') => ({ host: '127.0.0.1', port, user, database, password });
    const cases: readonly (readonly [PostgresStoreOptions['server'], string, RegExp])[] = [
      [server.url().replace(encodeURIComponent(server.password), encodeURIComponent(wrong)), 'PERMISSION_DENIED', /user and the password/],
      [at(wrong), 'PERMISSION_DENIED', /user and the password/],
      [at(undefined), 'PERMISSION_DENIED', /none was given/],
      [at(server.password, 'not-there'), 'NOT_FOUND', /createdb/],
      [`postgres://tier0:${encodeURIComponent(wrong)}@127.0.0.1:1/postgres`, 'UNAVAILABLE', /server runs/],
      [`postgres://tier0:${wrong}@[::::/postgres`, 'INVALID_INPUT', /special characters/],
    ];
    for (const [address, code, hint] of cases) {
      const store = opened({ schema: newSchema(), server: address });
      const error = await store.latest(testContext()).catch((thrown: unknown) => thrown);
      expect(error, hint.source).toMatchObject({ code, hint: expect.stringMatching(hint) });
      const shown = inspect(error, { depth: 20, showHidden: true });
      for (const secret of [wrong, encodeURIComponent(wrong), server.password, encodeURIComponent(server.password)]) {
        expect(shown).not.toContain(secret);
      }
    }
  });

  test('a password can come from a function, fresh for each connection', async () => {
    const { port, user, password } = server;
    const address = { host: '127.0.0.1', port, user, database: 'postgres', password: async () => password };
    expect(await opened({ schema: newSchema(), server: address }).latest(testContext())).toBe(0);
  });

  test('a schema of a newer version and one of another program are left as they are', async () => {
    const client = await otherClient();
    const [newer, foreign] = [newSchema(), newSchema()];
    await opened({ schema: newer }).append(crashFacts(1), testContext());
    await client.query(`INSERT INTO ${newer}.migration (version) VALUES (99)`);
    await client.query(`CREATE SCHEMA ${foreign} CREATE TABLE invoices (id int)`);
    await expect(opened({ schema: newer }).append(crashFacts(2), testContext())).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('version 99'),
    });
    await expect(opened({ schema: foreign }).latest(testContext())).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    const tables = await client.query('SELECT tablename FROM pg_tables WHERE schemaname = $1', [foreign]);
    expect(tables.rows).toEqual([{ tablename: 'invoices' }]);
    expect((await client.query(`SELECT sequence FROM ${newer}.head`)).rows).toEqual([{ sequence: '1' }]);
  });

  test('a server that does not synchronise its disk is refused', async () => {
    const unsafe = await startPostgres({ fsync: 'off' });
    onTestFinished(() => unsafe.close());
    const store = opened({ schema: newSchema(), server: unsafe.url() });
    await expect(store.append(crashFacts(1), testContext())).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      retryable: false,
      hint: expect.stringContaining('fsync = on'),
    });
  });

  test('commits are synchronous whatever the role says', async () => {
    const client = await otherClient();
    const schema = newSchema();
    await opened({ schema }).latest(testContext());
    await client.query(`CREATE TABLE ${schema}.seen (setting text)`);
    await client.query(`CREATE FUNCTION ${schema}.look() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN INSERT INTO ${schema}.seen VALUES (current_setting('synchronous_commit')); RETURN NULL; END $$`);
    await client.query(`CREATE CONSTRAINT TRIGGER look AFTER INSERT ON ${schema}.commits DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION ${schema}.look()`);
    await client.query('ALTER ROLE tier0 SET synchronous_commit = off');
    onTestFinished(async () => void (await client.query('ALTER ROLE tier0 RESET synchronous_commit')));
    await opened({ schema }).append(crashFacts(1), testContext());
    expect((await client.query(`SELECT setting FROM ${schema}.seen`)).rows).toEqual([{ setting: 'on' }]);
  });

  test('a database that isolates more strictly makes writers try again, not fail', async () => {
    const client = await otherClient();
    await client.query("ALTER ROLE tier0 SET default_transaction_isolation = 'serializable'");
    onTestFinished(async () => void (await client.query('ALTER ROLE tier0 RESET default_transaction_isolation')));
    const schema = newSchema();
    const stores = [opened({ schema }), opened({ schema })];
    await Promise.all(
      stores.map(async (store) => {
        for (let seed = 0; seed < 30; seed++) await store.append(crashFacts(seed), testContext());
      }),
    );
    expect((await commitsOf(stores[0] as CmdbStore)).map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 60 }, (_, at) => at + 1),
    );
  });

  test('a server that is held up: a reader that gives up gets its own reason, a writer a timeout, and nothing was written', async () => {
    const schema = newSchema();
    const store = opened({ schema, statementTimeoutMs: 300 });
    await store.append(crashFacts(1), testContext());
    const client = await otherClient();
    await client.query('BEGIN');
    await client.query(`LOCK TABLE ${schema}.head, ${schema}.commits IN ACCESS EXCLUSIVE MODE`);
    const abort = new AbortController();
    const reading = store
      .since(0, { ...testContext(), signal: abort.signal })
      [Symbol.asyncIterator]()
      .next();
    const writing = store.append(crashFacts(2), testContext());
    abort.abort(new Error('no longer wanted'));
    await expect(reading).rejects.toThrow('no longer wanted');
    await expect(writing).rejects.toMatchObject({ code: 'TIMEOUT', hint: expect.stringContaining('Nothing of this call was written') });
    await client.query('ROLLBACK');
    expect((await store.append(crashFacts(3), testContext())).sequence).toBe(2);
  });

  test('two compactions at once: the second is told', async () => {
    const schema = newSchema();
    const [one, two] = [opened({ schema }), opened({ schema })];
    for (let seed = 1; seed < 30; seed++) await one.append(crashFacts(seed), testContext());
    const compact = (store: CmdbStore) => store.compact({ before: '2027-01-01T00:00:00.000Z' }, testContext());
    const outcomes = await Promise.allSettled([compact(one), compact(two)]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1);
    expect(outcomes.find((outcome) => outcome.status === 'rejected')?.reason).toMatchObject({ code: 'CONFLICT' });
  });
});

test('without the driver the error says what to install', () => {
  const program = `
    import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => next(name === 'pg' ? 'pg-that-nobody-installed' : name, context) });
    const { createPostgresCmdbStore } = await import('@tier0/cmdb/stores/postgres');
    const store = createPostgresCmdbStore({ server: 'postgres://localhost/x' });
    const context = { signal: new AbortController().signal, now: () => 0 };
    await store.latest(context).catch(({ code, hint }) => process.stdout.write(JSON.stringify({ code, hint })));`;
  const { stdout } = spawnSync(process.execPath, ['--conditions=tier0-source', '--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  expect(JSON.parse(stdout)).toEqual({ code: 'MISSING_DEPENDENCY', hint: 'Install it beside @tier0/cmdb: npm install pg' });
});
