import { type ItemEdit, type JsonValue, readField } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { createObjectsSource } from '../testing/objects-source.ts';
import { createCmdb } from './cmdb.ts';

const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const idOf = (kind: string, name: string, namespace = 'shop') => `kubernetes:c/${namespace}/${kind}/${name}`;

type Fields = Readonly<Record<string, unknown>>;

function object(kind: string, name: string, fields: Fields = {}, metadata: Fields = {}): Fields {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'shop', uid: `uid-${name}`, ...metadata }, ...fields };
}

async function rehearsed(objects: readonly unknown[], ...edits: readonly ItemEdit[]) {
  const cmdb = createCmdb({ sources: [createObjectsSource({ cluster: 'c', objects: () => objects })] });
  await cmdb.refresh(testContext(NOW));
  return cmdb.reader().rehearse(edits);
}

function edit(item: string, fieldPath: ItemEdit['fieldPath'], value?: JsonValue, expectOld?: JsonValue): ItemEdit {
  return { item, fieldPath, ...(expectOld === undefined ? {} : { expectOld }), ...(value === undefined ? {} : { value }) };
}

const SPEC = { replicas: 2, template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image: 'db:1' }] } } };
const POD = object(
  'Pod',
  'db-0',
  {
    spec: { nodeName: 'node-a', containers: [{ name: 'db', image: 'db:1' }] },
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  },
  { ownerReferences: [{ kind: 'StatefulSet', name: 'db', uid: 'uid-db', controller: true }] },
);

test('new pods take the nodes of those they replace; further ones have none until somebody judges where they fit', async () => {
  const copy = await rehearsed(
    [object('StatefulSet', 'db', { spec: SPEC }), POD],
    edit(idOf('StatefulSet', 'db'), ['spec', 'minReadySeconds'], 5),
  );

  const nodes = ['db-0', 'db-1'].map((name) => readField(copy.object(idOf('Pod', name)), ['spec', 'nodeName']));
  expect(nodes).toEqual(['node-a', undefined]);
});

test('an edited workload starts without events of its own and without the word of its autoscaler', async () => {
  const scaler = object('HorizontalPodAutoscaler', 'db', {
    spec: { scaleTargetRef: { kind: 'StatefulSet', name: 'db' } },
    status: { currentReplicas: 1, conditions: [{ type: 'ScalingActive', status: 'False' }] },
  });
  const about = (name: string) =>
    object('Event', `${name}.1`, { involvedObject: { kind: 'StatefulSet', namespace: 'shop', name }, type: 'Warning' });
  const objects = [object('StatefulSet', 'db', { spec: SPEC }), POD, scaler, about('db'), about('other')];
  const copy = await rehearsed(objects, edit(idOf('StatefulSet', 'db'), ['spec', 'minReadySeconds'], 5));

  expect(copy.object(idOf('HorizontalPodAutoscaler', 'db'))).toMatchObject({ status: { currentReplicas: 1 } });
  expect(readField(copy.object(idOf('HorizontalPodAutoscaler', 'db')), ['status', 'conditions'])).toBeUndefined();
  expect(copy.items({ kind: 'Event' }).items.map(({ name }) => name)).toEqual(['other.1']);
});

test('a node that is uncordoned loses the taint of the cordon and no other', async () => {
  const taints = [
    { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' },
    { key: 'team', effect: 'NoSchedule' },
  ];
  const node = object('Node', 'node-a', { spec: { unschedulable: true, taints } }, { namespace: undefined });
  const copy = await rehearsed([node], edit(idOf('Node', 'node-a', '-'), ['spec', 'unschedulable'], undefined, true));

  expect(readField(copy.object(idOf('Node', 'node-a', '-')), ['spec'])).toEqual({ taints: [{ key: 'team', effect: 'NoSchedule' }] });
});

test('a deleted object goes with its last finalizer, and not before', async () => {
  const held = (finalizers: readonly string[]) =>
    object('Bracket', 'cup', { spec: {} }, { deletionTimestamp: '2026-11-20T12:00:00Z', finalizers });
  const left = async (finalizers: readonly string[]) => {
    const all = ['a/x', 'b/y'];
    const copy = await rehearsed([held(all)], edit(idOf('Bracket', 'cup'), ['metadata', 'finalizers'], [...finalizers], all));
    return copy.items({ kind: 'Bracket' }).items.length;
  };

  expect([await left(['b/y']), await left([])]).toEqual([1, 0]);
});
