/** A bell that remembers whether it rang; however often it rings, it holds one bit. */
export interface News {
  tell(): void;
  /** What was told so far has been taken notice of. */
  forget(): void;
  /** Resolves at once when there is news, else at the next; also when the signal is aborted. */
  wait(signal: AbortSignal): Promise<void>;
  /** Resolves at the next news, whatever was told before; also when the signal is aborted. */
  next(signal: AbortSignal): Promise<void>;
}

export function createNews(): News {
  let isFresh = false;
  const waiting = new Set<() => void>();
  const next = (signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      waiting.add(done);
      signal.addEventListener('abort', done);
    });
  return {
    tell() {
      isFresh = true;
      for (const done of [...waiting]) done();
    },
    forget() {
      isFresh = false;
    },
    wait: async (signal) => (isFresh ? undefined : next(signal)),
    next,
  };
}
