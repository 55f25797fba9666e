import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scenarioFolders } from './accuracy.ts';
import { tryPlacebos } from './placebo.ts';

const context = { signal: new AbortController().signal, now: () => Date.now() };

test('no useless edit passes a rehearsal, neither for people nor in the loop', { timeout: 300_000 }, async () => {
  const folders = scenarioFolders(join(import.meta.dirname, '../../scenarios')).filter((_, index) => index % 4 === 0);
  const { tried, passed, byKind } = await tryPlacebos(folders, context);

  expect(passed).toEqual([]);
  expect(tried).toBeGreaterThan(300);
  expect([...byKind.keys()].sort()).toEqual([
    'annotation',
    'default written out',
    'label of the object',
    'no-op',
    'other workload',
    'restart',
  ]);
});
