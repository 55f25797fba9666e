// What a CMDB that watches for days costs in memory: churn at many writes a second, accelerated, and the slope of the heap after collection.
import { createCmdb } from '@tier0/cmdb';
import { createObjectsSource } from '../../packages/cmdb/src/testing/objects-source.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Row, toRecord } from '../frame/record.ts';

const options = readOptions(['writes', 'objects', 'per-second']);
const writes = options.count('writes', 720_000);
const size = options.count('objects', 1_000);
const perSecond = options.count('per-second', 100);
const START = Date.parse('2026-01-01T00:00:00Z');

let now = START;
const objects = Array.from({ length: size }, (_, index) => podAt(index, 0));
const cmdb = createCmdb({ sources: [createObjectsSource({ cluster: 'soak', objects: () => objects, gaps: () => [] })] });
const context = { signal: new AbortController().signal, now: () => now };

function podAt(index: number, version: number) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `p${index}`,
      namespace: 'soak',
      uid: `u${index}`,
      resourceVersion: String(version),
      labels: { app: `a${index % 50}` },
    },
    spec: { nodeName: `n${version % 20}`, containers: [{ name: 'c', image: `i:${version}` }] },
    status: {
      phase: version % 2 ? 'Running' : 'Pending',
      containerStatuses: [{ name: 'c', ready: version % 2 === 1, restartCount: version, image: 'i', state: {} }],
    },
  };
}

const heaps: (readonly [writes: number, megabytes: number])[] = [];
await cmdb.refresh(context);
for (let done = 0; done < writes; done += perSecond) {
  for (let one = 0; one < perSecond; one++) objects[(done + one) % size] = podAt((done + one) % size, done + one);
  now += 1_000;
  await cmdb.refresh(context);
  if (done % (writes / 12) < perSecond) {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    // Columns of the graph are typed arrays, which the heap of the engine does not count.
    heaps.push([done, (heapUsed + external) / 2 ** 20]);
  }
}
/** Least squares over the later two thirds, MiB an hour of the simulated clock. */
const later = heaps.slice(Math.floor(heaps.length / 3));
const [meanX, meanY] = [mean(later.map(([x]) => x)), mean(later.map(([, y]) => y))];
const slope = later.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / later.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
const perHour = slope * perSecond * 3_600;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const row = (measure: string, unit: string, value: number): Row => ({
  measure,
  subject: 'tier0',
  unit,
  n: 1,
  median: value,
  min: value,
  max: value,
});
publish(
  toRecord('soak', {
    rows: [row('heap-slope', 'MiB/h', perHour), row('heap-end', 'MiB', heaps.at(-1)?.[1] ?? 0)],
    notes: [
      `${writes} writes to ${size} objects, ${perSecond} a second of the simulated clock.`,
      ...heaps.map(([at, mb]) => `after ${at} writes: ${mb.toFixed(1)} MiB`),
    ],
  }),
  options.json,
);
