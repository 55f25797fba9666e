import { type CmdbFact, type CompactReport, factKey, MAX_FACTS_PER_COMMIT, sha256, Tier0Error } from '@tier0/core';
import { packJson, unpackFacts } from './packed-facts.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import type { Query } from './postgres-schema.ts';

export interface PostgresCompaction {
  readonly database: PostgresDatabase;
  readonly beforeMs: number;
  readonly signal: AbortSignal;
}

interface Commit {
  readonly sequence: number;
  readonly recordedMs: number;
  readonly facts: readonly CmdbFact[];
}

/** Newest valid time among past facts of a key, and where the fact stands: commits in order, facts in order within them. */
interface Winner {
  readonly validMs: number;
  readonly position: number;
}

/**
 * Gives up overruled facts, commit by commit, each in a transaction of its own: writers go on meanwhile, and being cut off in between
 * leaves a record that is compacted in part and complete. The winners are kept on the server, in a table of this session.
 */
export function compactPostgres({ database, beforeMs, signal }: PostgresCompaction): Promise<CompactReport> {
  const { schema } = database;
  return database.session(async (query) => {
    await claim(query, schema);
    await query('CREATE TEMP TABLE winner (key text PRIMARY KEY, valid_ms bigint NOT NULL, position bigint NOT NULL)');
    const [head] = await query<{ sequence: string }>(`SELECT sequence FROM ${schema}.head`);
    const scan = { query, schema, end: Number(head?.sequence ?? 0), signal };
    const isPast = (commit: Commit, fact: CmdbFact) => commit.recordedMs < beforeMs && Date.parse(fact.validFrom) < beforeMs;

    for await (const commit of commitsOf(scan)) await offer(query, winnersIn(commit, isPast));
    let removed = 0;
    let kept = 0;
    for await (const commit of commitsOf(scan)) {
      const winners = await winnersFor(query, commit.facts);
      const left = commit.facts.filter((fact, index) => {
        if (fact.type === 'change-observed') return !isPast(commit, fact);
        const best = winners.get(keyOf(fact));
        return best === undefined || !isLater(best, { validMs: Date.parse(fact.validFrom), position: positionOf(commit, index) });
      });
      removed += commit.facts.length - left.length;
      kept += left.length;
      if (left.length < commit.facts.length) await rewrite(query, schema, { ...commit, facts: left });
    }
    return { removed, kept };
  });
}

/** The lock ends with the session. */
async function claim(query: Query, schema: string): Promise<void> {
  const [row] = await query<{ mine: boolean }>("SELECT pg_try_advisory_lock(hashtext('tier0 compact'), hashtext($1)) AS mine", [schema]);
  if (row?.mine) return;
  throw new Tier0Error({
    code: 'CONFLICT',
    message: 'Another process compacts the record.',
    hint: 'Wait until it is done. Nothing was changed by this call.',
  });
}

async function* commitsOf(scan: {
  readonly query: Query;
  readonly schema: string;
  readonly end: number;
  readonly signal: AbortSignal;
}): AsyncGenerator<Commit> {
  const sql = `SELECT sequence, recorded_ms, facts, packed FROM ${scan.schema}.commits WHERE sequence > $1 AND sequence <= $2 ORDER BY sequence LIMIT 1`;
  for (let after = 0; ; ) {
    scan.signal.throwIfAborted();
    type Row = {
      readonly sequence: string;
      readonly recorded_ms: string;
      readonly facts: string | null;
      readonly packed: Uint8Array | null;
    };
    const [row] = await scan.query<Row>(sql, [after, scan.end]);
    if (!row) return;
    after = Number(row.sequence);
    yield { sequence: after, recordedMs: Number(row.recorded_ms), facts: unpackFacts(row.facts ?? row.packed ?? '[]') };
  }
}

/** By digest: a key may be longer than an index entry. */
function keyOf(fact: CmdbFact): string {
  return sha256(factKey(fact));
}

function positionOf({ sequence }: Commit, index: number): number {
  return sequence * MAX_FACTS_PER_COMMIT + index;
}

function isLater(a: Winner, b: Winner): boolean {
  return a.validMs > b.validMs || (a.validMs === b.validMs && a.position > b.position);
}

function winnersIn(commit: Commit, isPast: (commit: Commit, fact: CmdbFact) => boolean): ReadonlyMap<string, Winner> {
  const winners = new Map<string, Winner>();
  for (const [index, fact] of commit.facts.entries()) {
    const offered = { validMs: Date.parse(fact.validFrom), position: positionOf(commit, index) };
    const best = winners.get(keyOf(fact));
    if (isPast(commit, fact) && (!best || isLater(offered, best))) winners.set(keyOf(fact), offered);
  }
  return winners;
}

async function offer(query: Query, winners: ReadonlyMap<string, Winner>): Promise<void> {
  if (winners.size === 0) return;
  const values = [...winners.values()];
  await query(
    `INSERT INTO winner SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[])
     ON CONFLICT (key) DO UPDATE SET valid_ms = excluded.valid_ms, position = excluded.position WHERE excluded.valid_ms >= winner.valid_ms`,
    [[...winners.keys()], values.map(({ validMs }) => validMs), values.map(({ position }) => position)],
  );
}

async function winnersFor(query: Query, facts: readonly CmdbFact[]): Promise<ReadonlyMap<string, Winner>> {
  const sql = 'SELECT key, valid_ms, position FROM winner WHERE key = ANY($1::text[])';
  const rows = await query<{ key: string; valid_ms: string; position: string }>(sql, [facts.map(keyOf)]);
  return new Map(rows.map(({ key, valid_ms, position }) => [key, { validMs: Number(valid_ms), position: Number(position) }]));
}

/** A commit of which nothing is left goes: its number lives on in the head. */
async function rewrite(query: Query, schema: string, { sequence, facts }: Commit): Promise<void> {
  if (facts.length === 0) {
    await query(`DELETE FROM ${schema}.commits WHERE sequence = $1`, [sequence]);
    return;
  }
  const stored = packJson(JSON.stringify(facts));
  const columns = typeof stored === 'string' ? [stored, null] : [null, Buffer.from(stored)];
  await query(`UPDATE ${schema}.commits SET facts = $2, packed = $3 WHERE sequence = $1`, [sequence, ...columns]);
}
