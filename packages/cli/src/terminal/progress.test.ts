import { expect, test } from 'vitest';
import { toOutlet } from './outlet.ts';
import { createProgress, leftMs } from './progress.ts';

function watched(showsProgress: boolean) {
  let written = '';
  let now = 0;
  const progress = createProgress(
    {
      showsProgress,
      stderr: (text) => {
        written += toOutlet(text);
      },
    },
    () => now,
  );
  const lines = () => written.split('\x1b[2K\r').filter((line) => line !== '');
  return { progress, lines, written: () => written, wait: (ms: number) => (now += ms) };
}

test('on a terminal it counts, and says what is left once it has seen enough', () => {
  const { progress, lines, wait } = watched(true);
  progress.tell('reading kinds', { done: 0, all: 60 });
  wait(50);
  progress.tell('reading kinds', { done: 1, all: 60 });
  wait(1_950);
  progress.tell('reading kinds', { done: 20, all: 60 });
  progress.tell('checking 300 rules');
  progress.end();
  expect(lines()).toEqual(['reading kinds 0 of 60 ...', 'reading kinds 20 of 60, about 4 s left ...', 'checking 300 rules ...']);
});

test('in a pipe it says nothing', () => {
  const { progress, written } = watched(false);
  progress.tell('reading kinds', { done: 1, all: 2 });
  progress.end();
  expect(written()).toBe('');
});

test.each([
  [{ done: 0, all: 10 }, 5_000, undefined],
  [{ done: 1, all: 10 }, 500, undefined],
  [{ done: 10, all: 10 }, 5_000, undefined],
  [{ done: 5, all: 10 }, 5_000, 5_000],
])('%o after %i ms: %s ms left', (count, elapsedMs, left) => {
  expect(leftMs(count, { elapsedMs, doneBefore: 0 })).toBe(left);
});
