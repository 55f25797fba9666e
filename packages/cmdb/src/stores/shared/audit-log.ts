import { type AuditLog, type AuditRecord, AuditRecordSchema, chainRecord, type Lease, Tier0Error, verifyChain } from '@tier0/core';
import type { PostgresDatabase } from '../postgres-database.ts';
import { describeLost, isHeld } from './leases.ts';

interface Row {
  readonly record: unknown;
}

/**
 * The audit chain in PostgreSQL: any number of replicas append to one chain, one after the other. With a lease, only while it is held.
 * It shows what was changed by accident or behind the program's back; whoever may rewrite the whole table may rewrite the whole chain.
 */
export function createPostgresAuditLog(database: PostgresDatabase, lease?: Lease): AuditLog {
  const { schema } = database;
  const readAll = async (signal: AbortSignal) => {
    const rows = await database.query<Row>(`SELECT record FROM ${schema}.audit_records ORDER BY sequence`, [], signal);
    return rows.map(({ record }, index) => parse(record, index + 1));
  };
  return {
    name: 'postgres',
    append: (entry, { signal }) =>
      database.session(async (query) => {
        signal.throwIfAborted();
        await query('BEGIN');
        try {
          await query("SELECT pg_advisory_xact_lock(hashtext('tier0 audit'), hashtext($1))", [schema]);
          const [known] = await query<{ record: unknown }>(`SELECT record FROM ${schema}.audit_records WHERE key = $1`, [entry.key]);
          if (known) {
            await query('COMMIT');
            return parse(known.record, 0);
          }
          const held =
            lease === undefined
              ? [{}]
              : await query(`SELECT 1 WHERE ${isHeld(schema, { name: '$1', token: '$2' })}`, [lease.name, lease.token]);
          if (lease !== undefined && held.length === 0) throw new Tier0Error(describeLost(lease));
          const [last] = await query<{ record: unknown }>(`SELECT record FROM ${schema}.audit_records ORDER BY sequence DESC LIMIT 1`);
          const record = chainRecord(entry, last && parse(last.record, 0));
          await query(`INSERT INTO ${schema}.audit_records VALUES ($1, $2, $3)`, [record.sequence, record.key, JSON.stringify(record)]);
          await query('COMMIT');
          return record;
        } catch (error) {
          await query('ROLLBACK').catch(() => undefined);
          throw error;
        }
      }),
    async *read({ signal }) {
      yield* await readAll(signal);
    },
    verify: async ({ signal }) => verifyChain(await readAll(signal)),
  };
}

function parse(value: unknown, position: number): AuditRecord {
  const parsed = AuditRecordSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `Record ${position || ''} of the audit chain is damaged.`,
    hint: 'The table was edited: compare it with a backup.',
  });
}
