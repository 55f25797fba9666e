import type { Snapshot } from '@tier0/cmdb';
import { expect, test } from 'vitest';
import { judgeRecording, type Recording } from '../recordings.ts';
import { at } from './family.ts';
import { WORKLOAD_KINDS } from './kinds.ts';
import { retell } from './retell.ts';

const OLD = '2026-03-01T08:00:00Z';
const namespaced = (name: string, more = {}) => ({ name, namespace: 'shop', uid: `uid-${name}`, creationTimestamp: OLD, ...more });
const owned = (kind: string, name: string) => [{ apiVersion: 'apps/v1', kind, name, uid: `uid-${name}`, controller: true }];
const template = (image: string) => ({ metadata: { labels: { app: 'cart' } }, spec: { containers: [{ name: 'cart', image }] } });

/** A Deployment whose new image cannot be pulled while an old pod goes on serving. */
function recorded(): Recording {
  const set = (hash: string, revision: string, image: string) => ({
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: namespaced(`cart-${hash}`, {
      annotations: { 'deployment.kubernetes.io/revision': revision },
      ownerReferences: owned('Deployment', 'cart'),
    }),
    spec: { replicas: 1, template: template(image) },
    status: { replicas: 1, observedGeneration: 1 },
  });
  const pod = (hash: string, suffix: string, node: string, image: string, state: object) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: namespaced(`cart-${hash}-${suffix}`, {
      labels: { app: 'cart', 'pod-template-hash': hash },
      ownerReferences: owned('ReplicaSet', `cart-${hash}`),
    }),
    spec: { ...template(image).spec, nodeName: node },
    status: {
      phase: 'running' in state ? 'Running' : 'Pending',
      conditions: [{ type: 'Ready', status: 'running' in state ? 'True' : 'False', lastTransitionTime: OLD }],
      containerStatuses: [{ name: 'cart', image, ready: 'running' in state, restartCount: 0, state }],
    },
  });
  const broken = { waiting: { reason: 'ImagePullBackOff', message: 'not found' } };
  const objects = [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: namespaced('cart', { generation: 2 }),
      spec: { replicas: 2, selector: { matchLabels: { app: 'cart' } }, template: template('registry.example/cart:2') },
      status: { observedGeneration: 2, replicas: 2, readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1 },
    },
    set('aaaaaaaaaa', '1', 'registry.example/cart:1'),
    set('bbbbbbbbbb', '2', 'registry.example/cart:2'),
    pod('aaaaaaaaaa', 'bcdfg', 'node-a', 'registry.example/cart:1', { running: { startedAt: OLD } }),
    pod('bbbbbbbbbb', 'hjklm', 'node-b', 'registry.example/cart:2', broken),
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: namespaced('cart.1'),
      reason: 'Failed',
      message: 'Failed to pull image "registry.example/cart:2": not found (pod cart-bbbbbbbbbb-hjklm)',
      type: 'Warning',
      involvedObject: { kind: 'Pod', name: 'cart-bbbbbbbbbb-hjklm', namespace: 'shop', uid: 'uid-cart-bbbbbbbbbb-hjklm' },
      lastTimestamp: OLD,
    },
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: namespaced('cart'),
      spec: { minReplicas: 1, maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'cart' } },
    },
  ] as unknown as Snapshot['objects'];
  const kinds = [...new Set(objects.map(({ kind }) => kind))];
  return {
    name: 'cart',
    maker: 'test',
    snapshot: { objects, coverage: kinds.map((kind) => ({ kind, state: 'complete' })), now: '2026-03-01T09:00:00.000Z', logs: new Map() },
    logs: new Map([['shop/cart-bbbbbbbbbb-hjklm/cart', 'I am cart-bbbbbbbbbb-hjklm\n']]),
    truth: { rootCauses: [{ kind: 'Deployment', namespace: 'shop', name: 'cart', accept: [], keywords: ['image'] }] },
  };
}

const kindOf = (name: string) => WORKLOAD_KINDS.find((kind) => kind.name === name) as (typeof WORKLOAD_KINDS)[number];
const toldAs = (name: string, recording = recorded()) => retell(recording, kindOf(name));

test.each([
  ['StatefulSet', 'StatefulSet', 'cart-1'],
  ['bare ReplicaSet', 'ReplicaSet', 'cart-hjklm'],
  ['Argo Rollout', 'Rollout', 'cart-bbbbbbbbbb-hjklm'],
  ['DeploymentConfig', 'DeploymentConfig', 'cart-2-hjklm'],
])('told of a %s nothing speaks of the Deployment any more, and the answer is the same', async (name, kind, pod) => {
  const told = toldAs(name);
  if ('why' in told) throw new Error(told.why);
  const { snapshot, logs, truth } = told.recording;
  const text = JSON.stringify([snapshot.objects, [...logs], truth]);
  expect(snapshot.objects.filter((object) => object.kind === 'Deployment')).toEqual([]);
  expect(text).not.toContain('"kind":"Deployment"');
  expect(snapshot.objects.filter((object) => object.kind === 'Pod').map(({ metadata }) => metadata.name)).toContain(pod);
  expect([...logs]).toEqual([[`shop/${pod}/cart`, `I am ${pod}\n`]]);
  const scaled = snapshot.objects.find((object) => object.kind === 'HorizontalPodAutoscaler');
  expect(at(scaled, 'spec', 'scaleTargetRef', 'kind')).toBe(kind);
  expect(truth.rootCauses.map((cause) => `${cause.kind} ${cause.name}`)).toEqual([`${kind} cart`]);
  const { isExact } = await judgeRecording(told.recording, { signal: AbortSignal.timeout(20_000), now: Date.now });
  expect(isExact).toBe(true);
});

test('what would not mean the same is left out with a reason', () => {
  expect(toldAs('DaemonSet')).toEqual({ why: 'an autoscaler scales it' });
  const { snapshot, ...rest } = recorded();
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: namespaced('q'), spec: { hard: { 'count/deployments.apps': '1' } } };
  const counted = { ...rest, snapshot: { ...snapshot, objects: [...snapshot.objects, quota as never] } };
  expect(toldAs('StatefulSet', counted)).toEqual({ why: 'a quota or an admission rule speaks of Deployments' });
  const none = { ...rest, snapshot: { ...snapshot, objects: snapshot.objects.filter(({ kind }) => kind !== 'Deployment') } };
  expect(toldAs('StatefulSet', none)).toEqual({ why: 'no Deployment' });
});
