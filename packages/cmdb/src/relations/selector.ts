import { type Relation, readField } from '@tier0/core';
import { idOf } from '../kinds/kubernetes-item.ts';
import { type KubernetesObject, textMap } from '../kinds/kubernetes-object.ts';
import { type ClusterObjects, type RelationRule, relate } from './relation-rule.ts';

/** Kinds whose pods a Service is written for. */
const SERVING_KINDS = ['DaemonSet', 'Deployment', 'Rollout', 'StatefulSet'];

/**
 * Service selects the pods of its namespace whose labels match its selector. One without a selector selects nothing. Where there is no pod
 * to select, it routesTo the workloads whose pods it would select: their absence is its failure.
 */
export const selectorRelations: RelationRule = (objects) =>
  objects.ofKind('Service').flatMap((service): readonly Relation[] => {
    const selector = Object.entries(textMap(readField(service, ['spec', 'selector'])));
    if (selector.length === 0) return [];
    const from = idOf(service, objects.cluster);
    const pods = objects.podsIn(service.metadata.namespace).filter((pod) => hasLabels(textMap(pod.metadata.labels), selector));
    if (pods.length > 0) return pods.map((pod) => relate(objects, { from, to: idOf(pod, objects.cluster), type: 'selects' }));
    return workloadsOf(objects, service.metadata.namespace)
      .filter((workload) => hasLabels(textMap(readField(workload, ['spec', 'template', 'metadata', 'labels'])), selector))
      .map((workload) => relate(objects, { from, to: idOf(workload, objects.cluster), type: 'routesTo' }));
  });

function workloadsOf(objects: ClusterObjects, namespace: string | undefined): readonly KubernetesObject[] {
  return SERVING_KINDS.flatMap((kind) => objects.ofKind(kind)).filter((workload) => workload.metadata.namespace === namespace);
}

function hasLabels(labels: Readonly<Record<string, string>>, selector: readonly (readonly [string, string])[]): boolean {
  return selector.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}
