import { kubernetesItemId, type Relation } from '@tier0/core';
import { qualifiedKind } from '@tier0/core/kubernetes';
import { WORKLOAD_KINDS } from '../kinds/kubernetes-kinds.ts';
import { entriesOf, isRecord, type KubernetesObject, textMap, textOf } from '../kinds/kubernetes-object.ts';
import { distinctRelations } from './distinct-relations.ts';
import { type ClusterObjects, type RelationRule, relate } from './relation-rule.ts';

/**
 * Object managedBy its controller, by the owner reference with `controller: true`. A ReplicaSet that was not recorded is led to its
 * Deployment by its name, which is the Deployment's with the hash of the template behind it.
 */
export const ownerRelations: RelationRule = (objects) => [...stated(objects), ...unrecordedReplicaSets(objects)];

function unrecordedReplicaSets(objects: ClusterObjects): readonly Relation[] {
  if (objects.ofKind('ReplicaSet').length > 0) return [];
  const deployments = new Set(objects.ofKind('Deployment').map((deployment) => objects.idOf(deployment)));
  const relations = objects.ofKind('Pod').flatMap((pod): readonly Relation[] => {
    const owner = controllerOf(pod);
    const hash = textMap(pod.metadata.labels)['pod-template-hash'];
    if (owner?.kind !== 'ReplicaSet' || !hash || !owner.name.endsWith(`-${hash}`)) return [];
    const place = { cluster: objects.cluster, namespace: pod.metadata.namespace };
    const to = kubernetesItemId({ ...place, kind: 'Deployment', name: owner.name.slice(0, -hash.length - 1) });
    const from = kubernetesItemId({ ...place, kind: 'ReplicaSet', name: owner.name });
    return deployments.has(to) ? [relate(objects, { from, to, type: 'managedBy' })] : [];
  });
  return distinctRelations(relations);
}

const stated: RelationRule = (objects) =>
  objects.all.flatMap((object): Relation[] => {
    const owner = controllerOf(object);
    if (!owner) return [];
    const to = kubernetesItemId({
      cluster: objects.cluster,
      namespace: owner.kind === 'Node' ? undefined : object.metadata.namespace,
      ...owner,
    });
    return [relate(objects, { from: objects.idOf(object), to, type: 'managedBy' })];
  });

function isController(reference: unknown): reference is Record<string, unknown> {
  return isRecord(reference) && reference.controller === true;
}

/** Kind, name and uid of the controlling owner. */
export function controllerOf(
  object: KubernetesObject,
): { readonly kind: string; readonly name: string; readonly uid?: string } | undefined {
  const reference = entriesOf(object.metadata.ownerReferences).find(isController);
  const said = textOf(reference?.kind);
  const kind = said && qualifiedKind(textOf(reference?.apiVersion), said);
  const name = textOf(reference?.name);
  if (!kind || !name) return undefined;
  const uid = textOf(reference?.uid);
  return uid ? { kind, name, uid } : { kind, name };
}

/**
 * Whether an object runs what the pod template of its controller says, so that the controller speaks for it. What an operator's resource, a
 * node or a GitOps object stands above has no template over it: it speaks for itself.
 */
export function isMadeOfTemplate(object: KubernetesObject): boolean {
  const owner = controllerOf(object);
  return owner !== undefined && WORKLOAD_KINDS.has(owner.kind);
}
