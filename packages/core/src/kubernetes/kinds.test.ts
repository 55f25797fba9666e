import { expect, test } from 'vitest';
import { bareKind, qualifiedKind } from './kinds.ts';

test.each([
  ['networking.k8s.io/v1', 'NetworkPolicy', 'NetworkPolicy'],
  ['crd.projectcalico.org/v1', 'NetworkPolicy', 'NetworkPolicy.crd.projectcalico.org'],
  ['serving.knative.dev/v1', 'Service', 'Service.serving.knative.dev'],
  ['networking.istio.io/v1', 'Gateway', 'Gateway.networking.istio.io'],
  ['v1', 'Service', 'Service'],
  ['v1', 'Ingress', 'Ingress'],
  ['extensions/v1beta1', 'Ingress', 'Ingress'],
  ['events.k8s.io/v1', 'Event', 'Event'],
  ['shop.example/v1', 'Basket', 'Basket'],
  [undefined, 'Deployment', 'Deployment'],
  ['shop.example/v1', 'Deployment', 'Deployment.shop.example'],
])('%s %s goes by %s', (apiVersion, kind, expected) => {
  expect(qualifiedKind(apiVersion, kind)).toBe(expected);
  expect(bareKind(expected)).toBe(kind);
});
