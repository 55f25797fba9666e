import { expect, test } from 'vitest';
import type { RemedyCase, RemedyDraft } from '../findings/remedy-draft.ts';
import { crashing, madeCluster, object, ownedBy, type Part, pod } from '../fixtures/made-cluster.ts';
import { withReadingAnew } from './read-anew.ts';

const READS = { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'jam', key: 'a' } } }] };
const runs = (ready: boolean) => ({ ready, restartCount: 0, state: { running: {} } });
const one = (name: string, status: Part, ready: boolean) =>
  pod(name, {
    metadata: ownedBy('StatefulSet', 'jar'),
    container: READS,
    status,
    podStatus: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  });

async function restarted(...pods: readonly Part[]): Promise<boolean> {
  const set = object('StatefulSet', 'jar', { apiVersion: 'apps/v1', spec: { template: { spec: {} } } });
  const reader = await madeCluster([set, object('ConfigMap', 'jam', { data: { a: '1' } }), ...pods]);
  const [map, owner] = ['ConfigMap', 'StatefulSet'].map((kind) => reader.items({ kind }).items[0]?.id ?? '');
  const draft = { title: 'Set it', edits: [{ item: map, fieldPath: ['data', 'a'], value: '2' }] } as unknown as RemedyDraft;
  const anew = withReadingAnew(draft, { reader, finding: { seenOn: [owner] } } as unknown as RemedyCase);
  return anew.edits.some(({ item }) => item === owner);
}

test('who ends again and again reads the correction by itself, and the well ones beside it need no restart', async () => {
  expect(await restarted(one('jar-0', runs(true), true), one('jar-1', crashing(1), false))).toBe(false);
});

test('who runs with what is wrong is restarted', async () => {
  expect(await restarted(one('jar-0', runs(true), true))).toBe(true);
  expect(await restarted(one('jar-0', runs(false), false), one('jar-1', crashing(1), false))).toBe(true);
});
