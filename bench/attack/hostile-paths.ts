// Every place that makes a file of a name somebody else chose, with every hostile name. Nothing may appear outside the folder.
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileIncidentRecord, type IncidentEntry } from '@tier0/core';
import { writeInside } from '@tier0/core/files';
import { readScenario } from '@tier0/eval';
import { createBareRepository, createKubectlRenderer, createMirror } from '@tier0/gitops';
import { type Attack, hold } from './attack.ts';

const context = { signal: new AbortController().signal, now: Date.now };
const NAMES = [
  '..',
  '../x',
  '../../x',
  'a/../../x',
  '/tmp/tier0-attack-absolute',
  './../x',
  'a/./../../x',
  '.git/config',
  '.GIT/config',
  'a/.git/hooks/x',
  '..\\x',
  'C:x',
  'a\0b',
  'con',
  'a//../../b',
  '....//x',
  '~/x',
  ' ..',
  '.. /x',
  'link/x',
  '',
  '.',
];

interface Writer {
  readonly name: string;
  /** Writes below `root`; may refuse. */
  write(root: string, path: string): Promise<unknown>;
}

const WRITERS: readonly Writer[] = [
  { name: 'files', write: (root, path) => writeInside(root, { path, content: 'x' }) },
  {
    name: 'renderer',
    write: (_, path) =>
      createKubectlRenderer().render(
        new Map([
          ['app/kustomization.yaml', JSON.stringify({ resources: [path], patches: [{ path }] })],
          [`app/${path}`, 'a: 1'],
          [path, 'a: 1'],
        ]),
        'app',
        context,
      ),
  },
  {
    name: 'incident record',
    write: (root, path) =>
      createFileIncidentRecord({ directory: root }).append(
        { incident: path, sequence: 1, at: new Date().toISOString(), phase: 'started', step: 'open' } as IncidentEntry,
        context,
      ),
  },
  {
    name: 'commit',
    async write(root, path) {
      const url = join(root, 'r.git');
      await createBareRepository({ directory: url, branch: 'main' }, context);
      const mirror = createMirror({ url, directory: join(root, 'm') });
      return mirror.commitFiles(
        { parents: [], files: new Map([[path, 'x']]), message: 'm', author: { name: 'a', email: 'a@b' }, date: new Date().toISOString() },
        context,
      );
    },
  },
  {
    name: 'scenario program',
    async write(root, path) {
      const folder = join(root, 'scenario');
      await mkdir(join(folder, 'cluster'), { recursive: true });
      await writeFile(join(folder, 'meta.json'), JSON.stringify({ programs: { image: path } }));
      await readScenario(folder);
    },
  },
];

async function attempt(writer: Writer, path: string): Promise<void> {
  const box = await mkdtemp(join(tmpdir(), 'tier0-attack-'));
  try {
    const root = join(box, 'a/b/root');
    await mkdir(root, { recursive: true });
    await mkdir(join(box, 'outside'));
    await writeFile(join(box, 'outside/kept'), 'kept');
    await symlink(join(box, 'outside'), join(root, 'link'));
    await writer.write(root, path).catch(() => undefined);
    const outside = (await readdir(box, { recursive: true })).filter((entry) => !entry.startsWith('a/b/root')).sort();
    hold(outside.join() === 'a,a/b,outside,outside/kept', `something was written: ${outside}`);
    hold((await readFile(join(box, 'outside/kept'), 'utf8')) === 'kept', 'a file outside was changed');
    hold(!(await readdir(tmpdir())).some((entry) => entry.startsWith('tier0-attack-absolute')), 'an absolute path was written');
  } finally {
    await rm(box, { recursive: true, force: true });
  }
}

export const attacks: readonly Attack[] = WRITERS.flatMap((writer) =>
  NAMES.map((path) => ({ kind: `path: ${writer.name}`, name: JSON.stringify(path), run: () => attempt(writer, path) })),
);
