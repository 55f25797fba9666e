import { describe, expect, test } from 'vitest';
import { BlastRadiusSchema } from '../model/blast-radius.ts';
import type { Relation } from '../model/relation.ts';
import type { CmdbReader } from '../ports/cmdb-reader.ts';

/** The contract of every CMDB reader. `make` gives a reader over at least two related items, one kind of them read completely. */
export function describeCmdbReader(name: string, make: () => CmdbReader | Promise<CmdbReader>): void {
  describe(`${name} is a CMDB reader`, () => {
    test('every listed item can be found, and an id that nobody can speak about is unknown, not absent', async () => {
      const reader = await make();
      const { items } = reader.items({});
      expect(items.length).toBeGreaterThan(1);
      for (const item of items) expect(reader.get(item.id).state).toBe('found');
      expect(reader.get('no-such-scheme:x/y').state).toBe('unknown');
    });

    test('each relation can be read from both of its ends', async () => {
      const reader = await make();
      const relations = reader.items({}).items.flatMap((item) => reader.relations(item.id, 'out'));
      expect(relations.length).toBeGreaterThan(0);
      const key = (relation: Relation) => `${relation.from} ${relation.type} ${relation.to}`;
      for (const relation of relations) expect(reader.relations(relation.to, 'in', relation.type).map(key)).toContain(key(relation));
    });

    test('the blast radius is nearest first, and each path leads from the subject to the item', async () => {
      const reader = await make();
      for (const { id } of reader.items({}).items) {
        const radius = BlastRadiusSchema.parse(reader.impact(id));
        const distances = radius.items.map((item) => item.distance);
        expect(distances).toEqual([...distances].sort((a, b) => a - b));
        for (const item of radius.items)
          expect([item.path[0], item.path.at(-1), item.path.length]).toEqual([id, item.item, item.distance + 1]);
      }
    });

    test('the closure holds what the blast radius lists, and the way back leads to the subject', async () => {
      const reader = await make();
      for (const { id } of reader.items({}).items) {
        const reach = reader.reach(id);
        const ids = [...reach.ids()];
        expect([...ids].sort()).toEqual(
          reader
            .impact(id, { limit: 1_000_000, hops: 1_000_000 })
            .items.map((item) => item.item)
            .sort(),
        );
        expect(reach.size).toBe(ids.length);
        for (const reached of ids.slice(0, 20)) expect(reader.reach(reached, { direction: 'upstream' }).has(id)).toBe(true);
      }
    });

    test('a walk that was stopped or hit its limit says so', async () => {
      const reader = await make();
      const wide = reader.items({}).items.find(({ id }) => reader.reach(id).size > 1);
      if (!wide) throw new Error('The contract needs an item that reaches two others.');
      expect(reader.impact(wide.id, { limit: 1 })).toMatchObject({ items: [{}], truncated: true });
      expect(reader.reach(wide.id, { limit: 1 })).toMatchObject({ size: 1, truncated: true });
      expect(reader.impact(wide.id, { stop: () => true }).truncated).toBe(true);
      expect(reader.reach(wide.id, { stop: () => true }).truncated).toBe(true);
    });

    test('each item says which slices state it, since when, and how fresh that is', async () => {
      const reader = await make();
      for (const item of reader.items({}).items) {
        const facts = reader.facts(item.id);
        expect(facts.length).toBeGreaterThan(0);
        for (const fact of facts) {
          expect(fact.item.id).toBe(item.id);
          for (const instant of [fact.validFrom, fact.recordedAt, fact.observedAt]) expect(new Date(instant).toISOString()).toBe(instant);
        }
      }
      expect(reader.slices().length).toBeGreaterThan(0);
      expect(reader.facts('no-such-scheme:x/y')).toEqual([]);
    });

    test('a moment that is not an instant is INVALID_INPUT', async () => {
      const reader = await make();
      expect(() => reader.asOf('yesterday')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
      expect(reader.asOf('1970-01-01T00:00:00.000Z').items({}).items).toEqual([]);
    });

    test('asking twice gives the same answer', async () => {
      const reader = await make();
      expect(reader.items({})).toEqual(reader.items({}));
      expect(reader.diff(reader)).toEqual({ added: [], removed: [], changed: [], relations: { added: [], removed: [] } });
    });

    test('a query it cannot read is INVALID_INPUT', async () => {
      const reader = await make();
      expect(() => reader.query('nonsense:value')).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    });
  });
}
