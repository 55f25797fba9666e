import { basename, join } from 'node:path';
import { diagnoseCluster, toDiagnosisDocument } from '@tier0/agents';
import { createSnapshotLogReader, openSnapshot, readSnapshot, type Snapshot } from '@tier0/cmdb';
import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { scenarioFolders } from './accuracy.ts';

const context = testContext(0);
/** Every ninth recording: faults and controls of many sorts, in a few seconds. */
const folders = scenarioFolders(join(import.meta.dirname, '../../scenarios')).filter((_, index) => index % 9 === 3);

async function diagnose(snapshot: Snapshot) {
  const { reader } = await openSnapshot(snapshot, {}, context);
  const diagnosis = await diagnoseCluster(reader, { readLog: createSnapshotLogReader(snapshot) }, context);
  return toDiagnosisDocument(diagnosis, reader);
}

/** Linear congruence with the constants of C's `rand`; the same order in every run. */
function shuffled<T>(list: readonly T[]): readonly T[] {
  const copy = [...list];
  let state = 7;
  for (let index = copy.length - 1; index > 0; index--) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    const other = state % (index + 1);
    [copy[index], copy[other]] = [copy[other] as T, copy[index] as T];
  }
  return copy;
}

/** Pods under new names, wherever they are mentioned; owners keep theirs. */
function withRenamedPods(snapshot: Snapshot): Snapshot {
  const owned = snapshot.objects.filter((object) => object.kind === 'Pod' && /-[a-z0-9]{5}$/.test(object.metadata.name));
  const names = owned.map((pod) => pod.metadata.name);
  const text = names.reduce(
    (rest, name) => rest.replaceAll(`"${name}"`, `"${name.slice(0, -5)}zzz${name.slice(-2)}"`),
    JSON.stringify(snapshot.objects),
  );
  return { ...snapshot, objects: JSON.parse(text) };
}

test.each(folders.map((folder) => [basename(folder), folder]))(
  '%s: the same bytes in any order, and the same fingerprints when pods are called otherwise',
  async (_, folder) => {
    const snapshot = await readSnapshot(folder);
    const document = await diagnose(snapshot);
    expect(JSON.stringify(await diagnose({ ...snapshot, objects: shuffled(snapshot.objects) }))).toBe(JSON.stringify(document));
    const renamed = await diagnose({ ...withRenamedPods(snapshot), logs: new Map() });
    const plain = await diagnose({ ...snapshot, logs: new Map() });
    const fingerprints = (one: typeof document) => one.findings.map((finding) => finding.fingerprint).sort();
    expect(fingerprints(renamed)).toEqual(fingerprints(plain));
  },
);
