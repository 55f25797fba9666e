import { expect, test } from 'vitest';
import { seededRandom } from '../../testing/fact-maker.ts';
import { RelationTable } from './relation-table.ts';
import { SparseColumn } from './sparse-column.ts';
import { NONE, Versions } from './versions.ts';

test('a sparse column holds what was set and the usual value elsewhere, across pages, copies and snapshots', () => {
  const random = seededRandom(5);
  const column = new SparseColumn(NONE);
  const set = new Map<number, number>();
  for (let count = 0; count < 300; count++) {
    const row = Math.floor(random() ** 2 * 40_000);
    const value = random() < 0.2 ? NONE : Math.floor(random() * 1000);
    column.set(row, value);
    set.set(row, value);
  }
  const reopened = SparseColumn.from(NONE, column.blocks());
  const fork = column.fork();
  fork.set(0, 4711);
  for (let row = 0; row < 41_000; row++) {
    const expected = set.get(row) ?? NONE;
    expect([column.get(row), reopened.get(row)]).toEqual([expected, expected]);
    expect(fork.get(row)).toBe(row === 0 ? 4711 : expected);
  }
});

test('instants before 1970 and after 2106 are kept exactly and order versions like any other', () => {
  const instants = ['1969-12-31T23:59:59.999Z', '0001-01-01T00:00:00.000Z', '2106-02-07T06:28:15.001Z', '9999-12-31T23:59:59.999Z'];
  const sorted = [...instants, '2026-11-22T12:00:00.123Z'].map((text) => Date.parse(text)).sort((a, b) => a - b);
  const versions = new Versions();
  for (const at of [2, 0, 4, 1, 3]) versions.add(0, sorted[at] as number, at % 2 === 0, at === 2);
  for (const one of [versions, versions.fork(), Versions.from(versions.blocks(1))]) {
    for (const [at, instant] of sorted.entries()) {
      const row = one.winner(0, instant, one.size);
      expect(one.validFrom(row)).toBe(instant);
      expect(one.isAlive(row)).toBe(at % 2 === 0);
      expect(one.winner(0, instant - 1, one.size) === NONE ? undefined : one.validFrom(one.winner(0, instant - 1, one.size))).toBe(
        sorted[at - 1],
      );
    }
  }
});

test('relations keep what they state when there are more different statements than two bytes can number', () => {
  const table = new RelationTable();
  const count = 70_000;
  for (let at = 0; at < count; at++) {
    const key = table.addKey({ from: at, type: 0, to: at + 1, slice: 0 });
    const stated = { from: '', to: '', type: 'dependsOn' as const, confidence: 1, properties: { port: String(at) }, source: 'a' };
    table.add({ key, validFrom: 0, isNewKey: true }, { relation: stated, source: 'a' });
  }
  for (const one of [table, RelationTable.from(table.blocks())]) {
    for (const row of [0, 1, 65_535, 65_536, count - 1]) expect(one.statement(row, 'a').properties).toEqual({ port: String(row) });
  }
});
