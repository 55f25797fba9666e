import type { InventorySource } from '@tier0/core';
import { kubernetesInventory } from '../kubernetes/inventory.ts';
import { readSnapshot, type Snapshot } from './read-snapshot.ts';

/** Which recording is read, and under which name its cluster goes. */
export interface SnapshotSourceOptions {
  /** Folder of the recording, or a recording that was read already. */
  readonly snapshot: string | Snapshot;
  /** Name of the cluster in item ids. Default: the one in `meta.json`, else `cluster`. */
  readonly cluster?: string | undefined;
}

/** Inventory of a recorded cluster, true for the moment of the recording. */
export function createSnapshotSource(options: SnapshotSourceOptions): InventorySource {
  return {
    name: 'snapshot',
    async discover({ signal }) {
      const snapshot = typeof options.snapshot === 'string' ? await readSnapshot(options.snapshot, signal) : options.snapshot;
      const cluster = options.cluster ?? snapshot.cluster ?? 'cluster';
      const { objects, coverage, now: observedAt } = snapshot;
      return kubernetesInventory({
        objects,
        coverage,
        cluster,
        observedAt,
        source: 'snapshot',
        scope: `snapshot:${cluster}`,
        digest: 'version',
      });
    },
  };
}
