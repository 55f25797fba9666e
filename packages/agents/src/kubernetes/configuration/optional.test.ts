import { expect, test } from 'vitest';
import { faultsIn, minutesAgo, object, ownedBy, type Part, pod, web } from '../../fixtures/made-cluster.ts';

const from = (name: string, optional = true) => ({ envFrom: [{ configMapRef: { name, optional } }] });
const revision = (number: number, container: Part) =>
  object('ReplicaSet', `web-${number}`, {
    apiVersion: 'apps/v1',
    metadata: { ...ownedBy('Deployment', 'web'), annotations: { 'deployment.kubernetes.io/revision': `${number}` } },
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'app', ...container }] } } },
    status: { replicas: 1 },
  });
const failing = (container: Part, status: Part = { ready: false, state: { running: { startedAt: minutesAgo(9) } } }) =>
  pod('p', { metadata: ownedBy('ReplicaSet', 'web-2'), container, status });
const made = (now: string, before: string, kept: string) => [
  web()[0],
  revision(1, from(before)),
  revision(2, from(now)),
  failing(from(now)),
  object('ConfigMap', kept, { data: { A: '1' } }),
];

test('an optional ConfigMap that a revision renamed to one that is not there is told where its pods fail', async () => {
  expect(await faultsIn(made('jam-settings', 'jam-env', 'jam-env'))).toEqual(['T0-POD-088 ConfigMap ns/jam-settings']);
});

test('one that was always left out, and one whose former object is gone too, are what optional is for', async () => {
  expect(await faultsIn(made('jam-local', 'jam-local', 'jam-env'))).toEqual([]);
  expect(await faultsIn(made('jam-settings', 'jam-env', 'bread'))).toEqual([]);
});

const TENANT = { env: [{ name: 'TENANT', valueFrom: { fieldRef: { fieldPath: "metadata.labels['tenant']" } } }] };
const labelled = (number: number, labels: Part) =>
  object('ReplicaSet', `web-${number}`, {
    apiVersion: 'apps/v1',
    metadata: { ...ownedBy('Deployment', 'web'), annotations: { 'deployment.kubernetes.io/revision': `${number}` } },
    spec: { replicas: 1, template: { metadata: { labels }, spec: { containers: [{ name: 'app', ...TENANT }] } } },
    status: { replicas: 1 },
  });

test('a variable from a label that the revision dropped is told where its pod fails; one that never was is not', async () => {
  const pods = (labels: Part) => [web()[0], labelled(1, labels), labelled(2, { app: 'web' }), failing(TENANT)];
  expect(await faultsIn(pods({ app: 'web', tenant: 'jam' }))).toEqual(['T0-POD-098 Deployment ns/web']);
  expect(await faultsIn(pods({ app: 'web' }))).toEqual([]);
});
