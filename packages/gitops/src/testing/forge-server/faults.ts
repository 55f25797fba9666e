/** What goes wrong with one request. */
export type FaultKind =
  /** The connection ends before anything was done. */
  | 'cut-before'
  /** Everything was done, and the connection ends instead of the answer. */
  | 'cut-after'
  /** Nothing was done, and the answer is 503. */
  | 'error-before'
  /** Everything was done, and the answer is 500. */
  | 'error-after'
  /** The request arrives twice, as from a proxy that repeats it; the second answer is given. */
  | 'twice'
  /** A list is as it was before the last write. */
  | 'stale'
  /** The answer is that too much was asked. */
  | 'rate-limit';

/** A fault and the requests it waits for. */
export interface Fault {
  readonly kind: FaultKind;
  /** `POST`, `GET`, ...; absent: any. */
  readonly method?: string | undefined;
  /** Found in the path and query; absent: any. */
  readonly path?: RegExp | undefined;
  /** Matching requests that pass before it happens. Default 0. */
  readonly after?: number | undefined;
  /** How often it happens. Default once. */
  readonly times?: number | undefined;
}

/** Faults that are waiting. */
export interface FaultQueue {
  /** The next requests meet these faults, one each. */
  add(...faults: readonly Fault[]): void;
  /** Faults that have happened, oldest first. */
  readonly happened: readonly { readonly kind: FaultKind; readonly method: string; readonly path: string }[];
  /** Forgets what waits. */
  clear(): void;
  /** The fault that happens to this request, if any. */
  take(method: string, path: string): FaultKind | undefined;
}

/** An empty queue. */
export function createFaultQueue(): FaultQueue {
  let waiting: { fault: Fault; skip: number; left: number }[] = [];
  const happened: { kind: FaultKind; method: string; path: string }[] = [];
  return {
    happened,
    add(...faults) {
      waiting.push(...faults.map((fault) => ({ fault, skip: fault.after ?? 0, left: fault.times ?? 1 })));
    },
    clear() {
      waiting = [];
    },
    take(method, path) {
      for (const entry of waiting) {
        const { fault } = entry;
        if (entry.left === 0 || (fault.method && fault.method !== method) || (fault.path && !fault.path.test(path))) continue;
        if (entry.skip > 0) {
          entry.skip -= 1;
          continue;
        }
        entry.left -= 1;
        happened.push({ kind: fault.kind, method, path });
        return fault.kind;
      }
      return undefined;
    },
  };
}
