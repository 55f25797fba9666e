import { setImmediate, setTimeout } from 'node:timers/promises';

/** Waits real milliseconds; 0 only lets others run. Throws the signal's reason when it aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  try {
    await (ms <= 0 ? setImmediate(undefined, { signal }) : setTimeout(ms, undefined, { signal }));
  } catch (error) {
    // Node wraps the reason into an error of its own; callers know the signal's.
    signal.throwIfAborted();
    throw error;
  }
}
