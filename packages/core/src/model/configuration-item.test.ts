import { expect, test } from 'vitest';
import { kubernetesItemId, parseKubernetesItemId } from './configuration-item.ts';

test('an item id of Kubernetes comes apart as it was put together', () => {
  const identities = [
    { cluster: 'c', namespace: 'shop', kind: 'Pod', name: 'web-1' },
    { cluster: 'c', namespace: undefined, kind: 'Node', name: 'node-a' },
    { cluster: 'c', namespace: 'shop', kind: 'Gateway.networking.istio.io', name: 'a/b:c' },
  ];
  for (const identity of identities) expect(parseKubernetesItemId(kubernetesItemId(identity))).toEqual(identity);
});

test.each([
  '',
  'kubernetes:',
  'kubernetes:c/shop/Pod',
  'kubernetes:c/shop/Pod/',
  'kubernetes:/shop/Pod/web',
  'kubernetes:c//Pod/web',
  'kubernetes:c/shop//web',
  'kubernetes:c/shop/Pod/we\nb',
  'kubernetes:c/shop/Pod/web\u2028',
  'backstage:component:default/web',
  ' kubernetes:c/shop/Pod/web',
])('%j is no item id of Kubernetes', (id) => expect(parseKubernetesItemId(id)).toBeUndefined());
