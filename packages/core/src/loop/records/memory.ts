import type { CallContext } from '../../ports/adapter.ts';
import type { IncidentRecord } from '../../ports/incident-record.ts';
import type { IncidentEntry } from '../incident-entry.ts';
import { requireNextSequence } from './next-sequence.ts';

/** Incident record that lives as long as the process: the reference adapter. */
export function createMemoryIncidentRecord(): IncidentRecord {
  const incidents = new Map<string, IncidentEntry[]>();
  return {
    name: 'memory',
    async append(entry: IncidentEntry, _context: CallContext) {
      const entries = incidents.get(entry.incident) ?? [];
      requireNextSequence(entry, entries);
      incidents.set(entry.incident, [...entries, entry]);
    },
    async read(incident: string) {
      return incidents.get(incident) ?? [];
    },
    async list() {
      return [...incidents.keys()];
    },
  };
}
