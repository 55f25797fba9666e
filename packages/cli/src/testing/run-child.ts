import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export interface ChildEnding {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Child {
  readonly process: ChildProcess;
  readonly ended: Promise<ChildEnding>;
  /** What it wrote to stdout so far. */
  readonly stdout: () => string;
}

/** Starts a module of this package, named relative to `src/`, as `node` would be started by a person. */
export function startChild(module: string, args: readonly string[], wrapper: readonly string[] = []): Child {
  const file = fileURLToPath(new URL(`../${module}`, import.meta.url));
  const [command = process.execPath, ...rest] = [
    ...wrapper,
    process.execPath,
    '--conditions=tier0-source',
    '--disable-warning=ExperimentalWarning',
    file,
    ...args,
  ];
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<ChildEnding>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { process: child, ended, stdout: () => stdout };
}

/** Runs it to its end. */
export function runChild(module: string, args: readonly string[], wrapper: readonly string[] = []): Promise<ChildEnding> {
  return startChild(module, args, wrapper).ended;
}

/** Command lines that still mention `text`, e.g. the folder of a scenario, after its processes had `patienceMs` to end. */
export async function leftBehind(text: string, patienceMs = 3_000): Promise<readonly string[]> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const lines = await processesWith(text);
    if (lines.length === 0 || performance.now() > until) return lines;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Command lines of running processes that mention `text`. */
export async function processesWith(text: string): Promise<readonly string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'args='], { maxBuffer: 16 * 1024 * 1024 });
  return stdout.split('\n').filter((line) => line.includes(text));
}
