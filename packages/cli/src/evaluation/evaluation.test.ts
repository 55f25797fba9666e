import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { evaluate as evaluateCommand } from '../commands/eval.ts';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { createTestEnvironment } from '../testing/test-environment.ts';
import { timeLeft } from './tell-progress.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'tier0-eval-command-'));

/** One part of the command in this process: exit code and what it wrote. */
async function part(name: string, ...args: readonly string[]): Promise<readonly [number, string]> {
  const environment = createTestEnvironment();
  return [await evaluateCommand.run([name, ...args], environment), environment.output()];
}

/** Runs `tier0 eval ...` as people do; `until` ends it without mercy as soon as it is true. */
async function evaluate(args: readonly string[], until?: () => boolean) {
  const main = join(import.meta.dirname, '../main.ts');
  const child = spawn(process.execPath, ['--conditions=tier0-source', '--disable-warning=ExperimentalWarning', main, 'eval', ...args], {
    cwd: REPOSITORY_ROOT,
  });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  const watching = setInterval(() => until?.() && child.kill('SIGKILL'), 5);
  const code = await new Promise<number | null>((done) => child.once('close', done));
  clearInterval(watching);
  return { code, out, errors };
}

test('a run that was killed is gone on with in other processes; then it is sound, and a threshold decides the exit code', async () => {
  const out = folder();
  const log = join(out, 'trials.jsonl');
  const lines = () => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0);
  const args = [
    '--out',
    out,
    '--repeats',
    '2',
    '--planted-instructions',
    '0',
    '--scenario',
    'bad-image',
    '--scenario',
    'a-quiet-sunday',
  ].concat(['warnings', 'by-owner', 'tier0'].flatMap((id) => ['--only', id]));
  const killed = await evaluate(args, () => lines() >= 3);
  expect(killed.code).toBeNull();
  const before = lines();
  expect(before).toBeLessThan(14);

  const thresholds = join(out, 'thresholds.yaml');
  writeFileSync(
    thresholds,
    'schema: tier0.thresholds/v1\ntools:\n  tier0: { exactAtLeast: 1, gatesBrokenAtMost: 0 }\n  warnings: { exactAtLeast: 1 }\n',
  );
  const resumed = await evaluate([...args, '--resume', '--thresholds', thresholds]);
  expect(resumed.out).toContain('threshold missed: warnings: share of exact incidents is 0, wanted at least 1.');
  expect(resumed.out).not.toContain('threshold missed: tier0');
  expect([resumed.code, lines()]).toEqual([1, 14]);
  for (const name of ['index.html', 'report.md', 'report.json', 'report.csv', 'report.xml']) expect(existsSync(join(out, name))).toBe(true);

  expect(await part('verify', out)).toEqual([0, 'sound: 12 trials, every number recomputed\n']);
  expect(await part('diff', out, out)).toEqual([0, 'no difference\n']);
}, 120_000);

test('the parts say what is missing, and a wrong file is told with its lines', async () => {
  const file = join(folder(), 'tool.yaml');
  writeFileSync(file, 'schema: tier0.tool/v1\nid: Mine\nadapter: command\nformat: json\n');
  expect(await part('validate', file)).toEqual([1, expect.stringMatching(/tool\.yaml:2:1: id: .*\n.*command: is missing/)]);
  await expect(evaluateCommand.run(['telepathy'], createTestEnvironment())).rejects.toThrow('has no part "telepathy"');
  expect((await part('tools'))[1]).toMatch(/^tier0 +runs here[\s\S]*^dot-ai +not run/m);
});

test('the time that is left is what the rest would take at the pace so far', () => {
  expect(timeLeft({ elapsedMs: 10_000, finished: 10, open: 30 })).toBe('30 s left');
  expect(timeLeft({ elapsedMs: 60_000, finished: 10, open: 25 })).toBe('2 min 30 s left');
});
