import { kubernetesItemId, type Relation, readField } from '@tier0/core';
import { textOf } from '../kinds/kubernetes-object.ts';
import { type RelationRule, relate } from './relation-rule.ts';

/** Pod runsOn the node it is bound to. */
export const nodeRelations: RelationRule = (objects) =>
  objects.ofKind('Pod').flatMap((pod): Relation[] => {
    const name = textOf(readField(pod, ['spec', 'nodeName']));
    if (!name) return [];
    const to = kubernetesItemId({ cluster: objects.cluster, kind: 'Node', name });
    return [relate(objects, { from: objects.idOf(pod), to, type: 'runsOn' })];
  });
