import type { AlertStore, AuditLog, IncidentRecord, Lease, LeaseStore, Tracker } from '@tier0/core';
import { createPostgresDatabase, type PostgresOptions } from '../postgres-database.ts';
import { createPostgresAlertStore } from './alerts.ts';
import { createPostgresAuditLog } from './audit-log.ts';
import { createPostgresIncidentRecord, type PostgresIncidentRecord } from './incidents.ts';
import { createPostgresLeases } from './leases.ts';
import { createPostgresTracker } from './tracker.ts';

/** What replicas of tier0 share: who carries what, how far each incident has come, what was done, what was reported, and the tickets. */
export interface PostgresDutyStore {
  readonly leases: LeaseStore;
  /** Reads everything; writes without a lease, as only a single process may. */
  readonly record: PostgresIncidentRecord;
  readonly audit: AuditLog;
  readonly tracker: Tracker;
  /** What other systems reported, whichever replica they told. */
  readonly alerts: AlertStore;
  /** The record and the audit chain as the holder of a lease writes them: once it is lost, every write is refused. */
  under(lease: Lease): { readonly record: IncidentRecord; readonly audit: AuditLog };
  /** Ends the connections. */
  close(): Promise<void>;
}

/** Opens the shared store in a PostgreSQL schema; the same schema may hold the CMDB. Connects on first use. */
export function createPostgresDutyStore(options: PostgresOptions): PostgresDutyStore {
  const database = createPostgresDatabase(options);
  return {
    leases: createPostgresLeases(database),
    record: createPostgresIncidentRecord(database),
    audit: createPostgresAuditLog(database),
    tracker: createPostgresTracker(database),
    alerts: createPostgresAlertStore(database),
    under: (lease) => ({ record: createPostgresIncidentRecord(database, lease), audit: createPostgresAuditLog(database, lease) }),
    close: () => database.close(),
  };
}
