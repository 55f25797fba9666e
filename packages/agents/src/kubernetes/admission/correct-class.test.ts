import { expect, test } from 'vitest';
import { examineCluster } from '../../diagnosis/examine.ts';
import { madeCluster, minutesAgo, object, ownedBy, type Part, web } from '../../fixtures/made-cluster.ts';
import { remediesFor } from '../../remedy/choose.ts';
import { MATTERS } from '../matters.ts';

const wide = (kind: string, name: string) => {
  const { metadata, ...rest } = object(kind, name, { value: 100 }) as { readonly metadata: Part };
  return { ...rest, metadata: { ...metadata, namespace: undefined } };
};
const message = 'pods "web-1-" is forbidden: no PriorityClass with name oven-hott was found';
const refused: readonly Part[] = [
  web({ priorityClassName: 'oven-hott' })[0] as Part,
  object('ReplicaSet', 'web-1', {
    metadata: ownedBy('Deployment', 'web'),
    spec: { replicas: 1 },
    status: {
      replicas: 0,
      conditions: [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message, lastTransitionTime: minutesAgo(9) }],
    },
  }),
];

/** Titles of the remedies for the one cause. */
async function remedies(...classes: readonly string[]): Promise<readonly string[]> {
  const reader = await madeCluster([...refused, ...classes.map((name) => wide('PriorityClass', name))]);
  const context = { signal: AbortSignal.timeout(20_000), now: Date.now };
  const { causes } = await examineCluster(reader, {}, context);
  return causes.flatMap(({ rootCause, finding }) => remediesFor({ reader, rootCause, finding }, MATTERS).map(({ title }) => title));
}

test('a class that is misspelt is corrected to the one that exists; one that is like no other is left to people', async () => {
  expect(await remedies('oven-hot')).toEqual(['Let web name PriorityClass oven-hot, which exists, instead of oven-hott']);
  expect((await remedies('cellar')).join()).not.toContain('Let web name PriorityClass');
});
