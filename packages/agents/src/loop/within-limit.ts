import { Tier0Error } from '@tier0/core';

/** Does work that must end by itself, by the caller's signal, or after `limitMs`. Leaves no timer and no listener behind. */
export async function withinLimit<T>(limitMs: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  let stop = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
    stop = () => controller.abort(signal.reason);
  });
  signal.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(() => controller.abort(timedOut(limitMs)), Math.min(limitMs, 2 ** 31 - 1));
  try {
    return await Promise.race([work(controller.signal), stopped]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    stopped.catch(() => undefined);
  }
}

function timedOut(limitMs: number): Tier0Error {
  return new Tier0Error({ code: 'TIMEOUT', message: `It did not end within ${limitMs} ms.`, hint: 'Allow more time, or ask for less.' });
}
