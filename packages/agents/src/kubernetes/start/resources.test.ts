import { expect, test } from 'vitest';
import { examineCluster } from '../../diagnosis/examine.ts';
import { crashing, madeCluster, node, object, ownedBy, type Part, pod, web } from '../../fixtures/made-cluster.ts';
import { findingOf } from '../../remedy/choose.ts';
import { raiseMemory } from './resources.ts';

const container = (keep: string, memory: string): Part => ({
  name: 'app',
  image: 'registry.example/web:1',
  env: [{ name: 'KEEP', value: keep }],
  resources: { limits: { memory } },
});
const set = (name: string, revision: number, own: Part) =>
  object('ReplicaSet', name, {
    metadata: { annotations: { 'deployment.kubernetes.io/revision': String(revision) }, ...ownedBy('Deployment', 'web') },
    spec: { template: { spec: { containers: [own] } } },
  });

/** A Deployment whose newest revision is killed at its limit, after what it was told or its limit was changed. */
async function raised(before: Part, now: Part): Promise<readonly string[]> {
  const killed = pod('p', {
    container: now,
    status: crashing(137, 'OOMKilled', 3),
    metadata: ownedBy('ReplicaSet', 'web-2'),
  });
  const reader = await madeCluster([
    node('node-a'),
    ...web({ containers: [now] }).slice(0, 1),
    set('web-1', 1, before),
    set('web-2', 2, now),
    killed,
  ]);
  const { findings, causes } = await examineCluster(reader, {}, { signal: AbortSignal.timeout(10_000), now: Date.now });
  const [first] = causes;
  const finding = findingOf(findings, first?.rootCause.finding);
  return first === undefined || finding === undefined
    ? []
    : raiseMemory({ reader, rootCause: first.rootCause, finding }).map(({ id }) => id);
}

test('a limit is raised where it was cut, and not where the program was told to take more', async () => {
  expect(await raised(container('3', '128Mi'), container('3', '64Mi'))).toEqual(['raise-memory-limit']);
  expect(await raised(container('3', '64Mi'), container('5000', '64Mi'))).toEqual([]);
  expect(await raised(container('3', '64Mi'), container('3', '64Mi'))).toEqual(['raise-memory-limit']);
});
