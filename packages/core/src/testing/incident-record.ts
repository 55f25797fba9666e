import { describe, expect, test } from 'vitest';
import type { IncidentEntry } from '../loop/incident-entry.ts';
import type { IncidentRecord } from '../ports/incident-record.ts';
import { testContext } from './call-context.ts';

function started(incident: string, sequence: number): IncidentEntry {
  return { incident, sequence, at: `2026-01-01T00:00:${String(sequence).padStart(2, '0')}.000Z`, phase: 'started', step: 'open' };
}

/** What every `IncidentRecord` must do. `make` returns an empty record. */
export function describeIncidentRecord(name: string, make: () => Promise<IncidentRecord>): void {
  describe(`IncidentRecord contract: ${name}`, () => {
    test('gives entries back in the order they were appended', async () => {
      const record = await make();
      await record.append(started('inc-a', 1), testContext());
      await record.append(started('inc-a', 2), testContext());
      expect(await record.read('inc-a', testContext())).toEqual([started('inc-a', 1), started('inc-a', 2)]);
    });

    test('an unknown incident has no entries', async () => {
      expect(await (await make()).read('inc-none', testContext())).toEqual([]);
    });

    test('refuses an entry that is not the next one, so two loops cannot interleave', async () => {
      const record = await make();
      await record.append(started('inc-a', 1), testContext());
      await expect(record.append(started('inc-a', 1), testContext())).rejects.toMatchObject({ code: 'CONFLICT' });
      await expect(record.append(started('inc-a', 3), testContext())).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await record.read('inc-a', testContext())).toHaveLength(1);
    });

    test('keeps incidents apart and lists them', async () => {
      const record = await make();
      await record.append(started('inc-a', 1), testContext());
      await record.append(started('inc-b', 1), testContext());
      expect(await record.list(testContext())).toEqual(['inc-a', 'inc-b']);
    });
  });
}
