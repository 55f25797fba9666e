/** Those who wait for a commit, inside this process. */
export interface Waiters {
  /** Resolves with the newest sequence once it is above `after`; with `after` when the signal aborts. */
  wait(request: { readonly after: number; readonly latest: number; readonly signal: AbortSignal }): Promise<number>;
  /** Tells everybody that `sequence` is durable. */
  wake(sequence: number): void;
}

export function createWaiters(): Waiters {
  const waiting = new Set<(sequence: number) => void>();
  return {
    wait({ after, latest, signal }) {
      if (latest > after) return Promise.resolve(latest);
      if (signal.aborted) return Promise.resolve(after);
      return new Promise((resolve) => {
        const end = (sequence: number) => {
          waiting.delete(onWake);
          signal.removeEventListener('abort', onAbort);
          resolve(sequence);
        };
        const onAbort = () => end(after);
        const onWake = (sequence: number) => sequence > after && end(sequence);
        signal.addEventListener('abort', onAbort, { once: true });
        waiting.add(onWake);
      });
    },
    wake(sequence) {
      for (const onWake of [...waiting]) onWake(sequence);
    },
  };
}
