import type { Coverage, Inventory } from '@tier0/core';
import { acceptObject, refusalCoverage, refusalOf } from '../../kinds/accept-object.ts';
import { toItem } from '../../kinds/kubernetes-item.ts';
import type { KubernetesObject } from '../../kinds/kubernetes-object.ts';
import { withoutSecretValues } from '../../kinds/secret-metadata.ts';
import { relationsAmong } from '../../relations/kubernetes-relations.ts';
import { indexObjects } from '../../relations/relation-rule.ts';
import { kubernetesChanges } from './changes.ts';

export interface KubernetesInventoryInput {
  readonly objects: readonly KubernetesObject[];
  readonly coverage: readonly Coverage[];
  readonly cluster: string;
  /** ISO 8601, UTC. */
  readonly observedAt: string;
  /** Adapter name. */
  readonly source: string;
  readonly scope: string;
  /** `content` (default): two readings compare. `version`: cheaper, and enough for objects that are read once. */
  readonly digest?: 'content' | 'version' | undefined;
  /** Remembers content digests by object. Default: each is made anew. */
  readonly digests?: WeakMap<KubernetesObject, string> | undefined;
}

/**
 * Turns Kubernetes objects, wherever they came from, into an inventory. Values of Secrets are dropped before anything sees them; an object
 * that cannot be worked on is left out alone, and its kind is not known in its namespace.
 */
export function kubernetesInventory(input: KubernetesInventoryInput): Inventory {
  const { coverage, cluster, observedAt, source, scope } = input;
  const all = input.objects.map(acceptObject);
  const objects = all.filter((object) => refusalOf(object) === undefined).map(withoutSecretValues);
  const indexed = indexObjects(objects, cluster, source);
  const sighting = { cluster, source, observedAt, digest: input.digest, digests: input.digests };
  const items = objects.map((object) => toItem(object, sighting, indexed.idOf(object)));
  return {
    scope,
    contract: 'snapshot',
    items,
    relations: relationsAmong(indexed),
    objects: new Map(items.map((item, index) => [item.id, objects[index]])),
    coverage: [...coverage, ...refusalCoverage(all)],
    changes: kubernetesChanges(objects, cluster, source),
    observedAt,
  };
}
