import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { logKeyOf, logsByContainer } from './log-files.ts';
import { createSnapshotLogReader } from './log-reader.ts';
import { readSnapshot } from './read-snapshot.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

test.each([
  ['logs/shop/web-1/web.log', 'shop/web-1/web'],
  ['logs/shop/web-1/web.previous.log', 'shop/web-1/web.previous'],
  ['must-gather.local.81/quay-io-x/namespaces/shop/pods/web-1/web/web/logs/current.log', 'shop/web-1/web'],
  ['namespaces/shop/pods/web-1/web/web/logs/previous.log', 'shop/web-1/web.previous'],
  ['support-bundle-2026/cluster-resources/pods/logs/shop/web-1/web.log', 'shop/web-1/web'],
  ['cluster-resources/pods/logs/shop/web-1/web-previous.log', 'shop/web-1/web.previous'],
  ['shop/web-1/logs.txt', 'shop/web-1/*'],
  ['dump/shop/web-1/logs.txt', 'shop/web-1/*'],
  ['namespaces/shop/pods/web-1/web/web/logs/previous.insecure.log', undefined],
  ['notes/web.log', undefined],
  ['web.log', undefined],
])('%s is the log of %s', (file, key) => expect(logKeyOf(file)).toBe(key));

test('a dump holds the containers of a pod one after the other', () => {
  const text = `==== START logs for init container wait of pod shop/web-1 ====
waiting
==== END logs for init container wait of pod shop/web-1 ====
==== START logs for container web of pod shop/web-1 ====
listening
FATAL no more
==== END logs for container web of pod shop/web-1 ====
`;
  expect(logsByContainer(text)).toEqual(
    new Map([
      ['wait', 'waiting\n'],
      ['web', 'listening\nFATAL no more\n'],
    ]),
  );
});

test.each([
  [
    'cluster-info dump',
    'shop/pods.json',
    'shop/web-1/logs.txt',
    '==== START logs for container web of pod shop/web-1 ====\nFATAL\n==== END logs for container web of pod shop/web-1 ====\n',
  ],
  ['must-gather', 'mg/namespaces/shop/core/pods.yaml', 'mg/namespaces/shop/pods/web-1/web/web/logs/current.log', 'FATAL\n'],
  ['support-bundle', 'cluster-resources/pods/shop.json', 'cluster-resources/pods/logs/shop/web-1/web.log', 'FATAL\n'],
])('a folder of %s is a recording with its logs', async (_, objects, log, text) => {
  const pod = {
    metadata: { namespace: 'shop', name: 'web-1', creationTimestamp: '2026-03-01T10:00:00Z' },
    spec: { containers: [{ name: 'web' }] },
  };
  const directory = await folderOf({
    [objects]: JSON.stringify({ apiVersion: 'v1', kind: 'PodList', items: [pod] }),
    'cluster-resources/groups.json': '{"groups": []}',
    [log]: text,
  });
  const snapshot = await readSnapshot(directory);
  expect(snapshot.objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['Pod web-1']);
  expect(snapshot.coverage.filter(({ state }) => state === 'failed').map(({ kind }) => kind)).not.toContain('*');
  const read = createSnapshotLogReader(snapshot);
  const request = { namespace: 'shop', pod: 'web-1', container: 'web', limitBytes: 1000, signal: new AbortController().signal };
  expect(await read({ ...request, previous: false })).toBe('FATAL\n');
  expect(await read({ ...request, previous: true })).toBeUndefined();
});

test('a support bundle has a List for each namespace, null where it is empty, and says the version of the server', async () => {
  const list = (kind: string, items: readonly unknown[] | null) => JSON.stringify({ apiVersion: 'v1', kind: `${kind}List`, items });
  const directory = await folderOf({
    'bundle/cluster-info/cluster_version.json': '{"info": {"gitVersion": "v1.34.4"}, "string": "v1.34.4"}',
    'bundle/cluster-resources/pods/shop.json': list('Pod', [{ metadata: { namespace: 'shop', name: 'web-1' } }]),
    'bundle/cluster-resources/pvcs/shop.json': list('PersistentVolumeClaim', null),
    'bundle/cluster-resources/widgets/shop.json': list('Widget', null),
  });
  const { serverVersion, coverage } = await readSnapshot(directory);
  expect(serverVersion).toBe('v1.34.4');
  const complete = coverage.filter(({ state }) => state === 'complete').map(({ kind }) => kind);
  expect(complete).toEqual(['PersistentVolumeClaim', 'Pod']);
});

test.each([
  ['namespaces/shop/shop.yaml', '', 'failed'],
  ['cluster-resources/namespaces.json', 'List', 'complete'],
])('what %s says of the other namespaces', async (file, suffix, state) => {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
  const content = suffix === '' ? namespace : { apiVersion: 'v1', kind: 'NamespaceList', items: [namespace] };
  const directory = await folderOf({ [`mg/${file}`]: JSON.stringify(content) });
  const { coverage } = await readSnapshot(directory);
  expect(coverage.filter(({ kind }) => kind === 'Namespace').map((row) => row.state)).toEqual([state]);
});

async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tier0-dump-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}
