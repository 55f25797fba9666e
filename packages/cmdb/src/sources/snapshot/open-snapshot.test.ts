import { type CmdbReader, kubernetesItemId } from '@tier0/core';
import { expect, test } from 'vitest';
import { createCmdb } from '../../graph/cmdb.ts';
import type { KubernetesObject } from '../../kinds/kubernetes-object.ts';
import { openSnapshot } from './open-snapshot.ts';
import type { Snapshot } from './read-snapshot.ts';
import { createSnapshotSource } from './source.ts';

const now = '2026-03-01T10:00:00.000Z';
const context = { signal: new AbortController().signal, now: () => Date.parse(now) };
const id = (kind: string, name: string, namespace?: string) => kubernetesItemId({ cluster: 'cluster', namespace, kind, name });

function snapshotOf(...more: readonly KubernetesObject[]): Snapshot {
  const labels = { app: 'web' };
  const pod = (namespace: string) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web-1', namespace, uid: `uid-${namespace}`, labels },
    spec: { nodeName: 'node-a', containers: [{ name: 'web', image: 'shop/web:1' }] },
    status: { phase: 'Running' },
  });
  const objects: readonly KubernetesObject[] = [
    pod('shop'),
    pod('test'),
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'shop' }, spec: { selector: labels } },
    { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-a', labels: { zone: 'z' } } },
    ...more,
  ];
  const coverage = ['Pod', 'Service', 'Node'].map((kind) => ({ kind, state: 'complete' as const }));
  return { objects, coverage, now, logs: new Map() };
}

/** What the graph itself answers, without anything at hand. */
async function graphOf(snapshot: Snapshot): Promise<CmdbReader> {
  const cmdb = createCmdb({ sources: [createSnapshotSource({ snapshot })] });
  await cmdb.refresh(context);
  return cmdb.reader();
}

test('what is at hand of a recording is what its graph says: items by kind and name, one item, and what is absent or unknown', async () => {
  const { reader } = await openSnapshot(snapshotOf(), {}, context);
  const graph = await graphOf(snapshotOf());
  for (const filter of [{ kind: 'Pod' }, { kind: 'Pod', name: 'web-1' }, { kind: 'Pod', name: '' }, { kind: 'Secret', name: 'web' }, {}])
    expect(reader.items(filter)).toEqual(graph.items(filter));
  const asked = [
    id('Pod', 'web-1', 'shop'),
    id('Node', 'node-a'),
    id('Pod', 'gone', 'shop'),
    id('Secret', 'never-read', 'shop'),
    'no id at all',
  ];
  for (const one of asked) {
    expect(reader.get(one)).toEqual(graph.get(one));
    expect(reader.object(one)).toEqual(graph.object(one));
  }
  expect(asked.map((one) => reader.get(one).state)).toEqual(['found', 'found', 'absent', 'unknown', 'unknown']);
});

test('an item that the graph does not take is unknown, though the recording holds it', async () => {
  const annotations = { 'backstage.io/kubernetes-id': 'x'.repeat(2_000_000) };
  const large = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'large', namespace: 'shop', annotations } };
  const { reader, failures } = await openSnapshot(snapshotOf(large), {}, context);
  expect(failures.map(({ code }) => code)).toContain('held-back');
  expect(reader.get(id('Pod', 'large', 'shop'))).toEqual((await graphOf(snapshotOf(large))).get(id('Pod', 'large', 'shop')));
  expect(reader.get(id('Pod', 'large', 'shop')).state).toBe('unknown');
});
