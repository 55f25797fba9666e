import { type Alert, type AlertStore, FORGET_ALERT_MS, MAX_KNOWN_ALERTS } from '@tier0/core';
import type { PostgresDatabase } from '../postgres-database.ts';

interface Row {
  readonly alert: Alert;
  readonly seen_ms: string;
}

/** What other systems reported, in PostgreSQL: whichever replica was told, all of them know. */
export function createPostgresAlertStore(database: PostgresDatabase): AlertStore {
  const { schema } = database;
  return {
    name: 'postgres',
    async take(cluster, alerts, { now, signal }) {
      if (alerts.length === 0) return;
      const nowMs = now();
      await database.query(`DELETE FROM ${schema}.alerts WHERE seen_ms < $1`, [nowMs - FORGET_ALERT_MS], signal);
      // Of one fingerprint a statement may take one row only: the occurrence that began last, of equal ones what was said last.
      await database.query(
        `INSERT INTO ${schema}.alerts (cluster, fingerprint, starts_ms, seen_ms, alert)
         SELECT DISTINCT ON (fingerprint) $1, fingerprint, starts_ms, $2, alert
         FROM (SELECT alert, alert->>'fingerprint' AS fingerprint, place,
                 floor(extract(epoch FROM (alert->>'startsAt')::timestamptz) * 1000)::bigint AS starts_ms
               FROM jsonb_array_elements($3::jsonb) WITH ORDINALITY AS news (alert, place)) AS parsed
         WHERE (SELECT count(*) FROM ${schema}.alerts WHERE cluster = $1) < $4
           OR EXISTS (SELECT 1 FROM ${schema}.alerts known WHERE known.cluster = $1 AND known.fingerprint = parsed.fingerprint)
         ORDER BY fingerprint, starts_ms DESC, place DESC
         ON CONFLICT (cluster, fingerprint) DO UPDATE
           SET starts_ms = excluded.starts_ms, seen_ms = excluded.seen_ms, alert = excluded.alert
           WHERE excluded.starts_ms >= alerts.starts_ms`,
        [cluster, nowMs, JSON.stringify(alerts), MAX_KNOWN_ALERTS],
        signal,
      );
    },
    async read(cluster, { now, signal }) {
      const rows = await database.query<Row>(
        `SELECT alert, seen_ms FROM ${schema}.alerts WHERE cluster = $1 AND seen_ms >= $2 ORDER BY fingerprint COLLATE "C"`,
        [cluster, now() - FORGET_ALERT_MS],
        signal,
      );
      return rows.map(({ alert, seen_ms }) => ({ alert, seenMs: Number(seen_ms) }));
    },
  };
}
