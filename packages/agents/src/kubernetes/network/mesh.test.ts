import { expect, test } from 'vitest';
import { made, service, told, workload } from '../../fixtures/cluster-objects.ts';
import { meshRule } from './mesh.ts';

const sidecar = { initContainers: [{ name: 'istio-proxy', restartPolicy: 'Always' }] };
const env = [{ name: 'CART_URL', value: 'http://cart' }];
const cart = [workload('cart', { podSpec: sidecar }), service('cart')];
const ill = workload('front', { env, ready: false, podSpec: { ...sidecar, serviceAccountName: 'frontend' } });
const well = workload('front', { env, podSpec: { ...sidecar, serviceAccountName: 'frontend' } });
const outside = workload('front', { env, ready: false });
const policy = (spec: object) =>
  made('AuthorizationPolicy', 'cart', {
    apiVersion: 'security.istio.io/v1',
    spec: { selector: { matchLabels: { app: 'cart' } }, ...spec },
  });
const from = (account: string) => ({ rules: [{ from: [{ source: { principals: [`cluster.local/ns/shop/sa/${account}`] } }] }] });
const mode = (name: string, namespace: string) =>
  made('PeerAuthentication', 'default', { apiVersion: 'security.istio.io/v1', metadata: { namespace }, spec: { mtls: { mode: name } } });
const blocks = ['T0-MESH-001 AuthorizationPolicy shop/cart'];

const cases: readonly (readonly [string, readonly unknown[], readonly string[]])[] = [
  ['nobody is allowed, and a client is in trouble', [cart, ill, policy({})], blocks],
  ['nobody is allowed, and nobody is in trouble', [cart, well, policy({})], []],
  ['the client is allowed', [cart, ill, policy(from('frontend'))], []],
  ['an account with a slip of the hand is allowed', [cart, well, policy(from('fronted'))], blocks],
  ['the namespace is allowed', [cart, ill, policy({ rules: [{ from: [{ source: { namespaces: ['sh*'] } }] }] })], []],
  ['everything is denied', [cart, ill, policy({ action: 'DENY', rules: [{}] })], blocks],
  ['something else is denied', [cart, ill, policy({ action: 'DENY', rules: [{ to: [{ operation: { paths: ['/admin'] } }] }] })], []],
  ['a pod outside the mesh is not judged', [workload('cart'), service('cart'), ill, policy({})], []],
  ['strict mTLS and a client outside the mesh', [cart, outside, mode('STRICT', 'shop')], ['T0-MESH-002 PeerAuthentication shop/default']],
  [
    'strict mTLS for the mesh, and the namespace is lenient',
    [cart, outside, mode('STRICT', 'istio-system'), mode('PERMISSIVE', 'shop')],
    [],
  ],
  ['strict mTLS among members', [cart, ill, mode('STRICT', 'shop')], []],
];

test.each(cases)('%s', async (_title, objects, expected) => {
  expect(await told(meshRule, objects)).toEqual(expected);
});

test('nothing is said where pods were not read', async () => {
  for (const [, objects] of cases) expect(await told(meshRule, objects, ['Pod'])).toEqual([]);
});
