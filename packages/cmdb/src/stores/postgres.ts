import { type CmdbCommit, type CmdbStore, type FactFilter, type GraphSnapshots, matchesFilter, toTimestamp } from '@tier0/core';
import { appendableJson } from './append-rules.ts';
import { nodeFiles } from './file-layer.ts';
import { unpackFacts } from './packed-facts.ts';
import { createGroupWriter, newestSequence } from './postgres-append.ts';
import { compactPostgres } from './postgres-compact.ts';
import { createPostgresDatabase, type PostgresDatabase, type PostgresOptions } from './postgres-database.ts';
import { createListener } from './postgres-listener.ts';
import { createSnapshotFile } from './snapshot-file.ts';
import { createWaiters } from './waiters.ts';

export type { PostgresAddress, PostgresOptions } from './postgres-database.ts';
export { createPostgresObjectStore } from './postgres-objects.ts';
export { createPostgresDutyStore, type PostgresDutyStore } from './shared/duty-store.ts';
export type { IncidentHeads, PostgresIncidentRecord } from './shared/incidents.ts';

/** Where the record lies, and how a process follows it. */
export interface PostgresStoreOptions extends PostgresOptions {
  /**
   * How often `wait` looks for itself, milliseconds. Default 1000. Notifications wake at once; looking finds what they missed, because
   * a server forgets them when a connection breaks.
   */
  readonly pollMs?: number | undefined;
  /** Local file for the graph of this process, so that it need not read the whole record when it starts. Default: none. */
  readonly snapshotFile?: string | undefined;
}

/** Commits and stored bytes read at a time; a single commit may be larger. */
const PAGE_COMMITS = 256;
const PAGE_BYTES = 4 * 2 ** 20;

/**
 * The shared store: a log of commits in PostgreSQL, for any number of processes that each keep a graph of their own. Needs the package
 * `pg`. Every append locks one row for the length of one statement, so sequences have no gaps and recorded time never goes back; appends
 * of one process that come while another is being written share a transaction. A session must be one connection: behind PgBouncer use
 * session pooling. What the address leaves out the driver takes from PGHOST, PGUSER, PGPASSWORD and so on.
 */
export function createPostgresCmdbStore(options: PostgresStoreOptions): CmdbStore {
  const { pollMs = 1000, snapshotFile } = options;
  const database = createPostgresDatabase(options);
  const waiters = createWaiters();
  let newestHeard = 0;
  const wake = (sequence: number) => {
    newestHeard = Math.max(newestHeard, sequence);
    waiters.wake(sequence);
  };
  const listener = createListener(database, wake);
  const writer = createGroupWriter(database, wake);
  const look = async () => {
    // A look that fails is no news; who waits is told by `since`.
    await listener.start().catch(() => undefined);
    await newestSequence(database).then(wake, () => undefined);
  };
  return {
    name: 'postgres',
    append(facts, { now, signal }, append) {
      return new Promise((resolve, reject) => {
        const json = appendableJson(facts);
        writer.add({ json, nowMs: now(), expectSequence: append?.expectSequence, signal, resolve, reject });
      });
    },
    load: ({ signal }) => readCommits(database, 0, { signal }),
    since: (sequence, { signal }, filter) => readCommits(database, sequence, { signal, filter }),
    latest: ({ signal }) => newestSequence(database, signal),
    async wait(after, { signal }) {
      if (signal.aborted) return after;
      // Listening begins before looking, so that nothing falls in between.
      await listener.start().catch(() => undefined);
      const latest = await newestSequence(database);
      const timer = setInterval(look, pollMs);
      try {
        return await waiters.wait({ after, latest: Math.max(latest, newestHeard), signal });
      } finally {
        clearInterval(timer);
      }
    },
    compact: ({ before }, { signal }) => compactPostgres({ database, beforeMs: Date.parse(before), signal }),
    ...(snapshotFile === undefined ? {} : { snapshots: localSnapshots(database, snapshotFile) }),
    async close() {
      await writer.drain();
      await listener.close();
      await database.close();
    },
  };
}

interface CommitRow {
  readonly sequence: string;
  readonly recorded_ms: string;
  readonly facts: string | null;
  readonly packed: Uint8Array | null;
}

/** No connection is held between two pages: a slow reader costs the server nothing. */
async function* readCommits(
  database: PostgresDatabase,
  after: number,
  { signal, filter }: { readonly signal: AbortSignal; readonly filter?: FactFilter | undefined },
): AsyncGenerator<CmdbCommit> {
  const sql = `SELECT sequence, recorded_ms, facts, packed FROM (
      SELECT *, sum(size) OVER (ORDER BY sequence) - size AS before FROM (
        SELECT *, coalesce(octet_length(facts), octet_length(packed)) AS size FROM ${database.schema}.commits
        WHERE sequence > $1 ORDER BY sequence LIMIT ${PAGE_COMMITS}
      ) AS page
    ) AS sized WHERE before < ${PAGE_BYTES} ORDER BY sequence`;
  for (let from = after; ; ) {
    const page = await database.query<CommitRow>(sql, [from], signal);
    if (page.length === 0) return;
    for (const { sequence, recorded_ms, facts: text, packed } of page) {
      const facts = unpackFacts(text ?? packed ?? '[]').filter((fact) => matchesFilter(fact, filter));
      from = Number(sequence);
      if (facts.length > 0) yield { sequence: from, recordedAt: toTimestamp(Number(recorded_ms)), facts };
    }
  }
}

function localSnapshots(database: PostgresDatabase, path: string): GraphSnapshots {
  const opened = async () => {
    const id = await database.id();
    return createSnapshotFile({ path, files: nodeFiles, owner: () => id });
  };
  let file: Promise<GraphSnapshots> | undefined;
  const whenOpened = () => {
    file ??= opened();
    file.catch(() => {
      file = undefined;
    });
    return file;
  };
  return {
    read: async (context) => (await whenOpened()).read(context),
    write: async (snapshot, context) => (await whenOpened()).write(snapshot, context),
  };
}
