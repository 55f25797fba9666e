import type { Relation } from '@tier0/core';
import type { KubernetesObject } from '../kinds/kubernetes-object.ts';
import { accessRelations } from './access.ts';
import { autoscalerRelations } from './autoscaler.ts';
import { configurationRelations } from './configuration.ts';
import { controlPlaneRelations } from './control-plane.ts';
import { endpointRelations } from './endpoints.ts';
import { gatewayRelations } from './gateway.ts';
import { gitopsRelations } from './gitops.ts';
import { guardRelations } from './guard.ts';
import { hostNameRelations } from './host-name.ts';
import { ingressRelations } from './ingress.ts';
import { nodeRelations } from './node.ts';
import { ownerRelations } from './owner.ts';
import { type ClusterObjects, indexObjects, type RelationRule } from './relation-rule.ts';
import { scheduleRelations } from './schedule.ts';
import { selectorRelations } from './selector.ts';
import { volumeRelations } from './volume.ts';

/** Every rule that links objects, in the order they run. */
export const RELATION_RULES: readonly RelationRule[] = [
  ownerRelations,
  selectorRelations,
  nodeRelations,
  configurationRelations,
  hostNameRelations,
  ingressRelations,
  autoscalerRelations,
  accessRelations,
  controlPlaneRelations,
  endpointRelations,
  gatewayRelations,
  gitopsRelations,
  guardRelations,
  scheduleRelations,
  volumeRelations,
];

/** Every relation that the objects of one cluster prove, in a fixed order. */
export function kubernetesRelations(objects: Iterable<KubernetesObject>, cluster: string, source: string): readonly Relation[] {
  return relationsAmong(indexObjects(objects, cluster, source));
}

/** The same of objects that are indexed already. */
export function relationsAmong(objects: ClusterObjects): readonly Relation[] {
  return RELATION_RULES.flatMap((rule) => rule(objects));
}
