import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { createCmdb } from '../graph/cmdb.ts';
import { makeYear } from '../testing/made-year.ts';

test('in a year of changes the planted culprit comes first, and every owner is the one of that day', async () => {
  const year = makeYear({ services: 120, seed: 7, incidents: 200 });
  const cmdb = createCmdb({ sources: [] });
  for (const { at, facts } of year.commits) await cmdb.record(facts, testContext(at));
  const reader = cmdb.reader();
  const first = year.incidents.filter(({ item, at, culprit }) => {
    const [nearest] = reader.asOf(at).whatChanged(item, { windowMs: 3_600_000, hops: 3 });
    return nearest?.change.id === culprit;
  });
  const owners = year.owners.filter(({ item, at, team }) => reader.asOf(at).owner(item)?.team === team);
  expect(first.length / year.incidents.length).toBeGreaterThanOrEqual(0.9);
  expect(owners.length / year.owners.length).toBeGreaterThanOrEqual(0.99);
  // Owners did change hands in that year, so that today's answer would be wrong for many.
  const today = year.owners.filter(({ item, team }) => reader.owner(item)?.team === team);
  expect(today.length).toBeLessThan(owners.length);
});
