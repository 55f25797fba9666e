import { kubernetesItemId, type Relation } from '@tier0/core';
import { idOf } from '../kinds/kubernetes-item.ts';
import { entriesOf, isRecord, type KubernetesObject, textOf } from '../kinds/kubernetes-object.ts';
import { type RelationRule, relate } from './relation-rule.ts';

/** Object managedBy its controller, by the owner reference with `controller: true`. */
export const ownerRelations: RelationRule = (objects) =>
  objects.all.flatMap((object): Relation[] => {
    const owner = controllerOf(object);
    if (!owner) return [];
    const to = kubernetesItemId({
      cluster: objects.cluster,
      namespace: owner.kind === 'Node' ? undefined : object.metadata.namespace,
      ...owner,
    });
    return [relate(objects, { from: idOf(object, objects.cluster), to, type: 'managedBy' })];
  });

/** Kind, name and uid of the controlling owner. */
export function controllerOf(
  object: KubernetesObject,
): { readonly kind: string; readonly name: string; readonly uid?: string } | undefined {
  const reference = entriesOf(object.metadata.ownerReferences)
    .filter(isRecord)
    .find((candidate) => candidate.controller === true);
  const kind = textOf(reference?.kind);
  const name = textOf(reference?.name);
  if (!kind || !name) return undefined;
  const uid = textOf(reference?.uid);
  return uid ? { kind, name, uid } : { kind, name };
}
