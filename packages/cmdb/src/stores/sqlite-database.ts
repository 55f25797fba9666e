import { randomUUID } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import { isTier0Error, Tier0Error } from '@tier0/core';

/** `t0cd`, so that another program's database is not taken for ours. */
const APPLICATION_ID = 0x74306364;
const FORMAT = 1;
/** How long a write waits for another process before it gives up. */
const BUSY_MS = 5000;

const SCHEMA = [
  'CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  'CREATE TABLE commits (sequence INTEGER PRIMARY KEY, recorded_ms INTEGER NOT NULL, facts ANY NOT NULL)',
  'CREATE TABLE objects (item TEXT PRIMARY KEY, object TEXT NOT NULL) WITHOUT ROWID',
  `PRAGMA application_id = ${APPLICATION_ID}`,
  `PRAGMA user_version = ${FORMAT}`,
];

/** An open database of ours. */
export interface SqliteDatabase {
  readonly connection: DatabaseSync;
  /** Made with the database: tells it from every other one. */
  readonly id: string;
}

/**
 * Opens a database, or makes it where the file is not there. Write-ahead log and full synchronisation are asserted, not hoped for: a
 * commit that was acknowledged is on the disk. Throws MALFORMED_RESPONSE for a damaged file, UNSUPPORTED for one from a newer version,
 * INVALID_INPUT for somebody else's. The file is left as it is then.
 */
export function openSqlite(file: string): SqliteDatabase {
  return explained(file, () => {
    // Loaded on first use: who keeps nothing in SQLite does not pay for it.
    const { DatabaseSync: Database } = process.getBuiltinModule('node:sqlite');
    const connection = new Database(file);
    try {
      connection.prepare(`PRAGMA busy_timeout = ${BUSY_MS}`).run();
      assertOurs(connection, file);
      assertDurable(connection, file);
      return { connection, id: prepare(connection) };
    } catch (error) {
      connection.close();
      throw error;
    }
  });
}

function assertOurs(connection: DatabaseSync, file: string): void {
  const format = pragma(connection, 'user_version');
  const isEmpty = connection.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables === 0;
  if (!isEmpty && pragma(connection, 'application_id') !== APPLICATION_ID) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `${file} is a SQLite database of another program.`,
      hint: 'Name a file of its own for the CMDB; this one was not touched.',
    });
  }
  if (Number(format) > FORMAT) {
    throw new Tier0Error({
      code: 'UNSUPPORTED',
      message: `${file} has format ${format}, this version reads up to ${FORMAT}.`,
      hint: 'Upgrade tier0, or open the copy that was made before the upgrade. The file was not touched.',
    });
  }
}

function assertDurable(connection: DatabaseSync, file: string): void {
  const journal = connection.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode;
  connection.prepare('PRAGMA synchronous = FULL').run();
  const synchronous = pragma(connection, 'synchronous');
  if (journal === 'wal' && synchronous === 2) return;
  throw new Tier0Error({
    code: 'UNAVAILABLE',
    message: `${file} cannot be written durably: journal mode is ${journal}, synchronous is ${synchronous}.`,
    hint: 'Keep the database on a local disk: network file systems have no write-ahead log.',
    retryable: false,
  });
}

function prepare(connection: DatabaseSync): string {
  const read = () => connection.prepare("SELECT value FROM meta WHERE key = 'id'").get()?.value as string;
  if (pragma(connection, 'application_id') === APPLICATION_ID) return read();
  connection.prepare('BEGIN IMMEDIATE').run();
  try {
    // Another process may have been first while this one waited.
    if (pragma(connection, 'application_id') !== APPLICATION_ID) {
      for (const statement of SCHEMA) connection.prepare(statement).run();
      connection.prepare("INSERT INTO meta VALUES ('id', ?)").run(randomUUID());
    }
    connection.prepare('COMMIT').run();
  } catch (error) {
    connection.prepare('ROLLBACK').run();
    throw error;
  }
  return read();
}

function pragma(connection: DatabaseSync, name: string): unknown {
  return connection.prepare(`PRAGMA ${name}`).get()?.[name];
}

/** Runs a call and says in our words what SQLite says in its own. */
export function explained<T>(file: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw isTier0Error(error) ? error : toStoreError(file, error);
  }
}

/** Result codes of SQLite (sqlite.org/rescode.html); the low byte is the primary one. */
const MEANINGS: Readonly<
  Record<number, { readonly code: 'UNAVAILABLE' | 'MALFORMED_RESPONSE' | 'PERMISSION_DENIED'; readonly hint: string }>
> = {
  5: { code: 'UNAVAILABLE', hint: 'Another process holds the database: try again, or stop the other one.' },
  8: { code: 'PERMISSION_DENIED', hint: 'Make the file and its folder writable for this user.' },
  10: { code: 'UNAVAILABLE', hint: 'The disk failed: check it. What was acknowledged before is recorded.' },
  11: {
    code: 'MALFORMED_RESPONSE',
    hint: 'The file is damaged and was left as it is: restore it from a backup, or recover it with "sqlite3 FILE .recover".',
  },
  13: { code: 'UNAVAILABLE', hint: 'The disk is full: make room and write again. What was acknowledged before is recorded.' },
  14: { code: 'UNAVAILABLE', hint: 'The file cannot be opened: check that its folder exists and may be written.' },
  26: {
    code: 'MALFORMED_RESPONSE',
    hint: 'The file is not a SQLite database, or its beginning is damaged; it was left as it is. Restore it from a backup.',
  },
};

function toStoreError(file: string, error: unknown): Tier0Error {
  const result = (error as { readonly errcode?: unknown }).errcode;
  const meaning = typeof result === 'number' ? MEANINGS[result & 0xff] : undefined;
  const message = error instanceof Error ? error.message : String(error);
  return new Tier0Error({
    code: meaning?.code ?? 'INTERNAL',
    message: `The CMDB store ${file} failed: ${message}.`,
    hint: meaning?.hint ?? 'Look at the cause; nothing of this call was written.',
    cause: error,
  });
}
