import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCmdb, createSqliteCmdbStore } from '@tier0/cmdb';
import { createObjectsSource } from '/work/main/packages/cmdb/src/testing/objects-source.ts';

const size = 300;
const folder = await mkdtemp(join(tmpdir(), 'churn-'));
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
const objects = Array.from({ length: size }, (_, i) => podAt(i, 0));
const store = process.argv[2] === 'none' ? undefined : createSqliteCmdbStore({ file: join(folder, 'cmdb.db') });
const cmdb = createCmdb({
  ...(store ? { store } : {}),
  sources: [createObjectsSource({ cluster: 'soak', objects: () => objects, gaps: () => [] })],
} as never);
let now = Date.parse('2026-01-01T00:00:00Z');
const ctx = { signal: new AbortController().signal, now: () => now };
for (let step = 0; step < 1200; step++) {
  for (let i = 0; i < size; i++) objects[i] = podAt(i, step + 1);
  now += 90_000;
  await cmdb.refresh(ctx);
  if (step % 100 === 99) {
    globalThis.gc?.();
    const m = process.memoryUsage();
    console.log(
      step + 1,
      'h',
      ((now - Date.parse('2026-01-01T00:00:00Z')) / 3.6e6).toFixed(1),
      'heap',
      (m.heapUsed / 2 ** 20).toFixed(1),
      'ext',
      (m.external / 2 ** 20).toFixed(1),
    );
  }
}
if (process.argv[3]) {
  const v8 = await import('node:v8');
  v8.writeHeapSnapshot(process.argv[3]);
}
