import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type AppendOptions,
  type CmdbCommit,
  type CmdbStore,
  type CommitReceipt,
  type FactFilter,
  matchesFilter,
  type ObjectStore,
  toTimestamp,
} from '@tier0/core';
import { appendableJson, assertExpected } from './append-rules.ts';
import { nodeFiles } from './file-layer.ts';
import { packJson, type StoredFacts, unpackFacts } from './packed-facts.ts';
import { createSnapshotFile } from './snapshot-file.ts';
import { compactSqlite } from './sqlite-compact.ts';
import { explained, openSqlite, type SqliteDatabase } from './sqlite-database.ts';
import { createWaiters } from './waiters.ts';

/** Where the database lies. */
export interface SqliteStoreOptions {
  /** Database file; made where it is not there. `FILE-wal`, `FILE-shm` and the graph snapshot `FILE-graph` lie beside it. */
  readonly file: string;
  /** How often `wait` looks for what other processes wrote, milliseconds. Default 500; this process's own commits wake at once. */
  readonly pollMs?: number | undefined;
}

/** One append that waits for its turn on the disk. */
interface Pending {
  readonly json: string;
  readonly nowMs: number;
  readonly options: AppendOptions | undefined;
  readonly resolve: (receipt: CommitReceipt) => void;
  readonly reject: (error: unknown) => void;
}

/** Commits read at a time. */
const PAGE = 16;

/**
 * The embedded store: a log of commits in SQLite, written ahead and synchronised in full. Appends that come in one turn of the event
 * loop share one synchronisation.
 */
export function createSqliteCmdbStore(options: SqliteStoreOptions): CmdbStore {
  const { file, pollMs = 500 } = options;
  let opened: SqliteDatabase | undefined;
  let log: CommitWriter | undefined;
  const database = () => {
    opened ??= openSqlite(file);
    return opened;
  };
  const writer = () => {
    log ??= new CommitWriter(database());
    return log;
  };
  const waiters = createWaiters();
  const snapshots = createSnapshotFile({ path: `${file}-graph`, files: nodeFiles, owner: () => database().id });
  let pending: Pending[] = [];

  const wakeWithNewest = () => {
    // A look that fails is no news; who waits is told by `since`.
    try {
      waiters.wake(latest());
    } catch {}
  };
  const latest = () => explained(file, () => writer().newest().sequence);
  const flush = () => {
    const batch = pending;
    pending = [];
    try {
      const { settle, sequence } = explained(file, () => writer().write(batch));
      for (const done of settle) done();
      waiters.wake(sequence);
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };
  const read = async function* (after: number, filter?: FactFilter): AsyncGenerator<CmdbCommit> {
    for (let from = after; ; ) {
      const page = explained(file, () => readPage(database(), from));
      for (const { sequence, recorded_ms, facts: stored } of page) {
        const facts = unpackFacts(stored).filter((fact) => matchesFilter(fact, filter));
        if (facts.length > 0) yield { sequence, recordedAt: toTimestamp(recorded_ms), facts };
        from = sequence;
      }
      if (page.length < PAGE) return;
      await nextTurn();
    }
  };

  return {
    name: 'sqlite',
    append(facts, { now }, appendOptions) {
      return new Promise((resolve, reject) => {
        const json = appendableJson(facts);
        if (pending.length === 0) setImmediate(flush);
        pending.push({ json, nowMs: now(), options: appendOptions, resolve, reject });
      });
    },
    load: () => read(0),
    since: (sequence, _context, filter) => read(sequence, filter),
    latest: async () => latest(),
    async wait(after, { signal }) {
      const timer = setInterval(wakeWithNewest, pollMs);
      try {
        return await waiters.wait({ after, latest: latest(), signal });
      } finally {
        clearInterval(timer);
      }
    },
    compact: ({ before }, { signal }) => compactSqlite({ database: database(), file, beforeMs: Date.parse(before), signal }),
    snapshots,
    async close() {
      while (pending.length > 0) await nextTurn();
      opened?.connection.close();
      opened = undefined;
      log = undefined;
    },
  };
}

/** Appends commits to the log, with statements that are prepared once. */
class CommitWriter {
  readonly #connection: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #newest: StatementSync;
  readonly #insert: StatementSync;

  constructor({ connection }: SqliteDatabase) {
    this.#connection = connection;
    this.#begin = connection.prepare('BEGIN IMMEDIATE');
    this.#commit = connection.prepare('COMMIT');
    this.#newest = connection.prepare('SELECT sequence, recorded_ms FROM commits ORDER BY sequence DESC LIMIT 1');
    this.#insert = connection.prepare('INSERT INTO commits VALUES (?, ?, ?)');
  }

  newest(): { readonly sequence: number; readonly recordedMs: number } {
    const row = this.#newest.get();
    return { sequence: Number(row?.sequence ?? 0), recordedMs: Number(row?.recorded_ms ?? 0) };
  }

  /** One transaction for all; gives the newest sequence, and what is to be told to each writer now that it is durable. */
  write(batch: readonly Pending[]): { readonly sequence: number; readonly settle: readonly (() => void)[] } {
    this.#begin.run();
    try {
      let { sequence, recordedMs } = this.newest();
      const settle = batch.map(({ json, nowMs, options, resolve, reject }) => {
        try {
          assertExpected(sequence, options);
        } catch (error) {
          return () => reject(error);
        }
        sequence += 1;
        recordedMs = Math.max(recordedMs, nowMs);
        this.#insert.run(sequence, recordedMs, packJson(json));
        const receipt = { sequence, recordedAt: toTimestamp(recordedMs) };
        return () => resolve(receipt);
      });
      this.#commit.run();
      return { sequence, settle };
    } catch (error) {
      if (this.#connection.isTransaction) this.#connection.prepare('ROLLBACK').run();
      throw error;
    }
  }
}

interface CommitRow {
  readonly sequence: number;
  readonly recorded_ms: number;
  readonly facts: StoredFacts;
}

function readPage({ connection }: SqliteDatabase, after: number): readonly CommitRow[] {
  const select = connection.prepare('SELECT sequence, recorded_ms, facts FROM commits WHERE sequence > ? ORDER BY sequence LIMIT ?');
  return select.all(after, PAGE) as unknown as readonly CommitRow[];
}

/** Raw objects in SQLite; may share its file with the CMDB store. */
export function createSqliteObjectStore({ file }: Pick<SqliteStoreOptions, 'file'>): ObjectStore {
  let opened: SqliteDatabase | undefined;
  const database = () => {
    opened ??= openSqlite(file);
    return opened;
  };
  // Keys are written as JSON: SQLite keeps UTF-8, which has no room for unpaired surrogates.
  const keyOf = (item: string) => JSON.stringify(item);
  const inTransaction = (write: (database: SqliteDatabase) => void) =>
    explained(file, () => {
      const { connection } = database();
      connection.prepare('BEGIN IMMEDIATE').run();
      try {
        write(database());
        connection.prepare('COMMIT').run();
      } catch (error) {
        if (connection.isTransaction) connection.prepare('ROLLBACK').run();
        throw error;
      }
    });
  return {
    name: 'sqlite',
    async put(objects) {
      inTransaction(({ connection }) => {
        const put = connection.prepare('INSERT INTO objects VALUES (?, ?) ON CONFLICT (item) DO UPDATE SET object = excluded.object');
        for (const [item, object] of objects) put.run(keyOf(item), JSON.stringify(object));
      });
    },
    async get(item) {
      const row = explained(file, () => database().connection.prepare('SELECT object FROM objects WHERE item = ?').get(keyOf(item)));
      return row === undefined ? undefined : JSON.parse(row.object as string);
    },
    async remove(items) {
      inTransaction(({ connection }) => {
        const remove = connection.prepare('DELETE FROM objects WHERE item = ?');
        for (const item of items) remove.run(keyOf(item));
      });
    },
    async *entries() {
      const select = () => database().connection.prepare('SELECT item, object FROM objects WHERE item > ? ORDER BY item LIMIT ?');
      for (let after = ''; ; ) {
        const page = explained(file, () => select().all(after, PAGE)) as unknown as readonly { item: string; object: string }[];
        for (const row of page) yield [JSON.parse(row.item) as string, JSON.parse(row.object)] as const;
        if (page.length < PAGE) return;
        after = page.at(-1)?.item ?? '';
        await nextTurn();
      }
    },
    async close() {
      opened?.connection.close();
      opened = undefined;
    },
  };
}
