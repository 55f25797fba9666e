import { expect, test } from 'vitest';
import { StatedRelations } from './stated-relations.ts';

test('a relation is new once for each of its ends and types', () => {
  const stated = new StatedRelations();
  const relation = { from: 'a', type: 'uses', to: 'b' } as const;
  expect(stated.add(relation)).toBe(true);
  expect(stated.add({ ...relation })).toBe(false);
  expect(stated.add({ ...relation, type: 'dependsOn' })).toBe(true);
  expect(stated.add({ ...relation, type: 'selects' })).toBe(true);
  for (const type of ['uses', 'dependsOn', 'selects'] as const) expect(stated.add({ ...relation, type })).toBe(false);
  expect(stated.add({ ...relation, to: 'a' })).toBe(true);
  expect(stated.add({ from: 'b', type: 'uses', to: 'a' })).toBe(true);
  expect(stated.add({ from: 'b', type: 'uses', to: 'a' })).toBe(false);
});
