import { type CmdbRecord, type CmdbStore, type ObjectStore, toTimestamp } from '@tier0/core';

/** A CMDB store that forgets everything when the process ends. */
export function createMemoryCmdbStore(): CmdbStore {
  const records: CmdbRecord[] = [];
  return {
    name: 'memory',
    async append(inventory, { now }) {
      const record = { sequence: records.length + 1, recordedAt: toTimestamp(now()), inventory };
      records.push(record);
      return record;
    },
    async *load() {
      yield* [...records];
    },
    async *since(sequence) {
      yield* records.slice(Math.max(0, sequence));
    },
  };
}

/** An object store that forgets everything when the process ends. */
export function createMemoryObjectStore(): ObjectStore {
  const objects = new Map<string, unknown>();
  return {
    name: 'memory',
    async put(entries) {
      for (const [item, object] of entries) objects.set(item, object);
    },
    async get(item) {
      return objects.get(item);
    },
    async remove(items) {
      for (const item of items) objects.delete(item);
    },
  };
}
