import type { Relation } from '@tier0/core';
import type { KubernetesObject } from '../kinds/kubernetes-object.ts';
import { autoscalerRelations } from './autoscaler.ts';
import { configurationRelations } from './configuration.ts';
import { hostNameRelations } from './host-name.ts';
import { ingressRelations } from './ingress.ts';
import { nodeRelations } from './node.ts';
import { ownerRelations } from './owner.ts';
import { indexObjects, type RelationRule } from './relation-rule.ts';
import { selectorRelations } from './selector.ts';

const RULES: readonly RelationRule[] = [
  ownerRelations,
  selectorRelations,
  nodeRelations,
  configurationRelations,
  hostNameRelations,
  ingressRelations,
  autoscalerRelations,
];

/** Every relation that the objects of one cluster prove, in a fixed order. */
export function kubernetesRelations(objects: Iterable<KubernetesObject>, cluster: string, source: string): readonly Relation[] {
  const indexed = indexObjects(objects, cluster, source);
  return RULES.flatMap((rule) => rule(indexed));
}
