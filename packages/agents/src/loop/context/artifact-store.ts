/** Where whole answers are kept that are too long to show. */
export interface ArtifactStore {
  /** Keeping the same id again changes nothing. */
  put(run: string, id: string, text: string): Promise<void>;
  /** Undefined for an id this run did not keep. */
  get(run: string, id: string): Promise<string | undefined>;
}

/** A store that lasts as long as the process; `forget` releases a run. */
export interface MemoryArtifactStore extends ArtifactStore {
  /** Drops everything that was kept for a run. */
  forget(run: string): void;
}

/** Artifacts in memory, at most `maxBytes` a run (default 256 MiB); more is refused with RangeError. */
export function createMemoryArtifactStore({ maxBytes = 256 * 2 ** 20 } = {}): MemoryArtifactStore {
  const runs = new Map<string, Map<string, string>>();
  return {
    async put(run, id, text) {
      const kept = runs.get(run) ?? new Map<string, string>();
      const used = [...kept.values()].reduce((sum, one) => sum + one.length, 0);
      if (!kept.has(id) && used + text.length > maxBytes) throw new RangeError(`The artifacts of one run may hold ${maxBytes} bytes.`);
      if (!kept.has(id)) kept.set(id, text);
      runs.set(run, kept);
    },
    get: async (run, id) => runs.get(run)?.get(id),
    forget: (run) => void runs.delete(run),
  };
}
