import { type Relation, readField } from '@tier0/core';
import { entriesOf, type KubernetesObject, textOf } from '../kinds/kubernetes-object.ts';
import { distinctRelations } from './distinct-relations.ts';
import { type ClusterObjects, type RelationRule, relateByName } from './relation-rule.ts';

/** A role binding uses its role, and guards the service accounts that it gives the role to. */
export const accessRelations: RelationRule = (objects) => distinctRelations(accessAll(objects));

const accessAll: RelationRule = (objects) =>
  ['RoleBinding', 'ClusterRoleBinding']
    .flatMap((kind) => objects.ofKind(kind))
    .flatMap((binding) => [...roleOf(objects, binding), ...accountsOf(objects, binding)]);

function roleOf(objects: ClusterObjects, binding: KubernetesObject): readonly Relation[] {
  const kind = textOf(readField(binding, ['roleRef', 'kind']));
  const name = readField(binding, ['roleRef', 'name']);
  if (kind !== 'Role' && kind !== 'ClusterRole') return [];
  return relateByName(objects, binding, { kind, namespace: kind === 'ClusterRole' ? '' : undefined, name, type: 'uses' });
}

function accountsOf(objects: ClusterObjects, binding: KubernetesObject): readonly Relation[] {
  return entriesOf(readField(binding, ['subjects']))
    .filter((subject) => readField(subject, ['kind']) === 'ServiceAccount')
    .flatMap((subject) =>
      relateByName(objects, binding, {
        kind: 'ServiceAccount',
        namespace: textOf(readField(subject, ['namespace'])),
        name: readField(subject, ['name']),
        type: 'guards',
      }),
    );
}
