/** Wakes those who rest; rung while nobody rests, it wakes the next one at once. */
export interface Bell {
  ring(): void;
  /** Resolves after the time, or at the next ring. Throws the signal's reason when it aborts. */
  rest(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  const resting = new Set<() => void>();
  let wasRung = false;
  return {
    ring() {
      wasRung = resting.size === 0;
      for (const wake of [...resting]) wake();
    },
    rest: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const isNews = wasRung;
        wasRung = false;
        if (isNews) return resolve();
        const end = (settle: () => void) => {
          clearTimeout(timer);
          resting.delete(wake);
          signal.removeEventListener('abort', stop);
          settle();
        };
        const wake = () => end(resolve);
        const stop = () => end(() => reject(signal.reason));
        const timer = setTimeout(wake, milliseconds);
        resting.add(wake);
        signal.addEventListener('abort', stop);
      }),
  };
}
