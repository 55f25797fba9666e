import { expect, test } from 'vitest';
import type { Rule } from '../../findings/rule.ts';
import { toFinding } from '../../findings/to-finding.ts';
import { clusterWide, describeFinding, LONG_AGO, made, service, snapshotOf, told, workload } from '../../fixtures/cluster-objects.ts';
import { EXPIRED_CA } from '../../fixtures/expired-authority.ts';
import { certificateRule } from '../certificates/certificate.ts';
import { rbacRule } from '../identity/rbac.ts';
import { CODES } from '../matters.ts';
import { endpointSliceRule } from '../network/endpointslice.ts';
import { apiServiceRule } from './apiservice.ts';
import { deprecatedApiRule } from './deprecated-api.ts';
import { finalizerRule } from './finalizer.ts';

const api = (status: object, spec: object = { service: { namespace: 'shop', name: 'metrics' } }) =>
  clusterWide('APIService', 'v1beta1.metrics.k8s.io', { spec, status });
const down = { conditions: [{ type: 'Available', status: 'False', reason: 'FailedDiscoveryCheck', lastTransitionTime: LONG_AGO }] };
const account = (name: string, namespace = 'shop') => made('ServiceAccount', name, { metadata: { namespace } });
const user = workload('web', { podSpec: { serviceAccountName: 'web' } });
const role = made('Role', 'reader');
const binding = (roleName: string, subject: object = { name: 'web' }, name = 'bind') =>
  made('RoleBinding', name, {
    roleRef: { kind: 'Role', name: roleName },
    subjects: [{ kind: 'ServiceAccount', namespace: 'shop', ...subject }],
  });
const bound = 'RoleBinding shop/bind';

const certificate = (status: object) =>
  made('Certificate', 'web', { apiVersion: 'cert-manager.io/v1', spec: { secretName: 'web-tls', issuerRef: { name: 'ca' } }, status });
const secret = (end: string) =>
  made('Secret', 'web-tls', { apiVersion: 'v1', metadata: { annotations: { 'tier0.dev/certificate-not-after': end } } });
const ingress = made('Ingress', 'web', { spec: { tls: [{ secretName: 'web-tls' }] } });
const unready = { conditions: [{ type: 'Ready', status: 'False', reason: 'DoesNotExist', lastTransitionTime: LONG_AGO }] };

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
  ['the only role of an account is not there', rbacRule, [user, account('web'), role, binding('writer')], [`T0-RBAC-001 ${bound}`]],
  [
    'a role with a slip of the hand',
    rbacRule,
    [user, account('web'), role, binding('raeder'), binding('reader', {}, 'other')],
    [`T0-RBAC-001 ${bound}`],
  ],
  ['a leftover of a removed chart', rbacRule, [account('web'), role, binding('writer')], [`T0-RBAC-003 ${bound} hygiene`]],
  [
    'an account with a slip of the hand',
    rbacRule,
    [workload('web', { podSpec: { serviceAccountName: 'backend' } }), account('backend'), role, binding('reader', { name: 'bakcend' })],
    [`T0-RBAC-002 ${bound}`],
  ],
  [
    'an account of another namespace',
    rbacRule,
    [user, account('web'), role, binding('reader', { name: 'web', namespace: 'shp' })],
    [`T0-RBAC-002 ${bound}`],
  ],
  [
    'an account that nobody misses',
    rbacRule,
    [user, account('web'), role, binding('reader'), binding('reader', { name: 'gone' }, 'old')],
    ['T0-RBAC-003 RoleBinding shop/old hygiene'],
  ],
  ['a binding that holds', rbacRule, [user, account('web'), role, binding('reader')], []],
  [
    'a certificate that has ended',
    certificateRule,
    [certificate({ notAfter: '2026-05-01T00:00:00Z', ...unready })],
    ['T0-CERTIFICATE-001 Certificate shop/web'],
  ],
  ['a certificate that was never issued', certificateRule, [certificate(unready)], ['T0-CERTIFICATE-002 Certificate shop/web']],
  [
    'a renewal that is overdue',
    certificateRule,
    [certificate({ notAfter: '2026-05-20T00:00:00Z', renewalTime: '2026-05-02T00:00:00Z' })],
    ['T0-CERTIFICATE-003 Certificate shop/web degraded'],
  ],
  ['a certificate of a day', certificateRule, [certificate({ notAfter: '2026-05-05T06:00:00Z', renewalTime: '2026-05-04T22:00:00Z' })], []],
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

test('a binding that names another account says on which account it is missed', async () => {
  const objects = [user, account('web'), role, binding('reader', { name: 'web', namespace: 'shp' })];
  const [finding] = rbacRule.check(await snapshotOf(objects));
  expect(finding?.seenOn?.map((item) => item.split('/').slice(-2).join('/'))).toEqual(['ServiceAccount/web']);
});

test('nothing is missing where it was not read', async () => {
  for (const [, rule, objects] of cases.filter(([, , , expected]) => /RBAC|ENDPOINTSLICE|APISERVICE/.test(expected.join()))) {
    const found = await told(rule, objects, ['Role', 'ServiceAccount', 'Pod', 'Service']);
    expect(found.filter((line) => !line.startsWith('T0-APISERVICE'))).toEqual([]);
  }
  expect(await told(apiServiceRule, [api({})], ['Service'])).toEqual([]);
});

/** A source leaves out the values of Secrets and writes the end of validity beside them. */
async function toldOfSecret(end: string, others: readonly unknown[]): Promise<readonly string[]> {
  const held = secret(end);
  const reader = await snapshotOf([held, ...others]);
  const withEnd = { ...reader, object: (id: string) => (id.includes('/Secret/') ? held : reader.object(id)) };
  return certificateRule.check(withEnd).map((draft) => describeFinding(toFinding(draft, CODES)));
}

test.each([
  ['in use, and has ended', '2026-05-01T00:00:00Z', [ingress], ['T0-CERTIFICATE-001 Secret shop/web-tls']],
  ['in use, and ends soon', '2026-05-07T00:00:00Z', [ingress], ['T0-CERTIFICATE-003 Secret shop/web-tls degraded']],
  ['in use, and ends next year', '2027-05-07T00:00:00Z', [ingress], []],
  ['used by nobody, and has ended', '2026-05-01T00:00:00Z', [], ['T0-CERTIFICATE-004 Secret shop/web-tls hygiene']],
])('a TLS Secret that is %s', async (_title, end, others, expected) => {
  expect(await toldOfSecret(end, others)).toEqual(expected);
});
