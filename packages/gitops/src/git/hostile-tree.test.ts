import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { anyContext, createTestRepository, type TestRepository } from '../testing/repository.ts';
import { runGit } from './git.ts';

let repository: TestRepository;
afterEach(() => repository.remove());

/** A branch whose tree holds an entry that git itself would never write. */
async function pushTree(entry: { readonly mode: string; readonly name: string; readonly content: string }): Promise<void> {
  repository = await createTestRepository({ 'a.yaml': 'a: 1\n' });
  const git = async (args: readonly string[], input: string | Uint8Array = '') =>
    (await runGit({ args, input, directory: repository.url })).stdout.toString('utf8').trim();
  const blob = await git(['hash-object', '-w', '--stdin'], entry.content);
  const inner = Buffer.concat([Buffer.from('100644 x.yaml\0'), Buffer.from(blob, 'hex')]);
  const child = entry.mode === '40000' ? await git(['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], inner) : blob;
  const tree = Buffer.concat([Buffer.from(`${entry.mode} ${entry.name}\0`), Buffer.from(child, 'hex')]);
  const id = await git(['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'], tree);
  const commit = `tree ${id}\nauthor a <a@b.c> 1700000000 +0000\ncommitter a <a@b.c> 1700000000 +0000\n\nx\n`;
  await git(['update-ref', 'refs/heads/main', await git(['hash-object', '-t', 'commit', '-w', '--stdin'], commit)]);
  await appendFile(join(repository.url, 'config'), '[transfer]\n\tfsckObjects = false\n');
}

test.each([
  { mode: '40000', name: '..', content: 'x: 1\n' },
  { mode: '40000', name: '.', content: 'x: 1\n' },
  { mode: '40000', name: '.git', content: 'x: 1\n' },
  { mode: '40000', name: '.GIT', content: 'x: 1\n' },
  { mode: '40000', name: 'git~1', content: 'x: 1\n' },
  { mode: '100644', name: '..', content: 'x: 1\n' },
  { mode: '100644', name: 'a/b', content: 'x: 1\n' },
  { mode: '120000', name: '.gitmodules', content: '/etc/passwd' },
])('a repository whose tree holds $mode $name is refused when it is fetched', async (entry) => {
  await pushTree(entry);
  await expect(repository.newMirror().fetch(anyContext())).rejects.toThrow(/fsck|fatal|error/i);
});

test('what an older mirror holds already is refused when it is listed', async () => {
  await pushTree({ mode: '40000', name: '..', content: 'x: 1\n' });
  const { stdout } = await runGit({ args: ['ls-tree', '-r', '-z', 'main'], directory: repository.url });
  const { parseTree } = await import('./output.ts');
  expect(() => parseTree(stdout.toString('utf8'))).toThrow('leaves its folder');
});
