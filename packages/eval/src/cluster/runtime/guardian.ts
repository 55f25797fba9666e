import { spawn } from 'node:child_process';

/**
 * Kills what it was told to guard as soon as its input ends, which is what the kernel makes of the death of this process,
 * however sudden. A process of its own, because a program may be too busy to notice anything itself.
 */
export interface Guardian {
  guard(pid: number): void;
  release(pid: number): void;
  close(): void;
}

const PROGRAM = `
const guarded = new Set();
let rest = '';
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text) => {
  const lines = (rest + text).split('\\n');
  rest = lines.pop();
  for (const line of lines) line[0] === '+' ? guarded.add(Number(line.slice(1))) : guarded.delete(Number(line.slice(1)));
});
process.stdin.on('close', () => {
  for (const pid of guarded) try { process.kill(pid, 'SIGKILL'); } catch {}
  process.exit(0);
});
`;

/** Starts the guardian: a small detached Node process that outlives this one by a moment. */
export function createGuardian(): Guardian {
  const child = spawn(process.execPath, ['--input-type=commonjs', '--eval', PROGRAM], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
    detached: true,
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.unref();
  return {
    guard: (pid) => void child.stdin.write(`+${pid}\n`),
    release: (pid) => void child.stdin.write(`-${pid}\n`),
    close: () => void child.stdin.end(),
  };
}
