import { kubernetesItemId, type Relation, readField } from '@tier0/core';
import { type KubernetesObject, textMap } from '../kinds/kubernetes-object.ts';
import { labelTest } from './label-selector.ts';
import { type ClusterObjects, type RelationRule, relate } from './relation-rule.ts';

/** Disruption budgets and network policies guard the pods of their namespace that they select; quotas and limit ranges their namespace. */
export const guardRelations: RelationRule = (objects) => [
  ...objects.ofKind('PodDisruptionBudget').flatMap((budget) => guarded(objects, budget, 'selector')),
  ...objects.ofKind('NetworkPolicy').flatMap((policy) => guarded(objects, policy, 'podSelector')),
  ...['ResourceQuota', 'LimitRange'].flatMap((kind) => objects.ofKind(kind).map((rule) => guardsNamespace(objects, rule))),
];

function guarded(objects: ClusterObjects, guard: KubernetesObject, selector: string): readonly Relation[] {
  const selects = labelTest(readField(guard, ['spec', selector]));
  const from = objects.idOf(guard);
  return objects
    .podsIn(guard.metadata.namespace)
    .filter((pod) => selects(textMap(pod.metadata.labels)))
    .map((pod) => relate(objects, { from, to: objects.idOf(pod), type: 'guards' }));
}

function guardsNamespace(objects: ClusterObjects, rule: KubernetesObject): Relation {
  const to = kubernetesItemId({ cluster: objects.cluster, kind: 'Namespace', name: rule.metadata.namespace ?? '' });
  return relate(objects, { from: objects.idOf(rule), to, type: 'guards' });
}
