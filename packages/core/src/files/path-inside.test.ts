import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pathInside, whyNotInside, writeInside } from './path-inside.ts';

let box: string;
let root: string;
beforeEach(async () => {
  box = await mkdtemp(join(tmpdir(), 'tier0-inside-'));
  root = join(box, 'root');
});
afterEach(() => rm(box, { recursive: true, force: true }));

const HOSTILE = [
  '..',
  '.',
  '',
  '.git',
  '.GIT',
  '.git ',
  'git~1',
  '.g\u200cit',
  'a\\..\\b',
  'C:',
  'x:y',
  'a\0',
  'a\n',
  'con',
  'NUL.txt',
  'lpt1',
  'x.',
  'x ',
];
const LONG = ['n'.repeat(256), '\ud800'];

describe('a path from outside', () => {
  test.each([...HOSTILE, ...LONG])('is refused where one of its names is %j, at every place', async (name) => {
    for (const path of [name, `a/${name}`, `${name}/a`, `a/${name}/b`]) {
      expect(whyNotInside(path), path).toBeDefined();
      expect(() => pathInside(root, path)).toThrow('cannot be a file of its folder');
      await expect(writeInside(root, { path, content: 'x' })).rejects.toThrow('cannot be a file of its folder');
    }
    expect(await readdir(box)).toEqual([]);
  });

  test.each(['/etc/passwd', 'a//b', 'a/', '//server/share'])('%j is refused', (path) => {
    expect(whyNotInside(path)).toBeDefined();
  });

  test.each([
    'deploy.yaml',
    'base/kustomization.yaml',
    '.github/CODEOWNERS',
    'a..b/c',
    '...a',
    'gitx',
    'console/aux1',
    'ü/日本.yaml',
    '.gitignore',
  ])('%j is a file like another', async (path) => {
    const file = await writeInside(root, { path, content: 'x' });
    expect(await readFile(file, 'utf8')).toBe('x');
  });

  test('is not written through a link on the way, nor into one at its end', async () => {
    await mkdir(root);
    await mkdir(join(box, 'elsewhere'));
    await writeFile(join(box, 'elsewhere/file'), 'kept');
    await symlink(join(box, 'elsewhere'), join(root, 'folder'));
    await symlink(join(box, 'elsewhere/file'), join(root, 'file'));
    await expect(writeInside(root, { path: 'folder/file', content: 'x' })).rejects.toThrow('no folder stands on the way');
    await expect(writeInside(root, { path: 'file', content: 'x' })).rejects.toThrow('no file stands there');
    expect(await readFile(join(box, 'elsewhere/file'), 'utf8')).toBe('kept');
  });

  test('makes a file for its owner alone unless told otherwise', async () => {
    const file = await writeInside(root, { path: 'a/b', content: 'x' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, 'a'))).mode & 0o777).toBe(0o700);
  });

  test('ten thousand random paths never leave the folder', () => {
    const parts = [...HOSTILE, 'a', 'b.yaml', '..', '../..', '%2e%2e', '....', '~', '$HOME'];
    let seed = 7;
    const random = () => {
      seed = (seed * 1103515245 + 12345) % 2 ** 31;
      return seed;
    };
    for (let round = 0; round < 10_000; round++) {
      const path = Array.from({ length: 1 + (random() % 5) }, () => parts[random() % parts.length]).join('/');
      if (whyNotInside(path) === undefined) expect(pathInside('/r', path)).toMatch(/^\/r\/[^/]/);
    }
  });
});
