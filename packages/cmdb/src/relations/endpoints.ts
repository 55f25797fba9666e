import { readField } from '@tier0/core';
import { entriesOf, type KubernetesObject, textMap } from '../kinds/kubernetes-object.ts';
import { distinctRelations } from './distinct-relations.ts';
import { controllerOf } from './owner.ts';
import { type ClusterObjects, type RelationRule, relateByName } from './relation-rule.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';

/** EndpointSlice is part of the Service whose addresses it lists; Endpoints are part of the Service of their name. */
export const endpointRelations: RelationRule = (objects) => distinctRelations(endpointAll(objects));

const endpointAll: RelationRule = (objects) => {
  const services = new Set(objects.ofKind('Service').map((service) => objects.idOf(service)));
  const named = [
    ...objects.ofKind('EndpointSlice').map((slice) => ({ slice, name: textMap(slice.metadata.labels)[SERVICE_NAME] })),
    ...objects.ofKind('Endpoints').map((slice) => ({ slice, name: slice.metadata.name })),
  ];
  return named
    .flatMap(({ slice, name }) => [
      ...relateByName(objects, slice, { kind: 'Service', name, type: 'partOf' }),
      ...manualTargets(objects, slice),
    ])
    .filter((relation) => relation.type !== 'partOf' || services.has(relation.to));
};

/** Addresses that name their pod lead to it, which is all that tells where a Service without a selector goes. */
function manualTargets(objects: ClusterObjects, slice: KubernetesObject) {
  if (slice.kind !== 'EndpointSlice' || controllerOf(slice)) return [];
  return entriesOf((slice as { readonly endpoints?: unknown }).endpoints).flatMap((endpoint) =>
    readField(endpoint, ['targetRef', 'kind']) === 'Pod'
      ? relateByName(objects, slice, { kind: 'Pod', name: readField(endpoint, ['targetRef', 'name']), type: 'selects' })
      : [],
  );
}
