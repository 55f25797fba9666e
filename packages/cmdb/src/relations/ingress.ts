import { readField } from '@tier0/core';
import { entriesOf, textOf } from '../kinds/kubernetes-object.ts';
import { type RelationRule, relateByName } from './relation-rule.ts';

/** Ingress routesTo the Services its rules and its default backend name, and uses its class and its certificates. */
export const ingressRelations: RelationRule = (objects) =>
  objects.ofKind('Ingress').flatMap((ingress) => {
    const paths = entriesOf(readField(ingress, ['spec', 'rules'])).flatMap((rule) => entriesOf(readField(rule, ['http', 'paths'])));
    const backends = [...paths.map((path) => readField(path, ['backend'])), readField(ingress, ['spec', 'defaultBackend'])];
    const names = backends.flatMap((backend) => textOf(readField(backend, ['service', 'name'])) ?? []);
    const secrets = entriesOf(readField(ingress, ['spec', 'tls'])).flatMap((entry) => textOf(readField(entry, ['secretName'])) ?? []);
    const className = readField(ingress, ['spec', 'ingressClassName']);
    return [
      ...[...new Set(names)].flatMap((name) => relateByName(objects, ingress, { kind: 'Service', name, type: 'routesTo' })),
      ...[...new Set(secrets)].flatMap((name) => relateByName(objects, ingress, { kind: 'Secret', name, type: 'uses' })),
      ...relateByName(objects, ingress, { kind: 'IngressClass', namespace: '', name: className, type: 'uses' }),
    ];
  });
