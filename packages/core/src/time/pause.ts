import { setImmediate, setTimeout } from 'node:timers/promises';

/** Waits real milliseconds; 0 only lets others run. Rejects with the signal's reason when it aborts, so that nobody goes on by mistake. */
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
