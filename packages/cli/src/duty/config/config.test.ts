import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXAMPLE_CONFIG } from './example.ts';
import { readConfigFile, readConfigText } from './read-config.ts';
import { dutyConfigJsonSchema } from './schema.ts';
import { readSecret } from './secret.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tier0-config-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function flawsOf(text: string) {
  const reading = readConfigText(text);
  return reading.status === 'flawed' ? reading.flaws : [];
}

const MINIMAL = 'clusters:\n  - name: production\n    repository: {url: ./repo}\n';

test('the example is in order, and the least that is needed is little', () => {
  expect(flawsOf(EXAMPLE_CONFIG)).toEqual([]);
  const reading = readConfigText(MINIMAL);
  if (reading.status !== 'read') throw new Error('not read');
  expect(reading.config.times).toMatchObject({ confirm: 30_000, approval: 86_400_000 });
  expect(reading.config.clusters[0]).toMatchObject({ forge: { kind: 'local' }, delivery: { kind: 'rollout' } });
  expect(reading.config.http).toMatchObject({ listen: '127.0.0.1:8300', tokens: [] });
});

test.each([
  ['a misspelt key', `${MINIMAL}limts: {}\n`, 1, 'limts'],
  ['a time without unit', `${MINIMAL}times:\n  confirm: 30\n`, 5, 'string'],
  ['a time in no unit', `${MINIMAL}times:\n  confirm: 30x\n`, 5, '30s'],
  ['a name with a space', 'clusters:\n  - name: my cluster\n    repository: {url: x}\n', 2, 'lower-case'],
  ['no clusters', 'clusters: []\n', 1, '>=1'],
  ['two of one name', `${MINIMAL}  - name: production\n    repository: {url: x}\n`, undefined, 'two clusters'],
  ['credentials in a URL', 'clusters:\n  - name: a\n    repository: {url: "https://me:secret@git.example.com/x"}\n', 3, 'credentials'],
  ['a secret written out', `${MINIMAL}http:\n  tokens:\n    - {name: a, scopes: [read], token: s3cret}\n`, 6, ''],
  [
    'a Kustomization without namespace',
    'clusters:\n  - name: a\n    repository: {url: x}\n    delivery: {kind: flux, kustomization: shop}\n',
    4,
    'NAMESPACE/NAME',
  ],
  ['broken YAML', 'clusters: [\n', 2, ''],
  ['the same key twice', 'clusters: []\nclusters: []\n', 2, 'unique'],
])('%s is told with its line', (_what, text, line, message) => {
  const [flaw] = flawsOf(text);
  expect(flaw?.message).toContain(message);
  expect(flaw?.line).toBe(line);
});

test('a value is never repeated where it may be a secret', () => {
  const flaws = flawsOf('clusters:\n  - name: a\n    repository: {url: "https://me:hunter2@git.example.com/x"}\n');
  expect(JSON.stringify(flaws)).not.toContain('hunter2');
});

test('paths are taken from the folder of the file', async () => {
  const file = join(folder, 'tier0.yaml');
  writeFileSync(
    file,
    'clusters:\n  - name: a\n    kubeconfig: ./kube\n    repository: {url: ./repo}\n  - name: b\n    repository: {url: https://git.example.com/x}\n',
  );
  const config = await readConfigFile(file);
  expect(config.state).toBe(join(folder, 'tier0-state'));
  expect(config.clusters.map(({ kubeconfig, repository }) => [kubeconfig, repository.url])).toEqual([
    [join(folder, 'kube'), join(folder, 'repo')],
    [undefined, 'https://git.example.com/x'],
  ]);
});

test('what cannot be used says file, line and what to do', async () => {
  await expect(readConfigFile(join(folder, 'absent.yaml'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const file = join(folder, 'bad.yaml');
  writeFileSync(file, `${MINIMAL}times:\n  confirm: soon\n`);
  await expect(readConfigFile(file)).rejects.toMatchObject({
    code: 'INVALID_INPUT',
    message: expect.stringContaining('bad.yaml:5: times.confirm'),
  });
});

test('the JSON Schema speaks of the file as it is written', () => {
  const text = JSON.stringify(dutyConfigJsonSchema());
  expect(text).toContain('"clusters"');
  expect(text).toContain('Default 30s.');
});

test('a secret comes from its reference or not at all', async () => {
  writeFileSync(join(folder, 'token'), 'abc\n');
  expect(await readSecret({ file: join(folder, 'token') }, {})).toBe('abc');
  expect(await readSecret({ env: 'T' }, { T: 'xyz' })).toBe('xyz');
  await expect(readSecret({ env: 'T' }, {})).rejects.toMatchObject({ message: expect.stringContaining('T holds no secret') });
  await expect(readSecret({ file: join(folder, 'none') }, {})).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});
