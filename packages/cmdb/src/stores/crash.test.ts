import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testContext } from '@tier0/core/testing';
import { afterAll, expect, test } from 'vitest';
import { FactGraph } from '../graph/engine/fact-graph.ts';
import { fromSnapshot, toSnapshot } from '../graph/graph-snapshot.ts';
import { crashRounds } from '../testing/crash-rounds.ts';
import { idsOf, makeCommits, seededRandom } from '../testing/fact-maker.ts';
import { createForgetfulFiles } from '../testing/forgetful-files.ts';
import { powerCuts } from '../testing/power-cut.ts';
import { createSnapshotFile } from './snapshot-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'tier0-crash-'));
const cutFolder = mkdtempSync(join(tmpdir(), 'tier0-power-cut-'));
afterAll(() => {
  for (const path of [folder, cutFolder]) rmSync(path, { recursive: true, force: true });
});

test('a writer killed with -9 at random points loses no acknowledged commit, and closures are right after reopening', async () => {
  const report = await crashRounds({ folder, rounds: 6, seed: 11 });
  expect(report).toMatchObject({ rounds: 6, lost: 0, wrong: 0 });
  expect(report.acknowledged).toBeGreaterThan(50);
  expect(report.withSnapshot).toBeGreaterThan(0);
}, 60_000);

const cuts = powerCuts(folder);
test.skipIf(!cuts)(
  'a file layer that drops everything since the last synchronisation takes no acknowledged commit with it (needs Linux and cc)',
  async () => {
    const report = await crashRounds({ folder: cutFolder, rounds: 4, seed: 12, ...cuts });
    expect(report).toMatchObject({ rounds: 4, lost: 0, wrong: 0 });
    expect(report.acknowledged).toBeGreaterThan(20);
  },
  60_000,
);

test('a power cut at any step of writing a snapshot leaves the old one or the new one', async () => {
  const path = '/db-graph';
  const [old, fresh] = [7, 40].map((count) => {
    const graph = new FactGraph();
    for (const commit of makeCommits({ random: seededRandom(1), ids: idsOf(20), commits: count, factsPerCommit: 9 })) graph.apply(commit);
    return toSnapshot(graph);
  }) as [ReturnType<typeof toSnapshot>, ReturnType<typeof toSnapshot>];
  const seen = new Set<number>();
  for (let steps = 0; ; steps++) {
    const files = createForgetfulFiles();
    await createSnapshotFile({ path, files, owner: () => 'me' }).write(old, testContext());
    let left = steps;
    const step = async <T>(call: () => Promise<T>): Promise<T> => {
      if (left-- === 0) throw new Error('power cut');
      return call();
    };
    const failing: typeof files = {
      ...files,
      open: async (name, mode) => {
        const file = await step(() => files.open(name, mode));
        return file && { ...file, write: (bytes) => step(() => file.write(bytes)), sync: () => step(() => file.sync()) };
      },
      rename: (from, to) => step(() => files.rename(from, to)),
      syncFolder: (name) => step(() => files.syncFolder(name)),
      remove: async () => {},
    };
    const isDone = await createSnapshotFile({ path, files: failing, owner: () => 'me' })
      .write(fresh, testContext())
      .then(() => true)
      .catch(() => false);
    files.cutPower();
    const found = await createSnapshotFile({ path, files, owner: () => 'me' }).read(testContext());
    expect(found && fromSnapshot(found).commits.newest).toBe(found?.sequence);
    seen.add(found?.sequence ?? 0);
    if (isDone) {
      expect(found?.sequence).toBe(fresh.sequence);
      break;
    }
  }
  expect([...seen].sort((a, b) => a - b)).toEqual([old.sequence, fresh.sequence]);
});

test('a snapshot with any byte changed, cut short, of a newer version or of another store is never used', async () => {
  const path = '/db-graph';
  const files = createForgetfulFiles();
  const snapshots = createSnapshotFile({ path, files, owner: () => 'me' });
  const blocks = [{ name: 'numbers', bytes: new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]) }];
  await snapshots.write({ sequence: 3, layout: 'x', blocks }, testContext());
  const whole = files.content(path) as Uint8Array;
  for (let position = 0; position < whole.length; position++) {
    files.put(path, whole);
    files.damage(path, position);
    await expect(snapshots.read(testContext()), `byte ${position}`).rejects.toMatchObject({
      code: expect.stringMatching(/^(MALFORMED_RESPONSE|UNSUPPORTED)$/),
      hint: expect.stringContaining('Nothing is lost'),
    });
  }
  for (let length = 0; length < whole.length; length++) {
    files.put(path, whole.slice(0, length));
    await expect(snapshots.read(testContext()), `${length} bytes`).rejects.toMatchObject({ code: 'MALFORMED_RESPONSE' });
  }
  files.put(
    path,
    Uint8Array.from(whole, (byte, at) => (at === 8 ? 2 : byte)),
  );
  await expect(snapshots.read(testContext())).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('format 2') });
  files.put(path, whole);
  expect(await createSnapshotFile({ path, files, owner: () => 'another' }).read(testContext())).toBeUndefined();
  expect(await snapshots.read(testContext())).toMatchObject({ sequence: 3 });
});
