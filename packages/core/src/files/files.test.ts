import { spawn } from 'node:child_process';
import { appendFile, chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileFailure } from './file-failure.ts';
import { takeFileLock, withFileLock } from './file-lock.ts';
import { makeStateFolder } from './folder.ts';
import { appendLine, appendLineAt, appendSharedLine, readLines, setTornLineAside } from './line-file.ts';
import { writeAtomically } from './write-atomically.ts';

let folder = '';
const { signal } = new AbortController();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tier0-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe('lines', () => {
  test('are kept in order, in a file and folders of their owner only', async () => {
    const file = join(folder, 'a/b/lines.jsonl');
    expect((await readLines(file)).lines).toEqual([]);
    for (const line of ['1', 'zwei ü', '3']) await appendLine(file, line);
    expect((await readLines(file)).lines).toEqual(['1', 'zwei ü', '3']);
    expect([await modeOf(file), await modeOf(join(folder, 'a')), await modeOf(join(folder, 'a/b'))]).toEqual(['600', '700', '700']);
  });

  test.each(['{"half', 'x'.repeat(200_000), '\0\0\0', 'ü'.slice(0, 1)])(
    'what a crash left is no line, and the next one takes its place: %#',
    async (torn) => {
      const file = join(folder, 'lines');
      await appendLine(file, 'first');
      await appendFile(file, torn);
      expect(await readLines(file)).toMatchObject({ lines: ['first'], soundBytes: 6 });
      await appendLine(file, 'second');
      expect(await readFile(file, 'utf8')).toBe('first\nsecond\n');
    },
  );

  test('a file of one torn line is an empty file', async () => {
    const file = join(folder, 'lines');
    await writeFile(file, 'torn');
    await appendLine(file, 'first');
    expect(await readFile(file, 'utf8')).toBe('first\n');
  });

  test('a torn line is set aside, each in a file of its own', async () => {
    const file = join(folder, 'lines');
    for (const torn of ['one', 'two']) {
      await appendFile(file, torn);
      await setTornLineAside(file, await readLines(file));
    }
    await setTornLineAside(file, await readLines(file));
    expect((await readdir(folder)).sort()).toEqual(['lines', 'lines.torn-1', 'lines.torn-2']);
    expect(await readFile(join(folder, 'lines.torn-2'), 'utf8')).toBe('two');
    expect(await modeOf(join(folder, 'lines.torn-1'))).toBe('600');
  });

  test('a line at a known end replaces what is behind it', async () => {
    const file = join(folder, 'lines');
    await appendLineAt(file, 'a', 0);
    await appendFile(file, 'garbage');
    await appendLineAt(file, 'b', 2);
    expect(await readFile(file, 'utf8')).toBe('a\nb\n');
  });

  test('of many processes at once are all there, whole', async () => {
    const file = join(folder, 'lines');
    await Promise.all(Array.from({ length: 50 }, (_, index) => appendSharedLine(file, `${index}`.repeat(1000))));
    const lines = (await readLines(file)).lines.filter(Boolean);
    expect(lines.sort()).toEqual(Array.from({ length: 50 }, (_, index) => `${index}`.repeat(1000)).sort());
  });
});

describe('a file as a whole', () => {
  test("is its owner's only, or has the mode that was asked for, and nothing is left beside it", async () => {
    const file = join(folder, 'state/run.json');
    await writeAtomically(file, 'one');
    expect([await readFile(file, 'utf8'), await modeOf(file)]).toEqual(['one', '600']);
    await writeAtomically(file, 'two', 0o664);
    expect([await readFile(file, 'utf8'), await modeOf(file)]).toEqual(['two', '664']);
    expect(await readdir(join(folder, 'state'))).toEqual(['run.json']);
  });

  test('that cannot be put in place leaves nothing behind', async () => {
    await makeStateFolder(join(folder, 'target/inner'));
    await expect(writeAtomically(join(folder, 'target'), 'x')).rejects.toMatchObject({ hint: expect.stringContaining('path of a file') });
    expect(await readdir(folder)).toEqual(['target']);
  });

  test('replaces a link instead of writing through it', async () => {
    const outside = join(folder, 'outside');
    await writeFile(outside, 'untouched');
    await symlink(outside, join(folder, 'link'));
    await writeAtomically(join(folder, 'link'), 'new');
    expect(await readFile(outside, 'utf8')).toBe('untouched');
  });
});

test('a folder of state is closed to others, also one that was open', async () => {
  await makeStateFolder(join(folder, 'state'));
  await chmod(join(folder, 'state'), 0o755);
  await makeStateFolder(join(folder, 'state'));
  expect(await modeOf(join(folder, 'state'))).toBe('700');
});

describe('failures are sentences', () => {
  test('a file where a folder should be', async () => {
    await writeFile(join(folder, 'file'), '');
    const below = join(folder, 'file/lines');
    const works = [
      () => appendLine(below, 'x'),
      () => appendSharedLine(below, 'x'),
      () => writeAtomically(below, 'x'),
      () => makeStateFolder(below),
    ];
    for (const work of works) {
      await expect(work()).rejects.toMatchObject({ code: 'UNAVAILABLE', hint: expect.stringMatching(/folder|path/i), retryable: false });
    }
    await expect(readLines(below)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test.each(['ENOSPC', 'EDQUOT', 'EFBIG', 'EROFS', 'EACCES', 'EPERM', 'ENOENT', 'ENOTDIR', 'EISDIR', 'ELOOP', 'EMFILE', 'EIO'])(
    '%s',
    (code) => {
      const failure = fileFailure('write x', Object.assign(new Error(code), { code }));
      expect(failure.message).toMatch(new RegExp(`^Could not write x: .*${code}`));
      expect(failure.hint).toMatch(/\.$/);
    },
  );
});

describe('a lock', () => {
  test('lets one task run at a time', async () => {
    const lock = join(folder, 'state/lock');
    let running = 0;
    const most: number[] = [];
    const task = async () => {
      most.push(++running);
      await new Promise((done) => setTimeout(done, 5));
      running -= 1;
    };
    await Promise.all(Array.from({ length: 8 }, () => withFileLock(lock, { signal }, task)));
    expect(Math.max(...most)).toBe(1);
    expect(await readdir(join(folder, 'state'))).toEqual([]);
  });

  test('is given back when the task fails', async () => {
    const lock = join(folder, 'lock');
    await expect(withFileLock(lock, { signal }, async () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await withFileLock(lock, { signal, patienceMs: 0 }, async () => undefined);
  });

  test('that is held says by whom, since when and what for', async () => {
    const lock = join(folder, 'lock');
    const mine = await takeFileLock(lock, { signal, purpose: 'resume' });
    await expect(takeFileLock(lock, { signal, patienceMs: 0 })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(new RegExp(`held by process ${process.pid} on .+ \\(resume, since 2\\d{3}-`)),
    });
    await mine.release();
    await mine.release();
    await (await takeFileLock(lock, { signal, patienceMs: 0 })).release();
  });

  test('of a living process is waited for, of a killed one taken over', async () => {
    const lock = join(folder, 'lock');
    const holder = await holdInChild(lock);
    await expect(takeFileLock(lock, { signal, patienceMs: 100 })).rejects.toMatchObject({
      message: expect.stringContaining(`process ${holder.pid} `),
    });
    holder.kill('SIGKILL');
    await new Promise((done) => holder.once('exit', done));
    const taken = await Promise.all(
      Array.from({ length: 5 }, () => withFileLock(lock, { signal }, async () => (await readFile(lock, 'utf8')).length)),
    );
    expect(taken).toHaveLength(5);
  });

  test('of a process whose number was given out again is taken over', async () => {
    const lock = join(folder, 'lock');
    await withFileLock(lock, { signal }, async () => {
      const holder = JSON.parse(await readFile(lock, 'utf8'));
      await writeFile(`${lock}.old`, JSON.stringify({ ...holder, started: '1' }));
    });
    await writeFile(lock, await readFile(`${lock}.old`));
    await (await takeFileLock(lock, { signal, patienceMs: 100 })).release();
  });

  test('of another machine, or one that is not readable, is not taken over', async () => {
    const lock = join(folder, 'lock');
    for (const text of ['', 'garbage', '{}', JSON.stringify({ pid: 1, host: 'elsewhere', since: 's', purpose: 'p' })]) {
      await writeFile(lock, text);
      await expect(takeFileLock(lock, { signal, patienceMs: 50 })).rejects.toMatchObject({ code: 'CONFLICT' });
    }
  });
});

async function holdInChild(lock: string) {
  const url = new URL('./file-lock.ts', import.meta.url).href;
  const script = `const { takeFileLock } = await import(${JSON.stringify(url)});
    await takeFileLock(${JSON.stringify(lock)}, { signal: new AbortController().signal, purpose: 'child' });
    process.stdout.write('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  await new Promise((done) => child.stdout.once('data', done));
  return child;
}
