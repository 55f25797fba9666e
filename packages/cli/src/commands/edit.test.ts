import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { edit } from './edit.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tier0-edit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(text: string, ...args: readonly string[]) {
  const file = join(folder, 'a.yaml');
  writeFileSync(file, text);
  chmodSync(file, 0o640);
  const environment = createTestEnvironment();
  const code = await edit.run([file, ...args], environment);
  return { code, output: environment.output(), file, text: readFileSync(file, 'utf8') };
}

test('without --write the file stays, and the diff shown makes the change', async () => {
  for (const text of ['# x\na: 1 # one\nb:\n  c: x\n', 'a: 1\nb:\n  c: x', 'a: 1\r\nb:\r\n  c: x\r\n']) {
    const shown = await run(text, 'b.d.e', 'yes', '--create');
    expect(shown).toMatchObject({ code: 0, text });
    writeFileSync(join(folder, 'patch'), shown.output.replaceAll(shown.file, 'a.yaml'));
    execFileSync('git', ['apply', '--whitespace=nowarn', 'patch'], { cwd: folder });
    const patched = readFileSync(shown.file, 'utf8');
    expect(patched).toBe((await run(text, 'b.d.e', 'yes', '--create', '--write')).text);
    expect(patched).toContain('e: "yes"');
  }
});

test('--write keeps the mode and leaves nothing else behind', async () => {
  const written = await run('replicas: 2 # two\n', 'replicas', '3', '--write');
  expect(written.text).toBe('replicas: 3 # two\n');
  expect(statSync(written.file).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder)).toEqual(['a.yaml']);
});

test('what was not expected, or cannot be proved, changes nothing', async () => {
  expect(await run('a: 1\n', 'a', '2', '--expect', '5', '--write')).toMatchObject({ code: 1, text: 'a: 1\n', output: '' });
  expect(await run('x: &l {m: 1}\ny: *l\n', 'x.m', '2', '--write')).toMatchObject({ code: 1, text: 'x: &l {m: 1}\ny: *l\n' });
  expect(await run('a: 1\n', 'a', '1')).toMatchObject({ code: 0, output: expect.stringContaining('already') });
});

test('a field is taken away, and a value is what --type says', async () => {
  expect((await run('a: 1\nb: 2\n', 'b', '--remove', '--write')).text).toBe('a: 1\n');
  expect((await run('a: 1\n', 'b', '3', '--create', '--write')).text).toBe('a: 1\nb: "3"\n');
  expect((await run('a: 1\n', 'b', '[1, {"c": null}]', '--type', 'json', '--create', '--write')).text).toBe(
    'a: 1\nb:\n  - 1\n  - c: null\n',
  );
});

test('a version that looks like a number keeps every character, in quotes', async () => {
  const values = 'image:\n  repository: registry.example.com/web\n  tag: 1.9\n';
  const { text, code } = await run(values, 'image.tag', '1.10', '--expect', '1.9', '--write');
  expect({ text, code }).toEqual({ text: values.replace('1.9', '"1.10"'), code: 0 });
  expect((await run('{"tag": 1.9}\n', 'tag', '2.0', '--write')).text).toBe('{"tag": "2.0"}\n');
  expect((await run(values, 'image.tag', '1.10', '--number', '--write')).text).toBe(values.replace('1.9', '1.1'));
  expect(await run('tag: 1.10\n', 'tag', '1.11', '--expect', '1.1', '--write')).toMatchObject({ code: 1, text: 'tag: 1.10\n' });
});

const SEVERAL = `apiVersion: v1
kind: ConfigMap
metadata:
  name: a
data:
  k: v
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: docs
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: docs
        image: registry.example.com/docs:1.10.80 # {"$imagepolicy": "flux-system:docs"}
`;

test('of several documents the one that has the field is edited', async () => {
  const image = 'spec.template.spec.containers[name=docs].image';
  const edited = await run(SEVERAL, image, 'registry.example.com/docs:1.10.81', '--write');
  expect(edited).toMatchObject({ code: 0, text: SEVERAL.replace('1.10.80', '1.10.81') });
  expect(await run(SEVERAL, 'spec.replica', '3', '--write')).toMatchObject({ code: 1, text: SEVERAL });
  expect(await run(SEVERAL, 'metadata.name', 'x', '--write')).toMatchObject({ code: 1, text: SEVERAL });
});

test.each([
  ['no value', ['a'], 'Which field'],
  ['a path that is none', ['a..b', '1'], 'not a field path'],
  ['another type', ['a', 'two'], 'is no number'],
  ['an unknown type', ['a', '2', '--type', 'int'], 'no type "int"'],
  ['a document that is no number', ['a', '2', '--document', 'x'], 'not the position'],
])('%s is said', async (_, args, message) => {
  await expect(run('a: 1\n', ...args)).rejects.toThrow(message);
});
