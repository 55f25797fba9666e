import type { AuditEntry, AuditRecord, AuditVerdict } from '../audit/chain.ts';
import type { Adapter, CallContext } from './adapter.ts';

/** Append-only, hash-chained memory of what was done, by whom and why. */
export interface AuditLog extends Adapter {
  /** Durable when the promise resolves. Appending the same `key` again returns the first record. */
  append(entry: AuditEntry, context: CallContext): Promise<AuditRecord>;
  /** Oldest first. Throws MALFORMED_RESPONSE at the first line that is not a record. */
  read(context: CallContext): AsyncIterable<AuditRecord>;
  /** Recomputes every hash. */
  verify(context: CallContext): Promise<AuditVerdict>;
}
