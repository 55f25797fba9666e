import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CHILD = join(import.meta.dirname, '../../packages/agents/src/loop/testing/killed-run.ts');

/** How many runs were killed, and how many of them ended with every effect exactly once. */
export interface CrashCount {
  readonly moments: number;
  readonly resumed: number;
  readonly lostEffects: number;
  readonly doubleEffects: number;
}

/** Kills one process at every moment of a 20-step run with 19 effects (before and after each append, after each effect), and lets another go on. */
export async function killEverywhere(): Promise<CrashCount> {
  const whole = await liveAndResume('');
  const count = { moments: whole.moments, resumed: 0, lostEffects: 0, doubleEffects: 0 };
  const left = Array.from({ length: whole.moments }, (_, index) => index + 1);
  const worker = async () => {
    for (let moment = left.shift(); moment !== undefined; moment = left.shift()) {
      const { effects, answered } = await liveAndResume(String(moment));
      if (answered) count.resumed += 1;
      count.lostEffects += 19 - new Set(effects).size;
      count.doubleEffects += effects.length - new Set(effects).size;
    }
  };
  await Promise.all([worker(), worker()]);
  return count;
}

async function liveAndResume(moment: string) {
  const directory = mkdtempSync(join(tmpdir(), 'tier0-bench-killed-'));
  try {
    const first = await live(directory, moment);
    if (moment !== '' && first !== 'SIGKILL') throw new Error(`the process did not die at moment ${moment}`);
    if (moment !== '') await live(directory, '');
    const effects = readFileSync(join(directory, 'effects.txt'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^\S+ /, ''));
    const { answer } = JSON.parse(readFileSync(join(directory, 'result.json'), 'utf8')) as { readonly answer: string };
    return { effects, answered: answer === 'All restarted.', moments: Number(readFileSync(join(directory, 'moments.txt'), 'utf8')) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function live(directory: string, moment: string): Promise<string | null> {
  const args = ['--conditions=tier0-source', '--disable-warning=ExperimentalWarning', CHILD, directory, moment];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (_, signal) => resolve(signal));
  });
}
