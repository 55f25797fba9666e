import { type Coverage, type InventorySource, toTimestamp } from '@tier0/core';
import { KUBERNETES_KINDS } from '../kinds/kubernetes-kinds.ts';
import { isKubernetesObject } from '../kinds/kubernetes-object.ts';
import { kubernetesInventory } from '../sources/kubernetes/inventory.ts';

/** The objects the made-up cluster consists of, and what of them could not be read. */
export interface ObjectsSourceOptions {
  /** Asked anew at each reading. */
  readonly objects: () => readonly unknown[];
  readonly cluster: string;
  /** Coverage rows in place of "complete", by kind. */
  readonly gaps?: () => readonly Coverage[];
}

/** A cluster made of objects in memory, for tests: every kind is complete unless a gap says otherwise. */
export function createObjectsSource(options: ObjectsSourceOptions): InventorySource {
  return {
    name: 'objects',
    async discover({ now }) {
      const gaps = options.gaps?.() ?? [];
      const complete = KUBERNETES_KINDS.filter(({ kind }) => !gaps.some((gap) => gap.kind === kind));
      return kubernetesInventory({
        objects: options.objects().filter(isKubernetesObject),
        coverage: [...complete.map(({ kind }): Coverage => ({ kind, state: 'complete' })), ...gaps],
        cluster: options.cluster,
        observedAt: toTimestamp(now()),
        source: 'objects',
        scope: `kubernetes:${options.cluster}`,
      });
    },
  };
}
