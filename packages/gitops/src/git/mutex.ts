/** Lets one task run at a time, in the order they came. */
export interface Mutex {
  run<T>(task: () => Promise<T>): Promise<T>;
}

export function createMutex(): Mutex {
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(task) {
      const next = last.then(task, task);
      last = next.catch(() => undefined);
      return next;
    },
  };
}
