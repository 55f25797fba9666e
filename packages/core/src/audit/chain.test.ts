import { describe, expect, test } from 'vitest';
import { type AuditRecord, chainRecord, verifyChain } from './chain.ts';

function chain(length: number): readonly AuditRecord[] {
  const records: AuditRecord[] = [];
  for (let index = 0; index < length; index++) {
    const entry = { key: `k${index}`, at: '2026-01-01T00:00:00.000Z', actor: 'a', action: 'did', subject: 's', detail: { index } };
    records.push(chainRecord(entry, records.at(-1)));
  }
  return records;
}

describe('audit chain', () => {
  const records = chain(5);
  test('an untouched chain is sound, also an empty one', () => {
    expect(verifyChain(records)).toMatchObject({ sound: true, records: 5 });
    expect(verifyChain([])).toMatchObject({ sound: true, records: 0 });
  });
  test('an edited record is found', () => {
    const edited = records.map((record, index) => (index === 2 ? { ...record, actor: 'mallory' } : record));
    expect(verifyChain(edited)).toMatchObject({ sound: false, sequence: 3 });
  });
  test('a dropped record is found', () => {
    expect(verifyChain(records.filter((_, index) => index !== 1))).toMatchObject({ sound: false, sequence: 3 });
  });
  test('reordered records are found', () => {
    expect(verifyChain([records[0]!, records[2]!, records[1]!, records[3]!])).toMatchObject({ sound: false });
  });
  test('a record rewritten together with its own hash breaks the next link', () => {
    const forged = chainRecord({ ...records[1]!, actor: 'mallory' }, records[0]);
    const { sequence, previous, hash, ...rest } = forged;
    expect(sequence && previous && hash && rest).toBeTruthy();
    expect(verifyChain([records[0]!, forged, ...records.slice(2)])).toMatchObject({ sound: false });
  });
  test('a cut end is found by a checkpoint', () => {
    expect(verifyChain(records.slice(0, 3))).toMatchObject({ sound: true });
    expect(verifyChain(records.slice(0, 3), records[4]!.hash)).toMatchObject({ sound: false, reason: expect.stringContaining('cut off') });
  });
});
