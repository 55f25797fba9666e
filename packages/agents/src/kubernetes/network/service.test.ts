import { expect, test } from 'vitest';
import { CRASHING, made, service, told, warning, workload } from '../../fixtures/cluster-objects.ts';
import { serviceRule } from './service.ts';

type Case = readonly [string, readonly unknown[], readonly string[]];

const env = (name: string, value: string) => [{ name, value }];
const web = workload('web');
const slice = (name: string, endpoints: readonly unknown[]) =>
  made('EndpointSlice', `${name}-abc`, { metadata: { labels: { 'kubernetes.io/service-name': name } }, endpoints });

const cases: readonly Case[] = [
  ['a selector with a slip of the hand', [web, service('web', { selector: { app: 'wbe' } })], ['T0-SERVICE-001 Service shop/web']],
  [
    'a selector that asks for one label too many',
    [workload('store', { labels: { app: 'store', tier: 'back' } }), service('shop', { selector: { app: 'store', tier: 'front' } })],
    ['T0-SERVICE-001 Service shop/shop'],
  ],
  [
    'a label under another key',
    [workload('cart', { labels: { 'app.kubernetes.io/name': 'cart' } }), service('basket', { selector: { app: 'cart' } })],
    ['T0-SERVICE-001 Service shop/basket'],
  ],
  [
    'a preview Service that waits for its next version',
    [web, service('web'), service('web-preview', { selector: { app: 'web', version: 'green' } })],
    [],
  ],
  ['a replica Service of a database with one member', [workload('db'), service('db-ro', { selector: { app: 'db', role: 'replica' } })], []],
  ['a Service whose workload is scaled to zero', [workload('web', { replicas: 0 }), service('web')], []],
  ['a Service of a stranger', [web, service('web'), service('legacy', { selector: { app: 'legacy' } })], []],
  [
    'a named target port nobody declares',
    [web, service('web', { ports: [{ port: 80, targetPort: 'htpp' }] })],
    ['T0-SERVICE-002 Service shop/web'],
  ],
  [
    'a proxy that is the application itself',
    [JSON.parse(JSON.stringify(workload('vault-agent')).replaceAll('"main"', '"vault-agent"')), service('vault-agent')],
    [],
  ],
  [
    'a number beside the declared one',
    [web, service('web', { ports: [{ port: 80, targetPort: 8081 }] })],
    ['T0-SERVICE-002 Service shop/web'],
  ],
  [
    'a number that a probe shows to be served',
    [
      workload('web', { container: { readinessProbe: { httpGet: { port: 8081 } } } }),
      service('web', { ports: [{ port: 80, targetPort: 8081 }] }),
    ],
    [],
  ],
  [
    'a second port that is served without being declared',
    [
      web,
      service('web', {
        ports: [
          { name: 'a', port: 80, targetPort: 8080 },
          { name: 'b', port: 9000 },
        ],
      }),
    ],
    [],
  ],
  ['nothing declared at all', [workload('web', { ports: [] }), service('web', { ports: [{ port: 80, targetPort: 1234 }] })], []],
  [
    'only metrics declared',
    [workload('web', { ports: [{ name: 'metrics', containerPort: 9102 }] }), service('web', { ports: [{ port: 80, targetPort: 8080 }] })],
    [],
  ],
  ['a headless Service with another number', [web, service('web', { clusterIP: 'None', ports: [{ port: 80, targetPort: 8081 }] })], []],
  ['no pod ready', [workload('web', { ready: false }), service('web')], ['T0-SERVICE-003 Service shop/web']],
  ['no pod made', [workload('web', { pods: 0 }), service('web')], ['T0-SERVICE-003 Service shop/web']],
  [
    'a slice that shows another address ready',
    [workload('web', { ready: false }), service('web'), slice('web', [{ addresses: ['10.1.2.3'], conditions: { ready: true } }])],
    [],
  ],
  [
    'a Service of finished pods',
    [workload('web', { ready: false, podStatus: { phase: 'Succeeded' } }), service('web')],
    ['T0-SERVICE-003 Service shop/web'],
  ],
  [
    'pods of another application behind it',
    [
      workload('web', { labels: { part: 'shop', app: 'web' } }),
      workload('cache', { labels: { part: 'shop', app: 'cache' }, ports: [{ containerPort: 6379 }] }),
      service('web', { selector: { part: 'shop' }, ports: [{ port: 80, targetPort: 8080 }] }),
    ],
    ['T0-SERVICE-004 Service shop/web'],
  ],
  [
    'pods of another application that lack the named port, and so are left out',
    [
      workload('web', { labels: { part: 'shop', app: 'web' } }),
      workload('cache', { labels: { part: 'shop', app: 'cache' }, ports: [{ containerPort: 6379 }] }),
      service('front', { selector: { part: 'shop' } }),
    ],
    [],
  ],
  [
    'a second port for metrics that nobody switched on',
    [
      web,
      service('web', {
        ports: [
          { name: 'http', port: 80, targetPort: 'http' },
          { name: 'metrics', port: 9090, targetPort: 'metrics' },
        ],
      }),
    ],
    ['T0-SERVICE-002 Service shop/web degraded'],
  ],
  [
    'pods that started two minutes ago',
    [
      service('web'),
      ...workload('web', { ready: false }).map((object) => ({
        ...object,
        metadata: { ...(object.metadata as object), creationTimestamp: '2026-05-04T11:58:00Z' },
      })),
    ],
    [],
  ],
  [
    'a canary of the same image',
    [
      workload('web', { image: 'r.example/web:1' }),
      workload('web-canary', { image: 'r.example/web:2', labels: { app: 'web', track: 'canary' }, ports: [{ containerPort: 8080 }] }),
      service('web'),
    ],
    [],
  ],
  [
    'a missing Service of a workload that serves',
    [web, workload('front', { env: env('WEB_URL', 'http://web:8080') })],
    ['T0-SERVICE-005 Service shop/web'],
  ],
  [
    'a missing Service, and the one who needs it crashes',
    [workload('front', { env: env('PAY_HOST', 'payments'), ready: false, podStatus: CRASHING })],
    ['T0-SERVICE-005 Service shop/payments'],
  ],
  [
    'a port that the Service does not have, and the one who asks it crashes',
    [web, service('web'), workload('front', { env: env('WEB_URL', 'http://web:8443/x'), ready: false, podStatus: CRASHING })],
    ['T0-SERVICE-012 Deployment shop/front'],
  ],
  [
    'host and port in two variables',
    [
      web,
      service('web'),
      workload('front', {
        env: [...env('WEB_HOST', 'web.shop.svc.cluster.local'), ...env('WEB_PORT', '8443')],
        ready: false,
        podStatus: CRASHING,
      }),
    ],
    ['T0-SERVICE-012 Deployment shop/front'],
  ],
  [
    'a wrong port in a ConfigMap',
    [
      web,
      service('web'),
      made('ConfigMap', 'links', { data: { WEB_ADDRESS: 'web:8443' } }),
      workload('front', { container: { envFrom: [{ configMapRef: { name: 'links' } }] }, ready: false, podStatus: CRASHING }),
    ],
    ['T0-SERVICE-013 ConfigMap shop/links'],
  ],
  [
    'a port that the Service does not have, and nobody suffers',
    [web, service('web'), workload('front', { env: env('WEB_URL', 'http://web:8443') })],
    [],
  ],
  [
    'the right port, a collector, and a Service without an address of its own',
    [
      web,
      service('web'),
      workload('db'),
      service('db', { clusterIP: 'None', ports: [{ port: 80, targetPort: 'http' }] }),
      workload('front', {
        env: [...env('WEB_URL', 'http://web:80'), ...env('OTLP_URL', 'http://web:4317'), ...env('DB', 'db:5432')],
        ready: false,
        podStatus: CRASHING,
      }),
    ],
    [],
  ],
  ['a missing Service that nobody misses', [workload('front', { env: env('PAY_HOST', 'payments') })], []],
  [
    'a missing collector of traces',
    [workload('front', { env: env('OTEL_EXPORTER_OTLP_ENDPOINT', 'http://otel:4317'), ready: false, podStatus: CRASHING })],
    [],
  ],
  [
    'a host name with a slip of the hand',
    [workload('catalog'), service('catalog'), workload('front', { env: env('WEB_HOST', 'catlog'), ready: false, podStatus: CRASHING })],
    ['T0-SERVICE-006 Deployment shop/front'],
  ],
  [
    'a host name in a ConfigMap with a slip of the hand',
    [
      workload('catalog'),
      service('catalog'),
      made('ConfigMap', 'front', { data: { WEB_HOST: 'catlog' } }),
      workload('front', { container: { envFrom: [{ configMapRef: { name: 'front' } }] }, ready: false, podStatus: CRASHING }),
    ],
    ['T0-SERVICE-007 ConfigMap shop/front'],
  ],
  [
    'an external name inside the cluster that is not there',
    [service('db', { type: 'ExternalName', selector: undefined, externalName: 'postgres.data.svc.cluster.local' })],
    ['T0-SERVICE-008 Service shop/db'],
  ],
  ['an external name outside', [service('db', { type: 'ExternalName', selector: undefined, externalName: 'db.example.com' })], []],
  [
    'clients on nodes without a local endpoint',
    [
      workload('web', { node: 'node-b' }),
      service('web', { internalTrafficPolicy: 'Local' }),
      workload('front', { env: env('WEB_URL', 'http://web'), ready: false }),
    ],
    ['T0-SERVICE-009 Service shop/web'],
  ],
  ['a load balancer that never came', [web, service('web', { type: 'LoadBalancer' })], ['T0-SERVICE-010 Service shop/web degraded']],
  [
    'a load balancer that cannot be built, and why',
    [web, service('web', { type: 'LoadBalancer' }), warning('Service', 'web', 'AllocationFailed', 'no address is left in the pool')],
    ['T0-SERVICE-017 Service shop/web'],
  ],
  [
    'a load balancer whose trouble is over',
    [
      web,
      service('web', { type: 'LoadBalancer' }),
      warning('Service', 'web', 'AllocationFailed', 'no address is left in the pool', { lastTimestamp: '2026-05-04T11:41:00Z' }),
    ],
    ['T0-SERVICE-010 Service shop/web degraded'],
  ],
  ['a warning of a Service that asks for none', [web, service('web'), warning('Service', 'web', 'AllocationFailed', 'no address')], []],
  [
    'a cluster DNS without a ready pod',
    [workload('coredns', { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' }, ready: false })],
    ['T0-SERVICE-011 Deployment kube-system/coredns'],
  ],
  ['a cluster DNS that works', [workload('coredns', { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } })], []],
];

test.each(cases)('%s', async (_title, objects, expected) => {
  expect(await told(serviceRule, objects)).toEqual(expected);
});

test.each(cases.filter(([, , expected]) => expected.length > 0))(
  'without the kinds it rests on nothing is said: %s',
  async (_title, objects) => {
    expect(await told(serviceRule, objects, ['Pod', 'Service'])).toEqual([]);
  },
);

const declaring = (protocol: string) => workload('names', { ports: [{ name: 'dns', containerPort: 53, protocol }] });

test('a Service of UDP before pods that declare TCP leads nowhere; one that agrees does not', async () => {
  const udp = service('names', { ports: [{ port: 53, targetPort: 53, protocol: 'UDP' }] });
  expect(await told(serviceRule, [udp, ...declaring('TCP')])).toEqual(['T0-SERVICE-014 Service shop/names']);
  expect(await told(serviceRule, [udp, ...declaring('UDP')])).toEqual([]);
  const both = ['UDP', 'TCP'].map((protocol) => ({ name: protocol.toLowerCase(), port: 53, targetPort: 53, protocol }));
  expect(await told(serviceRule, [service('names', { ports: both }), ...declaring('TCP')])).toEqual([]);
});
