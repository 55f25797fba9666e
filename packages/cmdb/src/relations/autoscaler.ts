import { kubernetesItemId, type Relation, readField } from '@tier0/core';
import { textOf } from '../kinds/kubernetes-object.ts';
import { type RelationRule, relate } from './relation-rule.ts';

/** HorizontalPodAutoscaler scales its target. */
export const autoscalerRelations: RelationRule = (objects) =>
  objects.ofKind('HorizontalPodAutoscaler').flatMap((autoscaler): Relation[] => {
    const kind = textOf(readField(autoscaler, ['spec', 'scaleTargetRef', 'kind']));
    const name = textOf(readField(autoscaler, ['spec', 'scaleTargetRef', 'name']));
    if (!kind || !name) return [];
    const to = kubernetesItemId({ cluster: objects.cluster, namespace: autoscaler.metadata.namespace, kind, name });
    return [relate(objects, { from: objects.idOf(autoscaler), to, type: 'scales' })];
  });
