import { readField } from '@tier0/core';
import { idOf } from '../kinds/kubernetes-item.ts';
import { textMap } from '../kinds/kubernetes-object.ts';
import { type RelationRule, relate } from './relation-rule.ts';

/** Service selects the pods of its namespace whose labels match its selector. A Service without a selector selects nothing. */
export const selectorRelations: RelationRule = (objects) => {
  return objects.ofKind('Service').flatMap((service) => {
    const selector = Object.entries(textMap(readField(service, ['spec', 'selector'])));
    if (selector.length === 0) return [];
    const pods = objects.podsIn(service.metadata.namespace);
    return pods
      .filter((pod) => hasLabels(textMap(pod.metadata.labels), selector))
      .map((pod) => relate(objects, { from: idOf(service, objects.cluster), to: idOf(pod, objects.cluster), type: 'selects' }));
  });
};

function hasLabels(labels: Readonly<Record<string, string>>, selector: readonly (readonly [string, string])[]): boolean {
  return selector.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}
