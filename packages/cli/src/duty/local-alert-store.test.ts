import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describeAlertStore, testContext } from '@tier0/core/testing';
import { expect, onTestFinished, test } from 'vitest';
import { createLocalAlertStore } from './local-alert-store.ts';

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tier0-alerts-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'alerts.json');
}

describeAlertStore('local', async () => {
  const file = await place();
  return { store: createLocalAlertStore(file), reopen: async () => createLocalAlertStore(file) };
});

test('a damaged file holds none, and is written anew', async () => {
  const file = await place();
  await writeFile(file, '{"half');
  const store = createLocalAlertStore(file);
  expect(await store.read('a', testContext())).toEqual([]);
});

test('a file that cannot be read is an error, and no empty store', async () => {
  const file = await place();
  await expect(createLocalAlertStore(dirname(file)).read('a', testContext())).rejects.toThrow(/Could not read the alerts/);
});

test('what cannot be kept is not taken, and says so', async () => {
  const file = await place();
  const store = createLocalAlertStore(join(file, 'alerts.json'));
  expect(await store.read('a', testContext())).toEqual([]);
  await writeFile(file, 'no folder');
  const alert = {
    fingerprint: 'x',
    labels: {},
    summary: '',
    severity: 'fault',
    startsAt: '2026-03-20T08:00:00Z',
    evidence: [],
    source: 's',
  } as const;
  await expect(store.take('a', [alert], testContext())).rejects.toThrow(/Could not keep the alerts/);
  expect(await store.read('a', testContext())).toEqual([]);
});
