import { expect, test } from 'vitest';
import type { Rule } from '../../findings/rule.ts';
import { clusterWide, LONG_AGO, made, service, told, workload } from '../../fixtures/cluster-objects.ts';
import { EXPIRED_CA } from '../../fixtures/expired-authority.ts';
import { endpointSliceRule } from '../network/endpointslice.ts';
import { apiServiceRule } from './apiservice.ts';
import { deprecatedApiRule } from './deprecated-api.ts';
import { finalizerRule } from './finalizer.ts';

const api = (status: object, spec: object = { service: { namespace: 'shop', name: 'metrics' } }) =>
  clusterWide('APIService', 'v1beta1.metrics.k8s.io', { spec, status });
const down = { conditions: [{ type: 'Available', status: 'False', reason: 'FailedDiscoveryCheck', lastTransitionTime: LONG_AGO }] };

const deleted = (deletionTimestamp: string, finalizers: readonly string[]) => ({ metadata: { deletionTimestamp, finalizers } });
const node = clusterWide('Node', 'a', { spec: { podCIDR: '10.244.1.0/24' }, status: { nodeInfo: { kubeletVersion: 'v1.31.4' } } });
const db = workload('db', { ports: [{ containerPort: 5432 }], podStatus: { podIP: '10.244.1.7' } });
const plain = service('db', { selector: undefined });
const byHand = (ip: string, port = 5432) => made('Endpoints', 'db', { subsets: [{ addresses: [{ ip }], ports: [{ port }] }] });

const cases: readonly (readonly [string, Rule, readonly unknown[], readonly string[]])[] = [
  [
    'an API that is not available',
    apiServiceRule,
    [api(down), workload('metrics', { ready: false }), service('metrics', { ports: [{ port: 443 }] })],
    ['T0-APISERVICE-001 APIService v1beta1.metrics.k8s.io'],
  ],
  [
    'an API whose Service is gone, before anybody said so',
    apiServiceRule,
    [api({}), service('other')],
    ['T0-APISERVICE-001 APIService v1beta1.metrics.k8s.io'],
  ],
  ['an API that is available', apiServiceRule, [api({ conditions: [{ type: 'Available', status: 'True' }] }), service('other')], []],
  [
    'an API whose authority has expired',
    apiServiceRule,
    [api({}, { service: { namespace: 'shop', name: 'metrics' }, caBundle: EXPIRED_CA })],
    ['T0-APISERVICE-002 APIService v1beta1.metrics.k8s.io'],
  ],
  ['an API of the server itself', apiServiceRule, [api(down, {})], []],
  [
    'a deletion that does not finish',
    finalizerRule,
    [made('Queue', 'jobs', deleted('2026-05-04T08:00:00Z', ['queues.example.com/cleanup']))],
    ['T0-FINALIZER-001 Queue shop/jobs'],
  ],
  [
    'a deletion of a moment ago, while a controller that is called like the finalizer runs',
    finalizerRule,
    [...workload('queues-controller'), made('Queue', 'jobs', deleted('2026-05-04T11:55:00Z', ['queues.example.com/cleanup']))],
    [],
  ],
  [
    'deletions that wait for the same controller, told by the first of them',
    finalizerRule,
    ['jobs', 'mails', 'other'].map((name) =>
      made('Queue', name, deleted('2026-05-04T08:00:00Z', [name === 'other' ? 'a.example.com/b' : 'queues.example.com/cleanup'])),
    ),
    ['T0-FINALIZER-001 Queue shop/jobs', 'T0-FINALIZER-001 Queue shop/mails', 'T0-FINALIZER-001 Queue shop/other'],
  ],
  [
    'a deletion of a moment ago, and nobody who could take the finalizer away',
    finalizerRule,
    [...workload('web'), made('Queue', 'jobs', deleted('2026-05-04T11:55:00Z', ['queues.example.com/cleanup']))],
    ['T0-FINALIZER-001 Queue shop/jobs'],
  ],
  [
    'a deletion of this second',
    finalizerRule,
    [...workload('web'), made('Queue', 'jobs', deleted('2026-05-04T11:59:50Z', ['queues.example.com/cleanup']))],
    [],
  ],
  [
    'a claim that is still in use',
    finalizerRule,
    [made('PersistentVolumeClaim', 'data', deleted('2026-05-04T08:00:00Z', ['kubernetes.io/pvc-protection']))],
    [],
  ],
  [
    'a namespace that does not go',
    finalizerRule,
    [
      clusterWide('Namespace', 'shop', { ...deleted('2026-05-04T08:00:00Z', []), status: { phase: 'Terminating' } }),
      made('Queue', 'jobs', deleted('2026-05-04T08:00:00Z', ['a/b'])),
    ],
    ['T0-NAMESPACE-001 Namespace shop', 'T0-FINALIZER-001 Queue shop/jobs'],
  ],
  [
    'an API version of long ago',
    deprecatedApiRule,
    [node, made('CronJob', 'old', { apiVersion: 'batch/v1beta1' })],
    ['T0-DEPRECATEDAPI-001 CronJob shop/old degraded'],
  ],
  ['an API version that is served', deprecatedApiRule, [node, made('CronJob', 'new', { apiVersion: 'batch/v1' })], []],
  ['an address that no pod has', endpointSliceRule, [node, db, plain, byHand('10.244.1.99')], ['T0-ENDPOINTSLICE-001 Endpoints shop/db']],
  ['an address outside the cluster', endpointSliceRule, [node, db, plain, byHand('192.168.7.7')], []],
  [
    'a port that the pod does not declare',
    endpointSliceRule,
    [node, db, plain, byHand('10.244.1.7', 3306)],
    ['T0-ENDPOINTSLICE-002 Endpoints shop/db'],
  ],
  ['an address and a port of a pod', endpointSliceRule, [node, db, plain, byHand('10.244.1.7')], []],
];

test.each(cases)('%s', async (_title, rule, objects, expected) => {
  expect(await told(rule, objects)).toEqual(expected);
});

test('nothing is missing where it was not read', async () => {
  for (const [, rule, objects] of cases.filter(([, , , expected]) => /ENDPOINTSLICE|APISERVICE/.test(expected.join()))) {
    const found = await told(rule, objects, ['Pod', 'Service']);
    expect(found.filter((line) => !line.startsWith('T0-APISERVICE'))).toEqual([]);
  }
  expect(await told(apiServiceRule, [api({})], ['Service'])).toEqual([]);
});
