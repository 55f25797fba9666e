import type { IncidentEntry } from '../loop/incident-entry.ts';
import type { Adapter, CallContext } from './adapter.ts';

/** Append-only memory of incidents; the state of an incident is a fold over its entries. */
export interface IncidentRecord extends Adapter {
  /** Durable when the promise resolves. Throws CONFLICT when `entry.sequence` is not the next one of its incident. */
  append(entry: IncidentEntry, context: CallContext): Promise<void>;
  /** Entries of one incident, oldest first; empty when unknown. */
  read(incident: string, context: CallContext): Promise<readonly IncidentEntry[]>;
  /** Ids of all incidents, oldest first. */
  list(context: CallContext): Promise<readonly string[]>;
}
