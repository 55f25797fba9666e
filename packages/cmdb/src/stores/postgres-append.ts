import { randomUUID } from 'node:crypto';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { type CommitReceipt, Tier0Error, toTimestamp } from '@tier0/core';
import { assertExpected } from './append-rules.ts';
import { packJson } from './packed-facts.ts';
import type { PostgresDatabase } from './postgres-database.ts';
import { AnswerLost, sqlState } from './postgres-errors.ts';

/** One append that waits for its turn. */
export interface PendingAppend {
  readonly json: string;
  readonly nowMs: number;
  readonly expectSequence: number | undefined;
  readonly signal: AbortSignal;
  readonly resolve: (receipt: CommitReceipt) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes appends of this process in groups, one transaction each. */
export interface GroupWriter {
  add(append: PendingAppend): void;
  /** Resolves when nothing waits any more. */
  drain(): Promise<void>;
}

/** Commits and bytes of JSON in one transaction at most. */
const GROUP_COMMITS = 512;
const GROUP_BYTES = 8 * 2 ** 20;
const RETRIES = 20;
/** How long is waited for a server that comes back, to ask what became of a commit. */
const LOOK_UP_MS = [0, 100, 300, 600, 1000];

interface HeadRow {
  readonly sequence: string;
  readonly recorded_ms: string;
}

/** While one group is being written the next one gathers, so the busier the server, the larger the groups. */
export function createGroupWriter(database: PostgresDatabase, onWritten: (sequence: number) => void): GroupWriter {
  let pending: PendingAppend[] = [];
  let running: Promise<void> | undefined;
  let known = 0;

  const write = async (group: readonly PendingAppend[]) => {
    const token = randomUUID();
    const head = await append(database, group, token).catch((error: unknown) => {
      if (error instanceof AnswerLost) return lookUp(database, { token, after: known, count: group.length }, error);
      throw error;
    });
    if (!head) return refuse(group);
    known = Number(head.sequence);
    const recordedAt = toTimestamp(Number(head.recorded_ms));
    for (const [index, { resolve }] of group.entries()) resolve({ sequence: known - group.length + 1 + index, recordedAt });
    onWritten(known);
  };
  /** The first of a group expected another sequence; the others did not ask. */
  const refuse = async ([first, ...others]: readonly PendingAppend[]) => {
    pending.unshift(...others);
    try {
      assertExpected(await newestSequence(database), first);
      if (first) pending.unshift(first);
    } catch (error) {
      first?.reject(error);
    }
  };
  const run = async () => {
    await nextTurn();
    while (pending.length > 0) {
      const { group, left } = nextGroup(pending);
      pending = left;
      try {
        if (group.length > 0) await write(group);
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    running = undefined;
  };
  return {
    add(append) {
      pending.push(append);
      running ??= run();
    },
    async drain() {
      while (running) await running;
    },
  };
}

/** A group ends before an append that expects a sequence: the expectation is checked against the head, as a part of the statement. */
function nextGroup(pending: readonly PendingAppend[]): { readonly group: readonly PendingAppend[]; readonly left: PendingAppend[] } {
  const group: PendingAppend[] = [];
  let bytes = 0;
  for (const [index, append] of pending.entries()) {
    if (append.signal.aborted) {
      append.reject(append.signal.reason);
      continue;
    }
    const isFull = group.length >= GROUP_COMMITS || bytes + append.json.length > GROUP_BYTES || append.expectSequence !== undefined;
    if (group.length > 0 && isFull) return { group, left: pending.slice(index) };
    group.push(append);
    bytes += append.json.length;
  }
  return { group, left: [] };
}

/**
 * One statement, one transaction, one round trip: lock the head and move it, insert the commits, wake who listens. What the session says
 * about `synchronous_commit` does not count, unless it is stricter. Gives nothing where the first of the group expected another sequence.
 */
async function append(database: PostgresDatabase, group: readonly PendingAppend[], token: string): Promise<HeadRow | undefined> {
  const { schema, channel } = database;
  const stored = group.map(({ json }) => packJson(json));
  const sql = `WITH moved AS (
      UPDATE ${schema}.head SET sequence = head.sequence + $1::int, recorded_ms = greatest(head.recorded_ms, $2::bigint)
      WHERE $3::bigint IS NULL OR head.sequence = $3 RETURNING sequence, recorded_ms
    ), written AS (
      INSERT INTO ${schema}.commits (sequence, recorded_ms, token, facts, packed)
      SELECT moved.sequence - $1 + given.place, moved.recorded_ms, $4::uuid, given.facts, given.packed
      FROM moved, unnest($5::text[], $6::bytea[]) WITH ORDINALITY AS given (facts, packed, place)
    )
    SELECT sequence, recorded_ms, pg_notify('${channel}', sequence::text), set_config('synchronous_commit',
      CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, true) FROM moved`;
  const values = [
    group.length,
    Math.max(...group.map(({ nowMs }) => Math.floor(nowMs))),
    group[0]?.expectSequence ?? null,
    token,
    stored.map((facts) => (typeof facts === 'string' ? facts : null)),
    stored.map((facts) => (typeof facts === 'string' ? null : Buffer.from(facts))),
  ];
  for (let attempt = 1; ; attempt++) {
    try {
      return (await database.query<HeadRow>(sql, values))[0];
    } catch (error) {
      // Only where the server isolates more strictly than "read committed"; it undid everything.
      if (sqlState(error) !== '40001' || attempt === RETRIES) throw error;
    }
  }
}

/** Asks the record whether a group whose answer was lost is in it. Waits for a transaction that may still be under way. */
async function lookUp(
  database: PostgresDatabase,
  lost: { readonly token: string; readonly after: number; readonly count: number },
  error: AnswerLost,
): Promise<HeadRow> {
  const { schema } = database;
  const find = () =>
    database.session(async (query) => {
      await query('BEGIN ISOLATION LEVEL READ COMMITTED');
      await query(`SELECT sequence FROM ${schema}.head FOR UPDATE`);
      const select = `SELECT sequence, recorded_ms FROM ${schema}.commits WHERE sequence > $1 AND token = $2 ORDER BY sequence`;
      return query<HeadRow>(select, [lost.after, lost.token]);
    });
  for (const waitMs of LOOK_UP_MS) {
    await delay(waitMs);
    const found = await find().catch(() => undefined);
    const last = found?.at(-1);
    if (last && found?.length === lost.count) return last;
    if (found) throw unanswered(error, 'The commit was not found in the record.');
  }
  throw unanswered(error, 'Whether the commit is recorded could not be asked.');
}

function unanswered({ message, cause }: AnswerLost, finding: string): Tier0Error {
  return new Tier0Error({
    code: 'UNAVAILABLE',
    message: `${message} ${finding}`,
    hint: 'Check that the server runs and write again: a fact that was recorded twice says the same. What was acknowledged before is recorded.',
    cause,
  });
}

/** Sequence of the newest commit. */
export async function newestSequence(database: PostgresDatabase, signal?: AbortSignal): Promise<number> {
  const [row] = await database.query<HeadRow>(`SELECT sequence, recorded_ms FROM ${database.schema}.head`, [], signal);
  return Number(row?.sequence ?? 0);
}
