import { expect, test } from 'vitest';
import { addOnGap, furtherKinds } from './further-kinds.ts';
import type { KubernetesKind } from './kubernetes-kinds.ts';

const kind = (apiVersion: string, name: string): KubernetesKind => ({
  apiVersion,
  kind: name,
  resource: `${name.toLowerCase()}s`,
  namespaced: true,
});

test('kinds of add-ons are read, each once and in its preferred version; what is read anyway, what Kubernetes serves and bulk are not', () => {
  const { kinds, leftOut } = furtherKinds([
    kind('apps/v1', 'Deployment'),
    kind('storage.k8s.io/v1', 'CSIStorageCapacity'),
    kind('metrics.k8s.io/v1beta1', 'PodMetrics'),
    kind('kustomize.toolkit.fluxcd.io/v1', 'Kustomization'),
    kind('databases.example.org/v1', 'Postgres'),
    kind('databases.example.org/v1beta1', 'Postgres'),
    kind('snapshot.storage.k8s.io/v1', 'VolumeSnapshot'),
    kind('serving.knative.dev/v1', 'Service'),
    kind('wgpolicyk8s.io/v1alpha2', 'PolicyReport'),
  ]);
  expect(kinds.map(({ apiVersion, kind: name }) => `${apiVersion} ${name}`)).toEqual([
    'databases.example.org/v1 Postgres',
    'serving.knative.dev/v1 Service',
    'snapshot.storage.k8s.io/v1 VolumeSnapshot',
  ]);
  expect(leftOut).toBe(0);
});

test('a server with kinds without end is not followed through all of them, and that is said', () => {
  const many = Array.from({ length: 503 }, (_, index) => kind(`g${index}.example.org/v1`, 'Thing'));
  const { kinds, leftOut } = furtherKinds(many);
  expect([kinds.length, leftOut]).toEqual([500, 3]);
  expect(addOnGap([], leftOut)).toEqual([{ kind: 'further kinds of add-ons', state: 'failed', reason: '3 more than are read' }]);
});

test('kinds that may not be read are one gap', () => {
  const refused = ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => ({ kind: name, state: 'forbidden' as const }));
  expect(addOnGap([...refused, { kind: 'G', state: 'complete' }], 0)).toEqual([
    { kind: 'kinds of add-ons', state: 'forbidden', reason: 'listing A, B, C, D, E and 1 more is not allowed' },
  ]);
});
