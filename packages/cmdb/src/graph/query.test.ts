import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { makeYear } from '../testing/made-year.ts';
import { createCmdb } from './cmdb.ts';

async function yearReader() {
  const year = makeYear({ services: 30, seed: 3, incidents: 5 });
  const cmdb = createCmdb({ sources: [] });
  for (const { at, facts } of year.commits) await cmdb.record(facts, testContext(at));
  return { year, reader: cmdb.reader() };
}

test('a query asks for owners, relations both ways and recent changes, as the typed questions answer', async () => {
  const { reader } = await yearReader();
  const items = reader.items({ kind: 'Deployment' }).items;
  const ids = (text: string) => reader.query(`kind:Deployment ${text}`).map(({ id }) => id);
  const team = reader.owner(items[0]?.id ?? '')?.team ?? '';
  const owned = items.filter(({ id }) => reader.owner(id)?.team === team).map(({ id }) => id);
  expect(ids(`owner:${team.split('/')[1]}`)).toEqual(owned);
  expect(ids(`owner:${team}`)).toEqual(owned);
  const [edge] = items.flatMap(({ id }) => reader.relations(id, 'out', 'dependsOn'));
  expect(ids(`relation:dependsOn=${edge?.to}`)).toContain(edge?.from);
  expect(ids(`relation:dependencyOf=${edge?.from.split('/').at(-1)}`)).toContain(edge?.to);
  const recent = items.filter(({ id }) => reader.whatChanged(id, { windowMs: 7 * 86_400_000, hops: 0 }).length > 0).map(({ id }) => id);
  expect(ids('changed-since:7d')).toEqual(recent);
  expect(recent.length).toBeLessThan(items.length);
  expect(ids(`changed-since:${new Date(Date.parse(reader.at) - 7 * 86_400_000).toISOString()}`)).toEqual(recent);
});

test.each(['relation:likes', 'changed-since:yesterday', 'owner:', 'colour:red'])('%s is refused with what can be written', async (text) => {
  const { reader } = await yearReader();
  expect(() => reader.query(text)).toThrow(
    expect.objectContaining({ code: 'INVALID_INPUT', hint: expect.stringContaining('changed-since:24h') }),
  );
});
