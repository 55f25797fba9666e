import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { patterns } from './patterns.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tier0-patterns-'));
  await mkdir(join(folder, 'runbooks'));
  await writeFile(join(folder, 'runbooks/disk.md'), '# Disk is full\n\nThe volume has no space left.\n');
  await writeFile(join(folder, 'runbooks/binary.md'), new Uint8Array([0, 1, 2]));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function run(...args: readonly string[]) {
  const environment = createTestEnvironment();
  const code = await patterns.run([...args, '--out', join(folder, 'out')], environment);
  return { code, output: environment.output() };
}

test('a folder is read, searched with a citation, shown and counted', async () => {
  const read = await run('ingest', join(folder, 'runbooks'));
  expect(read).toEqual({
    code: 1,
    output: 'runbooks: 1 documents written, 0 removed, 0 files unchanged\n  not read: binary.md: it is binary\n',
  });
  expect((await run('search', 'no space left')).output).toContain('runbooks:disk.md#L1-L3\n');
  expect(JSON.parse((await run('search', 'space', '--output', 'json')).output)[0].citation).toBe('runbooks:disk.md#L1-L3');
  expect((await run('show', 'runbooks:disk.md#L1-L3')).output).toContain('The volume has no space left.');
  expect((await run('show', 'image-tag-typo')).output).toContain('worked 0 of 0 times');
  expect((await run('stats')).output).toContain('1 documents, 1 sections');
  expect((await run('search', 'volume', '--kind', 'policy')).code).toBe(1);
});

test('what is asked wrongly is said with what to do', async () => {
  await expect(run('search')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(run('search', 'x', '--kind', 'poem')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(run('show', 'nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(run('forget')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await expect(run('ingest', join(folder, 'nowhere'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
