import { expect, test } from 'vitest';
import { ItemTable } from './item-table.ts';
import { TextTable } from './text-table.ts';
import { NONE } from './versions.ts';

test('a copy of a table that was nearly full links every key it adds, however much room each column had', () => {
  for (let held = 55; held <= 70; held++) {
    const texts = new TextTable();
    const table = new ItemTable();
    const add = (to: ItemTable, node: number, slice: number) => to.add({ node, slice, validFrom: 0, observedAt: 0 }, undefined, texts);
    for (let node = 0; node < held; node++) add(table, node, 0);
    const copy = table.fork();
    for (let node = 0; node < 20; node++) add(copy, node, 1);
    for (let node = 0; node < 20; node++) {
      const first = copy.keysFrom(node);
      expect([copy.slice[first], copy.slice[copy.nextKey[first] as number], copy.nextKey[copy.nextKey[first] as number]]).toEqual([
        1,
        0,
        NONE,
      ]);
    }
  }
});
