import { expect, test } from 'vitest';
import { type MemoryGap, tellGaps } from './memory-gaps.ts';

const gap = (pod: string, more: Partial<MemoryGap> = {}): MemoryGap => ({
  missing: 'samples',
  namespace: 'shop',
  pod,
  container: 'app',
  reason: 'Prometheus cannot be reached',
  ...more,
});

test('one container is named, those with the same reason share a line, and the rest are counted', () => {
  const lines = (gaps: readonly MemoryGap[]) => tellGaps(gaps).map(({ message }) => message);
  expect(tellGaps([])).toEqual([]);
  expect(lines([gap('web-1')])).toEqual(['could not measure the memory of container app in pod shop/web-1: Prometheus cannot be reached']);
  expect(lines(['a', 'b', 'c', 'd', 'e'].map((pod) => gap(pod)))).toEqual([
    'could not measure the memory of 5 containers in namespace shop (a/app, b/app, c/app and 2 more): Prometheus cannot be reached',
  ]);
  expect(tellGaps([gap('a'), gap('b', { namespace: 'till' })])).toEqual([
    {
      source: 'metrics',
      kind: 'Pod',
      code: 'not-measured',
      message: 'could not measure the memory of 2 containers in 2 namespaces (shop, till): Prometheus cannot be reached',
    },
  ]);
  expect(tellGaps([gap('a')])[0]?.namespace).toBe('shop');
});

test('other reasons, and other things missing, have lines of their own', () => {
  const lines = tellGaps([gap('a'), gap('b', { reason: 'no samples' }), gap('c', { missing: 'trend', reason: '3 samples, 12 needed' })]);
  expect(lines.map(({ message }) => message)).toEqual([
    'could not measure the memory of container app in pod shop/a: Prometheus cannot be reached',
    'could not measure the memory of container app in pod shop/b: no samples',
    'cannot tell the memory trend of container app in pod shop/c: 3 samples, 12 needed',
  ]);
});
