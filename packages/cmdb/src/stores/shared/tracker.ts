import { type Ticket, Tier0Error, type Tracker } from '@tier0/core';
import type { PostgresDatabase } from '../postgres-database.ts';

interface Row {
  readonly ticket: Ticket;
}

/** Tickets in PostgreSQL, for replicas without a tracker of their own: one for each key, whoever asks first. */
export function createPostgresTracker(database: PostgresDatabase): Tracker {
  const { schema } = database;
  const one = async (where: string, value: string, signal: AbortSignal) =>
    (await database.query<Row>(`SELECT ticket FROM ${schema}.tickets WHERE ${where}`, [value], signal))[0]?.ticket;
  return {
    name: 'postgres',
    async open(draft, { signal }) {
      for (;;) {
        const known = await one('key = $1', draft.key, signal);
        if (known) return known;
        // The number is taken and the ticket written in one statement: of two that ask at once, one is turned away and reads the other's.
        const [row] = await database.query<Row>(
          `INSERT INTO ${schema}.tickets
           SELECT next, $1, $2::jsonb || jsonb_build_object('id', 'T-' || next, 'url', 'tier0:postgres/T-' || next)
           FROM (SELECT 1 + coalesce(max(number), 0) AS next FROM ${schema}.tickets) AS numbers
           ON CONFLICT DO NOTHING RETURNING ticket`,
          [draft.key, JSON.stringify({ ...draft, status: 'open' })],
          signal,
        );
        if (row) return row.ticket;
      }
    },
    async update(id, { comment, status }, { signal }) {
      const change = { ...(status === undefined ? {} : { status }) };
      const comments = comment === undefined ? [] : [comment];
      const [row] = await database.query<Row>(
        `UPDATE ${schema}.tickets SET ticket = ticket || $2::jsonb || jsonb_build_object('comments', coalesce(ticket->'comments', '[]'::jsonb) || $3::jsonb)
         WHERE ticket->>'id' = $1 RETURNING ticket - 'comments' AS ticket`,
        [id, JSON.stringify(change), JSON.stringify(comments)],
        signal,
      );
      if (row) return row.ticket;
      throw new Tier0Error({ code: 'NOT_FOUND', message: `There is no ticket "${id}".`, hint: 'Find it by its key, or open it first.' });
    },
    find: (key, { signal }) => one('key = $1', key, signal),
    async list({ signal }) {
      const rows = await database.query<Row>(`SELECT ticket - 'comments' AS ticket FROM ${schema}.tickets ORDER BY number`, [], signal);
      return rows.map(({ ticket }) => ticket);
    },
  };
}
