import { kubernetesItemId, readField } from '@tier0/core';
import { idOf } from '../kinds/kubernetes-item.ts';
import { entriesOf, textOf } from '../kinds/kubernetes-object.ts';
import { type RelationRule, relate } from './relation-rule.ts';

/** Ingress routesTo the Services its rules and its default backend name. */
export const ingressRelations: RelationRule = (objects) =>
  objects.ofKind('Ingress').flatMap((ingress) => {
    const paths = entriesOf(readField(ingress, ['spec', 'rules'])).flatMap((rule) => entriesOf(readField(rule, ['http', 'paths'])));
    const backends = [...paths.map((path) => readField(path, ['backend'])), readField(ingress, ['spec', 'defaultBackend'])];
    const names = backends.flatMap((backend) => textOf(readField(backend, ['service', 'name'])) ?? []);
    return [...new Set(names)].map((name) =>
      relate(objects, {
        from: idOf(ingress, objects.cluster),
        to: kubernetesItemId({ cluster: objects.cluster, namespace: ingress.metadata.namespace, kind: 'Service', name }),
        type: 'routesTo',
      }),
    );
  });
