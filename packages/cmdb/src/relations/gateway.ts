import { type Relation, readField } from '@tier0/core';
import { entriesOf, type KubernetesObject, textOf } from '../kinds/kubernetes-object.ts';
import { distinctRelations } from './distinct-relations.ts';
import { type ClusterObjects, type RelationRule, relateByName } from './relation-rule.ts';

/** HTTPRoute routesTo its backends and uses its gateways; a gateway uses its class and the certificates of its listeners. */
export const gatewayRelations: RelationRule = (objects) => distinctRelations(gatewayAll(objects));

const gatewayAll: RelationRule = (objects) => [
  ...objects.ofKind('HTTPRoute').flatMap((route) => [...backends(objects, route), ...parents(objects, route)]),
  ...objects.ofKind('Gateway').flatMap((gateway) => [
    ...relateByName(objects, gateway, {
      kind: 'GatewayClass',
      namespace: '',
      name: readField(gateway, ['spec', 'gatewayClassName']),
      type: 'uses',
    }),
    ...certificates(objects, gateway),
  ]),
];

function backends(objects: ClusterObjects, route: KubernetesObject): readonly Relation[] {
  const references = entriesOf(readField(route, ['spec', 'rules'])).flatMap((rule) => entriesOf(readField(rule, ['backendRefs'])));
  return references
    .filter((reference) => (readField(reference, ['kind']) ?? 'Service') === 'Service')
    .flatMap((reference) =>
      relateByName(objects, route, {
        kind: 'Service',
        namespace: textOf(readField(reference, ['namespace'])),
        name: readField(reference, ['name']),
        type: 'routesTo',
      }),
    );
}

function parents(objects: ClusterObjects, route: KubernetesObject): readonly Relation[] {
  return entriesOf(readField(route, ['spec', 'parentRefs'])).flatMap((parent) =>
    relateByName(objects, route, {
      kind: textOf(readField(parent, ['kind'])) ?? 'Gateway',
      namespace: textOf(readField(parent, ['namespace'])),
      name: readField(parent, ['name']),
      type: 'uses',
    }),
  );
}

function certificates(objects: ClusterObjects, gateway: KubernetesObject): readonly Relation[] {
  const listeners = entriesOf(readField(gateway, ['spec', 'listeners']));
  return listeners
    .flatMap((listener) => entriesOf(readField(listener, ['tls', 'certificateRefs'])))
    .flatMap((reference) =>
      relateByName(objects, gateway, {
        kind: 'Secret',
        namespace: textOf(readField(reference, ['namespace'])),
        name: readField(reference, ['name']),
        type: 'uses',
      }),
    );
}
