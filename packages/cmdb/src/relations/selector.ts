import { type Relation, readField } from '@tier0/core';
import { type KubernetesObject, textMap } from '../kinds/kubernetes-object.ts';
import { isMadeOfTemplate } from './owner.ts';
import { type RelationRule, relate } from './relation-rule.ts';

/** Kinds whose pods a Service is written for. Sets that another one of them made are not meant. */
const SERVING_KINDS = ['DaemonSet', 'Deployment', 'DeploymentConfig', 'ReplicaSet', 'ReplicationController', 'Rollout', 'StatefulSet'];

/**
 * Service selects the pods of its namespace whose labels match its selector. One without a selector selects nothing. Where there is no pod
 * to select, it routesTo the workloads whose pods it would select: their absence is its failure.
 */
export const selectorRelations: RelationRule = (objects) => {
  const pods = byLabel(objects.ofKind('Pod'), (pod) => textMap(pod.metadata.labels));
  const workloads = byLabel(
    SERVING_KINDS.flatMap((kind) => objects.ofKind(kind)).filter((workload) => !isMadeOfTemplate(workload)),
    (workload) => textMap(readField(workload, ['spec', 'template', 'metadata', 'labels'])),
  );
  return objects.ofKind('Service').flatMap((service): readonly Relation[] => {
    const selector = Object.entries(textMap(readField(service, ['spec', 'selector'])));
    if (selector.length === 0) return [];
    const from = objects.idOf(service);
    const selected = pods(service.metadata.namespace, selector);
    if (selected.length > 0) return selected.map((pod) => relate(objects, { from, to: objects.idOf(pod), type: 'selects' }));
    return workloads(service.metadata.namespace, selector).map((workload) =>
      relate(objects, { from, to: objects.idOf(workload), type: 'routesTo' }),
    );
  });
};

type Pairs = readonly (readonly [string, string])[];

/** Finds the objects of a namespace that have all pairs among their labels: of the rarest pair's holders, those that have the others too. */
function byLabel(
  all: readonly KubernetesObject[],
  labelsOf: (object: KubernetesObject) => Readonly<Record<string, string>>,
): (namespace: string | undefined, pairs: Pairs) => readonly KubernetesObject[] {
  const holders = new Map<string, KubernetesObject[]>();
  const keyOf = (namespace: string | undefined, [key, value]: readonly [string, string]) => `${namespace ?? ''}\n${key}\n${value}`;
  for (const object of all)
    for (const pair of Object.entries(labelsOf(object))) {
      const key = keyOf(object.metadata.namespace, pair);
      const known = holders.get(key);
      if (known === undefined) holders.set(key, [object]);
      else known.push(object);
    }
  return (namespace, pairs) => {
    const lists = pairs.map((pair) => holders.get(keyOf(namespace, pair)) ?? []);
    const rarest = lists.reduce((best, list) => (list.length < best.length ? list : best));
    return rarest.filter((object) => hasLabels(labelsOf(object), pairs));
  };
}

function hasLabels(labels: Readonly<Record<string, string>>, selector: Pairs): boolean {
  return selector.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}
