import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { pause } from './pause.ts';

test('a pause that is cut short rejects with the reason, before it begins and in its middle', async () => {
  const stop = new AbortController();
  const waiting = pause(60_000, stop.signal);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(pause(0, stop.signal)).rejects.toThrow('enough');
});

test('a pause that ends leaves no listener behind', async () => {
  const { signal } = new AbortController();
  await pause(1, signal);
  await pause(0, signal);
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
