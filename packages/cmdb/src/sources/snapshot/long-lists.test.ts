import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { readSnapshot, type Snapshot } from './read-snapshot.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** Longer than what is read at once. */
const COUNT = 2_000;
const objects = Array.from({ length: COUNT }, (_, index) => ({
  apiVersion: index % 2 === 0 ? 'v1' : 'apps/v1',
  kind: index % 2 === 0 ? 'Pod' : 'Deployment',
  metadata: {
    name: `web-${index}`,
    namespace: 'shop',
    creationTimestamp: '2026-03-01T10:00:00Z',
    annotations: { note: 'é中😀"\\{['.repeat(40) },
    managedFields: [{ manager: 'kubelet', time: '2026-03-01T10:00:01Z', fieldsV1: { 'f:status': { 'k:{"type":"Ready"}': {} } } }],
  },
}));

async function read(file: string, text: string): Promise<Snapshot> {
  const folder = await mkdtemp(join(tmpdir(), 'tier0-long-'));
  folders.push(folder);
  await writeFile(
    join(folder, 'victim.json'),
    JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'victim', namespace: 'shop' } }),
  );
  await writeFile(join(folder, file), text);
  return readSnapshot(folder);
}

const failureOf = ({ coverage }: Snapshot) => coverage.find(({ kind }) => kind === '*')?.reason;

test.each([
  ['compact', (items: unknown) => JSON.stringify({ kind: 'List', apiVersion: 'v1', metadata: {}, items })],
  [
    'as kubectl prints it',
    (items: unknown) => JSON.stringify({ apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } }, null, 4),
  ],
])('a List of many megabytes, %s, gives the objects that it holds; who wrote which field is kept where people write', async (_, textOf) => {
  const text = textOf(objects);
  expect(text.length).toBeGreaterThan(1024 * 1024);
  const snapshot = await read('all.json', text);
  const wanted = objects.map(({ metadata: { managedFields, ...metadata }, ...rest }) =>
    rest.kind === 'Pod' ? { ...rest, metadata } : { ...rest, metadata: { ...metadata, managedFields } },
  );
  expect(JSON.parse(JSON.stringify(snapshot.objects.slice(0, COUNT)))).toEqual(wanted);
  expect(snapshot.objects).toHaveLength(COUNT + 1);
  expect(failureOf(snapshot)).toBeUndefined();
});

const LIST = JSON.stringify({ kind: 'List', apiVersion: 'v1', items: objects });

test.each([
  ['a cut end', LIST.slice(0, -500)],
  ['a byte order mark', `\ufeff${LIST}`],
  ['no JSON in the middle', LIST.replace('"name":"web-1500"', '"name":web-1500')],
  ['no JSON in managed fields that nobody reads', LIST.replace(/(web-1500".*?)"kubelet"/s, "$1'kubelet'")],
  ['two Lists one after the other', LIST + LIST],
])('%s is told as the parser tells it, and the other files are read', async (_, text) => {
  let told = '';
  try {
    JSON.parse(text);
  } catch (error) {
    told = (error as Error).message;
  }
  const snapshot = await read('all.json', text);
  expect(failureOf(snapshot)).toBe(`all.json: ${told}`);
  expect(snapshot.objects.map(({ metadata }) => metadata.name)).toEqual(['victim']);
});

test('entries that state no kind are of the kind that a long List is of, wherever it says so', async () => {
  const bare = objects.map(({ metadata }) => ({ metadata }));
  for (const list of [
    { kind: 'PodList', apiVersion: 'v1', items: bare },
    { apiVersion: 'v1', items: bare, kind: 'PodList' },
  ]) {
    const { objects: found } = await read('pods.json', JSON.stringify(list));
    expect(new Set(found.map(({ kind, apiVersion }) => `${apiVersion} ${kind}`))).toEqual(new Set(['v1 Pod']));
    expect(found).toHaveLength(COUNT + 1);
  }
});

test('several YAML documents in a long file of JSON are read', async () => {
  const documents = objects.slice(0, 3).map((object) => JSON.stringify(object));
  const { objects: found } = await read('all.json', `# ${'x'.repeat(1024 * 1024)}\n${documents.join('\n---\n')}`);
  expect(found).toHaveLength(documents.length + 1);
});
