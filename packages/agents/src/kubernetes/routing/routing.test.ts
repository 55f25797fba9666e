import { expect, test } from 'vitest';
import type { Rule } from '../../findings/rule.ts';
import { clusterWide, made, service, told, workload } from '../../fixtures/cluster-objects.ts';
import { gatewayRule } from './gateway.ts';
import { httprouteRule } from './httproute.ts';
import { ingressRule } from './ingress.ts';

const shop = [workload('web'), service('web', { ports: [{ name: 'web', port: 80, targetPort: 'http' }] })];
const nginx = clusterWide('IngressClass', 'nginx');
const ingress = (name: string, spec: object, status: object = {}) => made('Ingress', name, { spec, status });
const to = (name: string, port: object = { number: 80 }) => ({ rules: [{ http: { paths: [{ backend: { service: { name, port } } }] } }] });
const served = { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } };

const gatewayApi = 'gateway.networking.k8s.io/v1';
const gatewayClass = clusterWide('GatewayClass', 'envoy', { apiVersion: gatewayApi });
const gateway = (listeners: readonly object[], status: object = {}, gatewayClassName = 'envoy') =>
  made('Gateway', 'edge', { apiVersion: gatewayApi, metadata: { namespace: 'infra' }, spec: { gatewayClassName, listeners }, status });
const open = { name: 'https', port: 443, hostname: '*.example.com', allowedRoutes: { namespaces: { from: 'All' } } };
const route = (parent: object, spec: object = {}, status: object = {}) =>
  made('HTTPRoute', 'web', {
    apiVersion: gatewayApi,
    spec: { parentRefs: [{ name: 'edge', namespace: 'infra', ...parent }], hostnames: ['web.example.com'], ...spec },
    status,
  });
const refused = {
  type: 'Programmed',
  status: 'False',
  reason: 'Invalid',
  message: 'listener conflict',
  lastTransitionTime: '2026-05-04T08:00:00Z',
};
const teamOnly = { ...open, allowedRoutes: { namespaces: { from: 'Selector', selector: { matchLabels: { team: 'a' } } } } };

const cases: readonly (readonly [string, Rule, readonly unknown[], readonly string[]])[] = [
  [
    'a class that is not there',
    ingressRule,
    [shop, nginx, ingress('i', { ingressClassName: 'nginxx', ...to('web') })],
    ['T0-INGRESS-001 Ingress shop/i'],
  ],
  [
    'a class in a cluster without classes',
    ingressRule,
    [shop, ingress('i', { ingressClassName: 'nginx', ...to('web') })],
    ['T0-INGRESS-001 Ingress shop/i degraded'],
  ],
  [
    'no class, and only the others are served',
    ingressRule,
    [shop, nginx, ingress('i', to('web')), ingress('j', { ingressClassName: 'nginx', ...to('web') }, served)],
    ['T0-INGRESS-002 Ingress shop/i'],
  ],
  ['no class, but served all the same', ingressRule, [shop, nginx, ingress('i', to('web'), served)], []],
  [
    'a backend of nearly that name',
    ingressRule,
    [workload('orders'), service('orders'), ingress('i', to('order'))],
    ['T0-INGRESS-003 Ingress shop/i'],
  ],
  ['a backend that is nowhere', ingressRule, [shop, ingress('i', to('search'))], ['T0-SERVICE-005 Service shop/search']],
  ['a port that the Service lacks', ingressRule, [shop, ingress('i', to('web', { number: 8080 }))], ['T0-INGRESS-004 Ingress shop/i']],
  ['a port by its name', ingressRule, [shop, ingress('i', to('web', { name: 'web' }))], []],
  [
    'a TLS Secret that is not there',
    ingressRule,
    [made('Secret', 'other'), ingress('i', { tls: [{ secretName: 'web-tls' }] })],
    ['T0-INGRESS-005 Secret shop/web-tls'],
  ],
  ['a gateway class that is not there', gatewayRule, [gatewayClass, gateway([open], {}, 'envy')], ['T0-GATEWAY-001 Gateway infra/edge']],
  [
    'a gateway class nobody accepted',
    gatewayRule,
    [
      clusterWide('GatewayClass', 'envoy', {
        apiVersion: gatewayApi,
        status: {
          conditions: [
            { type: 'Other', status: 'True' },
            { type: 'Accepted', status: 'Unknown' },
          ],
        },
      }),
      gateway([open]),
    ],
    ['T0-GATEWAYCLASS-001 GatewayClass envoy'],
  ],
  [
    'a gateway that is not programmed',
    gatewayRule,
    [gatewayClass, gateway([open], { conditions: [refused] })],
    ['T0-GATEWAY-002 Gateway infra/edge'],
  ],
  [
    'a gateway of another group',
    gatewayRule,
    [made('Gateway', 'mesh', { apiVersion: 'networking.istio.io/v1', spec: { gatewayClassName: 'nothing' } })],
    [],
  ],
  ['a parent that is not there', httprouteRule, [gateway([open]), route({ name: 'egde' })], ['T0-HTTPROUTE-001 HTTPRoute shop/web']],
  [
    'a listener that is not there',
    httprouteRule,
    [gateway([open]), route({ sectionName: 'http' })],
    ['T0-HTTPROUTE-002 HTTPRoute shop/web'],
  ],
  [
    'a host no listener is for',
    httprouteRule,
    [gateway([open]), route({}, { hostnames: ['web.example.org'] })],
    ['T0-HTTPROUTE-002 HTTPRoute shop/web'],
  ],
  [
    'a namespace that is not allowed',
    httprouteRule,
    [clusterWide('Namespace', 'shop', { metadata: { labels: { team: 'b' } } }), gateway([teamOnly]), route({})],
    ['T0-HTTPROUTE-002 HTTPRoute shop/web'],
  ],
  [
    'a namespace that is allowed by its own labels',
    httprouteRule,
    [clusterWide('Namespace', 'shop', { metadata: { labels: { team: 'a' } } }), gateway([teamOnly]), route({})],
    [],
  ],
  [
    'a backend port that is not there',
    httprouteRule,
    [shop, gateway([open]), route({}, { rules: [{ backendRefs: [{ name: 'web', port: 81 }] }] })],
    ['T0-HTTPROUTE-003 HTTPRoute shop/web'],
  ],
  [
    'a backend elsewhere without a grant',
    httprouteRule,
    [
      service('pay', {}, 'money'),
      gateway([open]),
      route({}, { rules: [{ backendRefs: [{ name: 'pay', namespace: 'money', port: 80 }] }] }),
    ],
    ['T0-HTTPROUTE-004 HTTPRoute shop/web'],
  ],
  [
    'a backend elsewhere with a grant',
    httprouteRule,
    [
      service('pay', {}, 'money'),
      gateway([open]),
      route({}, { rules: [{ backendRefs: [{ name: 'pay', namespace: 'money', port: 80 }] }] }),
      made('ReferenceGrant', 'g', {
        metadata: { namespace: 'money' },
        spec: { from: [{ kind: 'HTTPRoute', namespace: 'shop' }], to: [{ kind: 'Service' }] },
      }),
    ],
    [],
  ],
  [
    'a refusal in the words of the controller',
    httprouteRule,
    [
      gateway([open]),
      route(
        {},
        {},
        { parents: [{ parentRef: { name: 'edge' }, conditions: [{ type: 'Accepted', status: 'False', reason: 'UnsupportedValue' }] }] },
      ),
    ],
    ['T0-HTTPROUTE-005 HTTPRoute shop/web'],
  ],
];

test.each(cases)('%s', async (_title, rule, objects, expected) => {
  expect(await told(rule, objects)).toEqual(expected);
});

test('a missing Secret is said where Secrets were read, and not where a Certificate answers for it', async () => {
  const withTls = ingress('i', { tls: [{ secretName: 'web-tls' }] });
  const certificate = made('Certificate', 'web', { spec: { secretName: 'web-tls' } });
  expect(await told(ingressRule, [withTls], ['Secret'])).toEqual([]);
  expect(await told(ingressRule, [withTls, certificate, made('Secret', 'other')])).toEqual([]);
});

test('nothing is missing where its kind was not read', async () => {
  for (const [, rule, objects] of cases.filter(([, , , expected]) => /-001|-003 Ingress|SERVICE-005|ROUTE-00[14]/.test(expected.join()))) {
    expect(await told(rule, objects, ['IngressClass', 'Service', 'GatewayClass', 'Gateway', 'ReferenceGrant'])).toEqual([]);
  }
});

test('a certificate that a listener names and that is not there', async () => {
  const withTls = { ...open, tls: { certificateRefs: [{ name: 'edge-tls' }] } };
  const resolved = { type: 'ResolvedRefs', status: 'False', reason: 'InvalidCertificateRef', message: 'Secret infra/edge-tls not found' };
  const spoken = { listeners: [{ name: 'https', conditions: [resolved] }] };
  const missing = ['T0-GATEWAY-003 Secret infra/edge-tls'];
  expect(await told(gatewayRule, [gatewayClass, gateway([withTls]), made('Secret', 'other')])).toEqual(missing);
  expect(await told(gatewayRule, [gatewayClass, gateway([withTls])], ['Secret'])).toEqual([]);
  expect(await told(gatewayRule, [gatewayClass, gateway([withTls], spoken)], ['Secret'])).toEqual(missing);
});
