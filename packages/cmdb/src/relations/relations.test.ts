import type { Relation } from '@tier0/core';
import { expect, test } from 'vitest';
import { kubernetesRelations } from './kubernetes-relations.ts';

const object = (kind: string, name: string, rest: Record<string, unknown> = {}, namespace: string | undefined = 'n') => ({
  apiVersion: 'v1',
  kind,
  ...rest,
  metadata: { name, ...(namespace ? { namespace } : {}), ...(rest.metadata as Record<string, unknown> | undefined) },
});

const short = (id: string) => id.replace('kubernetes:c/', '');
const relationsOf = (objects: Parameters<typeof kubernetesRelations>[0]) =>
  kubernetesRelations(objects, 'c', 'test').map((relation: Relation) => `${short(relation.from)} ${relation.type} ${short(relation.to)}`);

const template = (container: Record<string, unknown>) => ({
  spec: { template: { spec: { containers: [{ name: 'main', ...container }] } } },
});
const env = (name: string, value: string) => template({ env: [{ name, value }] });

test.each([
  ['a URL in a variable', env('URL', 'http://ledger:8080/x'), 'n/Service/ledger'],
  ['a cluster name in another namespace', env('DB', 'postgres://u:p@db.data.svc.cluster.local:5432/x'), 'data/Service/db'],
  ['one member of a headless Service', env('DB', 'tcp://db-0.db.data.svc:5432'), 'data/Service/db'],
  ['a variable named for a host', env('REDIS_HOST', 'ledger'), 'n/Service/ledger'],
  ['an argument', template({ args: ['--backend=ledger:8080'] }), 'n/Service/ledger'],
])('%s makes a dependency', (_, deployment, target) => {
  const services = [object('Service', 'ledger'), object('Service', 'db', {}, 'data')];
  expect(relationsOf([...services, object('Deployment', 'd', deployment)])).toContain(`n/Deployment/d dependsOn ${target}`);
});

test('a Service that does not exist is named where the text can mean nothing else, and not otherwise', () => {
  const missing = (deployment: Record<string, unknown>) =>
    relationsOf([object('Deployment', 'd', deployment)]).filter((line) => line.includes('dependsOn'));
  expect(missing(env('URL', 'http://gone:80'))).toEqual(['n/Deployment/d dependsOn n/Service/gone']);
  expect(missing(env('URL', 'https://api.example.com/v1'))).toEqual([]);
  expect(missing(env('BUCKET', 's3://reports'))).toEqual([]);
  expect(missing(env('URL', 'http://localhost:9090'))).toEqual([]);
  expect(missing(env('GREETING', 'hello'))).toEqual([]);
});

test.each([
  ['an operator makes', { apiVersion: 'platform.example.io/v1', kind: 'AppCluster' }, true],
  ['a node runs by itself', { apiVersion: 'v1', kind: 'Node' }, true],
  ['a template stands over', { apiVersion: 'apps/v1', kind: 'ReplicaSet' }, false],
])('what %s speaks for itself: %o', (_, owner, speaks) => {
  const metadata = { ownerReferences: [{ ...owner, name: 'o', controller: true }] };
  const containers = [
    { name: 'main', env: [{ name: 'URL', value: 'http://ledger:80' }], envFrom: [{ configMapRef: { name: 'settings' } }] },
  ];
  const lines = relationsOf([object('Service', 'ledger'), object('Pod', 'p', { metadata, spec: { containers } })]);
  expect(lines.includes('n/Pod/p dependsOn n/Service/ledger')).toBe(speaks);
  expect(lines.includes('n/Pod/p uses n/ConfigMap/settings')).toBe(speaks);
});

test('policies, volumes, gateways, webhooks, roles and GitOps marks are relations', () => {
  const lines = relationsOf([
    object('Pod', 'p', {
      metadata: { labels: { app: 'x', tier: 'front' }, ownerReferences: [{ kind: 'StatefulSet', name: 's', controller: true }] },
      spec: { volumes: [{ persistentVolumeClaim: { claimName: 'data-p' } }] },
    }),
    object('NetworkPolicy', 'only-front', {
      spec: { podSelector: { matchExpressions: [{ key: 'tier', operator: 'In', values: ['front'] }] } },
    }),
    object('NetworkPolicy', 'others', { spec: { podSelector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] } } }),
    object('PodDisruptionBudget', 'pdb', { spec: { selector: { matchLabels: { app: 'x' } } } }),
    object('ResourceQuota', 'q'),
    object('PersistentVolumeClaim', 'data-p', { spec: { volumeName: 'pv', storageClassName: 'fast' } }),
    object('HTTPRoute', 'r', { spec: { parentRefs: [{ name: 'g', namespace: 'infra' }], rules: [{ backendRefs: [{ name: 'svc' }] }] } }),
    object('ValidatingWebhookConfiguration', 'w', { webhooks: [{ clientConfig: { service: { namespace: 'infra', name: 'hook' } } }] }, ''),
    object('RoleBinding', 'b', { roleRef: { kind: 'Role', name: 'r' }, subjects: [{ kind: 'ServiceAccount', name: 'sa' }] }),
    object('Job', 'j', { metadata: { ownerReferences: [{ kind: 'CronJob', name: 'cj', controller: true }] } }),
    object('EndpointSlice', 'e', { metadata: { labels: { 'kubernetes.io/service-name': 'svc' } } }),
    object('Service', 'svc', { metadata: { annotations: { 'argocd.argoproj.io/tracking-id': 'app:/Service:n/svc' } } }),
    object('Application', 'app', {}, 'argocd'),
  ]);
  for (const line of [
    'n/NetworkPolicy/only-front guards n/Pod/p',
    'n/PodDisruptionBudget/pdb guards n/Pod/p',
    'n/ResourceQuota/q guards -/Namespace/n',
    'n/Pod/p uses n/PersistentVolumeClaim/data-p',
    'n/PersistentVolumeClaim/data-p uses -/PersistentVolume/pv',
    'n/PersistentVolumeClaim/data-p uses -/StorageClass/fast',
    'n/HTTPRoute/r uses infra/Gateway/g',
    'n/HTTPRoute/r routesTo n/Service/svc',
    '-/ValidatingWebhookConfiguration/w uses infra/Service/hook',
    'n/RoleBinding/b uses n/Role/r',
    'n/RoleBinding/b guards n/ServiceAccount/sa',
    'n/CronJob/cj schedules n/Job/j',
    'n/EndpointSlice/e partOf n/Service/svc',
    'n/Service/svc partOf argocd/Application/app',
  ]) {
    expect(lines).toContain(line);
  }
  expect(lines).not.toContain('n/NetworkPolicy/others guards n/Pod/p');
});

test('pods lead to their Deployment where no ReplicaSet was recorded', () => {
  const pod = object('Pod', 'web-7d9c-abcde', {
    metadata: { labels: { 'pod-template-hash': '7d9c' }, ownerReferences: [{ kind: 'ReplicaSet', name: 'web-7d9c', controller: true }] },
  });
  const chain = 'n/ReplicaSet/web-7d9c managedBy n/Deployment/web';
  expect(relationsOf([pod, object('Deployment', 'web')])).toContain(chain);
  expect(relationsOf([pod, object('Deployment', 'other')])).not.toContain(chain);
  expect(relationsOf([pod])).toEqual(['n/Pod/web-7d9c-abcde managedBy n/ReplicaSet/web-7d9c']);
});
