import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';

const CHILD = join(import.meta.dirname, 'testing/killed-run.ts');
const home = mkdtempSync(join(tmpdir(), 'tier0-killed-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Ends with the signal that ended the process, or null. */
function live(directory: string, moment: string): Promise<string | null> {
  const args = ['--conditions=tier0-source', '--disable-warning=ExperimentalWarning', CHILD, directory, moment];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (_, signal) => resolve(signal));
  });
}

function effectsIn(directory: string): readonly string[] {
  return readFileSync(join(directory, 'effects.txt'), 'utf8').trimEnd().split('\n');
}

/** Processes die one after another at moments that drift over the log; `pnpm bench loop --part crashes` kills one at every single moment. */
test('a run that is killed with SIGKILL again and again ends, with every effect done exactly once', async () => {
  const directory = mkdtempSync(join(home, 'run-'));
  let deaths = 0;
  while ((await live(directory, String(8 + (deaths % 5)))) === 'SIGKILL') deaths += 1;
  expect(deaths).toBeGreaterThan(15);
  expect(JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8'))).toMatchObject({ outcome: 'answered', answer: 'All restarted.' });
  const steps = effectsIn(directory).map((line) => Number(/step (\d+)/.exec(line)?.[1]));
  expect(steps).toEqual(Array.from({ length: 19 }, (_, step) => step));
}, 180_000);
