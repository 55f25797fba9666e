import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runChild, startChild } from '../testing/run-child.ts';
import { fastMemoryPressure } from '../testing/scenario-copy.ts';
import { removeFolders, temporaryFolder } from '../testing/temporary-folder.ts';

let scenario: string;
beforeAll(async () => {
  scenario = await fastMemoryPressure();
});
afterAll(removeFolders);

const OPTIONS = { command: 'play', interactive: false, badFix: false, twice: false, json: true, resume: false };

async function stateIn(out: string, run: unknown): Promise<void> {
  await mkdir(join(out, 'state'), { recursive: true });
  await writeFile(join(out, 'state/run.json'), typeof run === 'string' ? run : JSON.stringify(run));
}

/** Ends by itself, with a sentence and what to do, and without a stack. */
function expectSentence({ code, stderr }: { readonly code: number | null; readonly stderr: string }): void {
  expect(code).toBe(2);
  expect(stderr).toMatch(/^tier0: .+\n {7}\S.+\n$/s);
  expect(stderr).not.toMatch(/\n\s+at .+:\d+/);
}

describe('what cannot be begun ends, with a sentence', () => {
  const damaged: readonly (readonly [string, unknown])[] = [
    ['nothing', ''],
    ['half of it', '{"command":"pl'],
    ['another form', []],
    ['another command', { command: 'rm' }],
    ['nothing but the command of a run', { command: 'run' }],
    ['nothing but the command of a play', { command: 'play' }],
    ['a number for a path', { ...OPTIONS, scenario: 7, out: 'x' }],
    ['a scenario that is not there', { ...OPTIONS, scenario: '/nowhere', out: 'x' }],
  ];
  test.each(damaged)('resume where run.json holds %s', async (_, run) => {
    const out = join(await temporaryFolder(), 'out');
    await stateIn(out, run);
    expectSentence(await runChild('main.ts', ['resume', '--out', out]));
  });

  test('resume of a world whose repository is gone: what was opened is closed again', async () => {
    const out = join(await temporaryFolder(), 'out');
    await stateIn(out, { ...OPTIONS, scenario, out });
    expectSentence(await runChild('main.ts', ['resume', '--out', out]));
  });

  test.each(['resume', 'play', 'run'])(
    '%s where --out is a file, lies below one, or may not be written',
    async (command) => {
      const folder = await temporaryFolder();
      await writeFile(join(folder, 'file'), 'x');
      await mkdir(join(folder, 'closed'));
      await chmod(join(folder, 'closed'), 0o500);
      const isRoot = process.getuid?.() === 0;
      const ends = ['file', 'file/below', ...(isRoot ? ['/proc/out'] : ['closed/out'])].map((out) => {
        const rest =
          command === 'play'
            ? ['--scenario', scenario]
            : command === 'run'
              ? ['--kubeconfig', join(folder, 'none'), '--repository', folder]
              : [];
        return runChild('main.ts', [command, '--out', out.startsWith('/') ? out : join(folder, out), ...rest]);
      });
      for (const ended of await Promise.all(ends)) expectSentence(ended);
      expect(await readFile(join(folder, 'file'), 'utf8')).toBe('x');
    },
    90_000,
  );
});

test('two that go on with one folder: the second says who works there and does nothing', async () => {
  const out = join(await temporaryFolder(), 'out');
  const first = startChild('main.ts', ['play', '--scenario', scenario, '--out', out, '--json']);
  await expect.poll(() => readdir(out).catch(() => []), { timeout: 20_000 }).toContain('.tier0.lock');
  const second = await runChild('main.ts', ['resume', '--out', out]);
  expect(second.code).toBe(2);
  expect(second.stderr).toMatch(/held|works|process/i);
  first.process.kill('SIGTERM');
  await first.ended;
  expect(await readdir(out)).not.toContain('.tier0.lock');
  expect((await stat(join(out, 'state'))).mode & 0o777).toBe(0o700);
  expect((await stat(join(out, 'state/run.json'))).mode & 0o777).toBe(0o600);
}, 60_000);
