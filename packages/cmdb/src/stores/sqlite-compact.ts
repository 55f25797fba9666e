import { setImmediate as nextTurn } from 'node:timers/promises';
import { type CmdbFact, type CompactReport, factKey } from '@tier0/core';
import { packJson, type StoredFacts, unpackFacts } from './packed-facts.ts';
import { explained, openSqlite, type SqliteDatabase } from './sqlite-database.ts';

export interface SqliteCompaction {
  readonly database: SqliteDatabase;
  readonly file: string;
  readonly beforeMs: number;
  readonly signal: AbortSignal;
}

interface Row {
  readonly sequence: number;
  readonly recorded_ms: number;
  readonly facts: StoredFacts;
}

/**
 * Gives up overruled facts, commit by commit, in small transactions of its own connection: writers go on meanwhile, and being killed in
 * between leaves a record that is compacted in part and complete.
 */
export async function compactSqlite({ database, file, beforeMs, signal }: SqliteCompaction): Promise<CompactReport> {
  const { connection } = openSqlite(file);
  try {
    connection.prepare('CREATE TEMP TABLE winner (key TEXT PRIMARY KEY, valid_ms INTEGER, position INTEGER) WITHOUT ROWID').run();
    const end = Number(database.connection.prepare('SELECT max(sequence) AS sequence FROM commits').get()?.sequence ?? 0);
    const isPast = (row: Row, fact: CmdbFact) => row.recorded_ms < beforeMs && Date.parse(fact.validFrom) < beforeMs;
    const rows = commitRows({ database: { ...database, connection }, file, end, signal });
    const offer = connection.prepare(
      'INSERT INTO winner VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET valid_ms = excluded.valid_ms, position = excluded.position WHERE excluded.valid_ms >= winner.valid_ms',
    );
    for await (const { row, facts, position } of rows) {
      for (const [index, fact] of facts.entries()) {
        if (isPast(row, fact)) explained(file, () => offer.run(factKey(fact), Date.parse(fact.validFrom), position + index));
      }
    }
    const winner = connection.prepare('SELECT valid_ms, position FROM winner WHERE key = ?');
    const isOverruled = (row: Row, fact: CmdbFact, position: number): boolean => {
      if (fact.type === 'change-observed') return isPast(row, fact);
      const best = winner.get(factKey(fact)) as { valid_ms: number; position: number } | undefined;
      const validMs = Date.parse(fact.validFrom);
      return best !== undefined && (best.valid_ms > validMs || (best.valid_ms === validMs && best.position > position));
    };
    let removed = 0;
    let kept = 0;
    for await (const { row, facts, position } of commitRows({ database: { ...database, connection }, file, end, signal })) {
      const left = facts.filter((fact, index) => !isOverruled(row, fact, position + index));
      removed += facts.length - left.length;
      kept += left.length;
      if (left.length < facts.length) explained(file, () => rewrite({ ...database, connection }, row, left, row.sequence === end));
    }
    return { removed, kept };
  } finally {
    connection.close();
  }
}

/** Commits up to `end`, one at a time, others served in between. Positions count facts from the first commit on. */
async function* commitRows(scan: {
  readonly database: SqliteDatabase;
  readonly file: string;
  readonly end: number;
  readonly signal: AbortSignal;
}): AsyncGenerator<{ readonly row: Row; readonly facts: readonly CmdbFact[]; readonly position: number }> {
  const select = scan.database.connection.prepare('SELECT * FROM commits WHERE sequence > ? AND sequence <= ? ORDER BY sequence LIMIT 1');
  let position = 0;
  for (let after = 0; ; ) {
    scan.signal.throwIfAborted();
    const row = explained(scan.file, () => select.get(after, scan.end)) as unknown as Row | undefined;
    if (!row) return;
    const facts = unpackFacts(row.facts);
    yield { row, facts, position };
    // A commit that is compacted keeps its place in the count of this scan.
    position += facts.length;
    after = row.sequence;
    await nextTurn();
  }
}

/** The newest commit stays even when nothing is left of it: its number must not be given twice. */
function rewrite({ connection }: SqliteDatabase, { sequence }: Row, left: readonly CmdbFact[], isNewest: boolean): void {
  if (left.length === 0 && !isNewest) connection.prepare('DELETE FROM commits WHERE sequence = ?').run(sequence);
  else connection.prepare('UPDATE commits SET facts = ? WHERE sequence = ?').run(packJson(JSON.stringify(left)), sequence);
}
