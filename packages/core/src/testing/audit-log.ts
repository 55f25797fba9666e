import { describe, expect, test } from 'vitest';
import type { AuditEntry, AuditRecord } from '../audit/chain.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import { testContext } from './call-context.ts';

function entry(key: string): AuditEntry {
  return { key, at: '2026-01-01T00:00:00.000Z', actor: 'tier0', action: 'proposed', subject: 'inc-a', detail: { note: 'ä "\n' } };
}

async function all(log: AuditLog): Promise<readonly AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of log.read(testContext())) records.push(record);
  return records;
}

/** What every `AuditLog` must do. `make` returns an empty log; calling its `reopen` gives the same log as another process would have it. */
export function describeAuditLog(name: string, make: () => Promise<{ readonly log: AuditLog; readonly reopen: () => AuditLog }>): void {
  describe(`AuditLog contract: ${name}`, () => {
    test('an empty log is sound', async () => {
      const { log } = await make();
      expect(await log.verify(testContext())).toMatchObject({ sound: true, records: 0 });
      expect(await all(log)).toEqual([]);
    });

    test('records are chained, kept in order and found by another process', async () => {
      const { log, reopen } = await make();
      const first = await log.append(entry('a'), testContext());
      const second = await log.append(entry('b'), testContext());
      expect([first.sequence, second.sequence]).toEqual([1, 2]);
      expect(second.previous).toBe(first.hash);
      expect(await all(reopen())).toEqual([first, second]);
      expect(await reopen().verify(testContext())).toEqual({ sound: true, records: 2, head: second.hash });
    });

    test('the same key is remembered once, with its first words', async () => {
      const { log, reopen } = await make();
      const first = await log.append(entry('a'), testContext());
      expect(await log.append({ ...entry('a'), action: 'other' }, testContext())).toEqual(first);
      expect(await reopen().append(entry('a'), testContext())).toEqual(first);
      expect(await all(log)).toHaveLength(1);
    });

    test('many at once, from two sides, make one chain', async () => {
      const { log, reopen } = await make();
      const other = reopen();
      await Promise.all(Array.from({ length: 12 }, (_, index) => (index % 2 ? log : other).append(entry(`k${index}`), testContext())));
      expect(await log.verify(testContext())).toMatchObject({ sound: true, records: 12 });
    });
  });
}
