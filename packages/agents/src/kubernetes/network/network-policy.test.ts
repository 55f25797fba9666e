import { expect, test } from 'vitest';
import { clusterWide, made, service, told, workload } from '../../fixtures/cluster-objects.ts';
import { networkPolicyRule } from './network-policy.ts';

const env = [{ name: 'DB_URL', value: 'postgres://db:5432/shop' }];
const db = [
  workload('db', { ports: [{ name: 'sql', containerPort: 5432 }] }),
  service('db', { ports: [{ port: 5432, targetPort: 'sql' }] }),
];
const ill = workload('web', { env, ready: false, labels: { app: 'web', team: 'a' } });
const well = workload('web', { env, labels: { app: 'web', team: 'a' } });
const space = clusterWide('Namespace', 'shop', { metadata: { labels: { zone: 'front' } } });
const policy = (spec: object, name = 'db', metadata: object = {}) =>
  made('NetworkPolicy', name, { spec: { podSelector: { matchLabels: { app: 'db' } }, ...spec }, metadata });
const from = (peer: object, ports?: readonly object[]) => ({ ingress: [{ from: [peer], ...(ports ? { ports } : {}) }] });
const pods = (labels: object) => ({ podSelector: { matchLabels: labels } });
const blocks = ['T0-NETWORKPOLICY-001 NetworkPolicy shop/db'];

const cases: readonly (readonly [string, readonly unknown[], readonly string[]])[] = [
  ['nobody may pass, and a client is in trouble', [db, ill, policy({ policyTypes: ['Ingress'] })], blocks],
  ['nobody may pass, and nobody is in trouble', [db, well, policy({ policyTypes: ['Ingress'] })], [`${blocks} degraded`]],
  ['others may pass, and the client is well', [db, well, policy(from(pods({ app: 'admin' })))], []],
  ['others may pass, and the client is in trouble', [db, ill, policy(from(pods({ app: 'admin' })))], blocks],
  ['the client may pass by its labels', [db, ill, policy(from(pods({ app: 'web' })))], []],
  ['labels a slip away', [workload('checkout', { env }), db, policy(from(pods({ app: 'chekout' })))], blocks],
  ['the right client on a port nobody serves', [db, well, policy(from(pods({ app: 'web' }), [{ port: 5433 }]))], blocks],
  ['a port by its name', [db, ill, policy(from(pods({ app: 'web' }), [{ port: 'sql' }]))], []],
  ['a range of ports', [db, ill, policy(from(pods({ app: 'web' }), [{ port: 5000, endPort: 6000 }]))], []],
  ['a namespace by its labels', [space, db, ill, policy(from({ namespaceSelector: { matchLabels: { zone: 'front' } } }))], []],
  ['a namespace with other labels', [space, db, ill, policy(from({ namespaceSelector: { matchLabels: { zone: 'back' } } }))], blocks],
  [
    'an expression',
    [db, ill, policy(from({ podSelector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['a', 'b'] }] } }))],
    [],
  ],
  ['an address block around everything', [db, ill, policy(from({ ipBlock: { cidr: '0.0.0.0/0' } }))], []],
  ['an empty rule lets everyone pass', [db, ill, policy({ ingress: [{}] })], []],
  ['two policies add up', [db, ill, policy({ policyTypes: ['Ingress'] }), policy(from(pods({ app: 'web' })), 'allow')], []],
  [
    'the newest of several speaks',
    [
      db,
      ill,
      made('NetworkPolicy', 'deny', { spec: { podSelector: {}, policyTypes: ['Ingress'] } }),
      policy(from(pods({ app: 'x' })), 'db', { creationTimestamp: '2026-05-04T10:00:00Z' }),
    ],
    blocks,
  ],
  [
    'egress types follow from rules',
    [db, ill, policy({ podSelector: pods({ app: 'web' }).podSelector, egress: [{ to: [pods({ app: 'x' })] }], ingress: [{}] })],
    blocks,
  ],
  [
    'egress without the cluster DNS',
    [
      db,
      ill,
      workload('coredns', { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }),
      policy({ podSelector: pods({ app: 'web' }).podSelector, policyTypes: ['Egress'], egress: [{ to: [pods({ app: 'db' })] }] }),
    ],
    blocks,
  ],
  [
    'a cluster DNS that lets nobody of this namespace in',
    [
      space,
      db,
      ill,
      workload('coredns', { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } }),
      made('NetworkPolicy', 'dns', {
        metadata: { namespace: 'kube-system' },
        spec: {
          podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
          ingress: [{ from: [{ namespaceSelector: { matchLabels: { dns: 'yes' } } }] }],
        },
      }),
    ],
    ['T0-NETWORKPOLICY-001 NetworkPolicy kube-system/dns'],
  ],
  [
    'an ingress controller that may not pass',
    [
      db,
      workload('ingress', { namespace: 'edge', labels: { 'app.kubernetes.io/name': 'ingress-nginx' } }),
      made('Ingress', 'db', { spec: { defaultBackend: { service: { name: 'db', port: { number: 5432 } } } } }),
      policy(from(pods({ app: 'web' }))),
    ],
    blocks,
  ],
  [
    'a policy that selects nobody',
    [db, policy({ podSelector: pods({ app: 'gone' }).podSelector })],
    ['T0-NETWORKPOLICY-002 NetworkPolicy shop/db hygiene'],
  ],
];

test.each(cases)('%s', async (_title, objects, expected) => {
  expect(await told(networkPolicyRule, objects)).toEqual(expected);
});

test('nothing is said where pods were not read', async () => {
  for (const [, objects] of cases) expect(await told(networkPolicyRule, objects, ['Pod'])).toEqual([]);
});
