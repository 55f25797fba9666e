import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { runChild } from '../testing/run-child.ts';
import { fastMemoryPressure } from '../testing/scenario-copy.ts';
import { removeFolders } from '../testing/temporary-folder.ts';

let mounted: string[] = [];
afterEach(async () => {
  for (const folder of mounted.splice(0)) {
    execFileSync('umount', ['--lazy', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
  await removeFolders();
});

/** A disk of its own, of so many KiB; undefined where this account may mount none. */
function disk(kibibytes: number): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'tier0-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder], { stdio: 'ignore' });
    mounted = [...mounted, folder];
    return folder;
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

/** Ends with a sentence, the code of the operating system in it, and what to do. */
function expectSentence({ code, stderr }: { readonly code: number | null; readonly stderr: string }, about: RegExp): void {
  expect(stderr).toMatch(about);
  expect(stderr).toMatch(/^(?:[^\n]*\n)*tier0: .+\n {7}\S.+\n$/s);
  expect(stderr).not.toMatch(/\n\s+at .+:\d+/);
  expect(code).toBe(2);
}

/** What keeps a key, and what keeps a state, at once. */
function both(out: string) {
  const key = runChild('main.ts', ['policy', 'key', '--out', out]);
  return Promise.all([key, runChild('main.ts', ['run', '--kubeconfig', '/nowhere', '--repository', '/nowhere', '--out', out])]);
}

test('a disk that may only be read is said, at every command that keeps something', async (context) => {
  const folder = disk(64);
  if (folder === undefined) return context.skip('only root on Linux can mount a disk to try it');
  execFileSync('mount', ['-o', 'remount,ro', folder]);
  for (const ended of await both(join(folder, 'out'))) expectSentence(ended, /read-only \(EROFS\)/);
}, 30_000);

test('a disk that is full is said, and what lay on it before is whole', async (context) => {
  const folder = disk(64);
  if (folder === undefined) return context.skip('only root on Linux can mount a disk to try it');
  writeFileSync(join(folder, 'filler'), Buffer.alloc(48 * 1024));
  mkdirSync(join(folder, 'out'));
  try {
    for (let at = 0; at < 64; at++) writeFileSync(join(folder, `more-${at}`), Buffer.alloc(4096));
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('ENOSPC');
  }
  for (const ended of await both(join(folder, 'out'))) expectSentence(ended, /disk is full \(ENOSPC\)/);
}, 30_000);

test('a disk that fills while an incident is played ends the play with a sentence', async (context) => {
  const folder = disk(160);
  if (folder === undefined) return context.skip('only root on Linux can mount a disk to try it');
  const ended = await runChild('main.ts', ['play', '--scenario', await fastMemoryPressure(), '--out', join(folder, 'out')]);
  expectSentence(ended, /full|No space|ENOSPC/i);
}, 60_000);

test('a part of the path that is a file is said', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tier0-path-'));
  writeFileSync(join(folder, 'file'), 'x');
  for (const ended of await both(join(folder, 'file', 'out'))) expectSentence(ended, /is a file \(ENOTDIR\)|it is there already|EEXIST/);
  rmSync(folder, { recursive: true });
}, 30_000);
