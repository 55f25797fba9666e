import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';

/** A program that works on what strangers wrote. */
export interface BoundedRun {
  /** Absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly directory: string;
  /** The whole environment: nothing of this process is handed on. */
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Real milliseconds it may take. */
  readonly timeoutMs: number;
  /** Bytes of resident memory it may hold. Watched where the system tells (Linux); elsewhere only time and output are bounded. */
  readonly memoryBytes: number;
  /** Bytes it may write to stdout. */
  readonly outputBytes: number;
}

export type BoundedAnswer =
  | { readonly status: 'ended'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  | { readonly status: 'stopped'; readonly reason: string };

const LOOK_EVERY_MS = 20;
const STDERR_BYTES = 4096;
const PAGE_BYTES = 4096;

/** Runs a program without a shell and ends it, with all it started, when it passes a bound. Never throws for what the program does. */
export function runBounded(run: BoundedRun): Promise<BoundedAnswer> {
  return new Promise((resolve) => {
    const child = spawn(run.program, [...run.args], {
      cwd: run.directory,
      env: { ...run.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    const stdout: Buffer[] = [];
    let [size, stderr, stopped] = [0, '', ''];
    const stop = (reason: string) => {
      stopped ||= reason;
      killAll(child.pid);
    };
    const timer = setTimeout(() => stop(`it did not end within ${run.timeoutMs} ms`), run.timeoutMs);
    const watch = setInterval(async () => {
      if ((await residentBytes(child.pid)) > run.memoryBytes)
        stop(`it took more than ${Math.round(run.memoryBytes / 2 ** 20)} MiB of memory`);
    }, LOOK_EVERY_MS);
    const abort = () => stop('it was cancelled');
    run.signal.addEventListener('abort', abort, { once: true });
    if (run.signal.aborted) abort();
    const settle = (answer: BoundedAnswer) => {
      clearTimeout(timer);
      clearInterval(watch);
      run.signal.removeEventListener('abort', abort);
      resolve(answer);
    };
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > run.outputBytes) stop(`it wrote more than ${run.outputBytes} bytes`);
      else stdout.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < STDERR_BYTES) stderr += chunk.toString('utf8').slice(0, STDERR_BYTES);
    });
    child.on('error', (error) => settle({ status: 'stopped', reason: `it did not start: ${error.message}` }));
    child.on('close', (code) => {
      if (stopped) settle({ status: 'stopped', reason: stopped });
      else settle({ status: 'ended', exitCode: code ?? -1, stdout: Buffer.concat(stdout).toString('utf8'), stderr });
    });
  });
}

function killAll(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** 0 where the system does not tell. */
async function residentBytes(pid: number | undefined): Promise<number> {
  if (process.platform !== 'linux' || pid === undefined) return 0;
  const statm = await readFile(`/proc/${pid}/statm`, 'utf8').catch(() => '');
  return (Number(statm.split(' ')[1]) || 0) * PAGE_BYTES;
}
