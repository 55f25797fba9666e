import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ContainerExit, ContainerMemory, ContainerReference, ContainerRuntime, ContainerStart } from './container-runtime.ts';
import { imageRepository } from './container-runtime.ts';
import { createGuardian, type Guardian } from './guardian.ts';
import { createOutputTail, type OutputTail } from './output-tail.ts';
import { residentBytes } from './resident-memory.ts';

/** A Node program that stands for an image. */
export interface ContainerProgram {
  readonly file: string;
  readonly args?: readonly string[];
}

/** Which programs stand for which images, and how closely their memory is watched. */
export interface ProcessRuntimeOptions {
  /** Programs by image repository, without tag. */
  readonly programs: Readonly<Record<string, ContainerProgram>>;
  /** Milliseconds since the epoch, for lines the runtime itself writes into a log. */
  readonly now: () => number;
  /** Real milliseconds between two looks at the memory of the processes. Default 250. */
  readonly sampleEveryMs?: number;
}

interface Run {
  readonly start: ContainerStart;
  readonly child: ChildProcess;
  readonly output: OutputTail;
  residentBytes: number;
  isOverLimit: boolean;
  isStopped: boolean;
}

interface Logs {
  readonly current: OutputTail;
  readonly previous: OutputTail | undefined;
}

/** Real milliseconds a process has between SIGTERM and SIGKILL. */
const STOP_GRACE_MS = 1000;

/**
 * Runs containers as real Node processes: real memory, real output, real exits. The memory limit is enforced by SIGKILL
 * at the first sample above it, so a program can exceed it for up to `sampleEveryMs`. Containers share the network of
 * this machine: two that listen on one port collide. When this process dies, however suddenly, its containers are killed.
 */
export function createProcessRuntime(options: ProcessRuntimeOptions): ContainerRuntime {
  const runs = new Map<string, Run>();
  const logs = new Map<string, Logs>();
  const programs = new Map(Object.entries(options.programs));
  let guardian: Guardian | undefined;
  let sampler: NodeJS.Timeout | undefined;

  function start(container: ContainerStart, onExit: (exit: ContainerExit) => void): void {
    const key = keyOf(container);
    const program = programs.get(imageRepository(container.image))!;
    guardian ??= createGuardian();
    sampler ??= setInterval(() => void sample(runs), options.sampleEveryMs ?? 250);
    const output = createOutputTail();
    logs.set(key, { current: output, previous: logs.get(key)?.current });
    const run = spawnRun(program, container, output);
    runs.set(key, run);
    const { child } = run;
    if (child.pid !== undefined) guardian.guard(child.pid);
    const ended = (code: number | null, signal: NodeJS.Signals | null) => {
      if (child.pid !== undefined) guardian?.release(child.pid);
      if (runs.get(key) === run) runs.delete(key);
      if (!run.isStopped) onExit(toExit(run, { code, signal }));
    };
    child.once('exit', ended);
    child.once('error', (error) => {
      output.append(Buffer.from(`${new Date(options.now()).toISOString()} cannot start: ${error.message}\n`));
      if (child.pid === undefined) ended(128, null);
    });
  }

  async function stop(container: ContainerReference): Promise<void> {
    const run = runs.get(keyOf(container));
    logs.delete(keyOf(container));
    if (run === undefined) return;
    runs.delete(keyOf(container));
    await stopRun(run);
  }

  return {
    runs: (image) => programs.has(imageRepository(image)),
    start,
    stop,
    memory: () => [...runs.values()].filter((run) => run.residentBytes > 0).map(toMemory),
    log: (container, previous) => logs.get(keyOf(container))?.[previous ? 'previous' : 'current']?.text(),
    async close() {
      clearInterval(sampler);
      sampler = undefined;
      await Promise.all([...runs.values()].map(stopRun));
      runs.clear();
      guardian?.close();
      guardian = undefined;
    },
  };
}

function spawnRun(program: ContainerProgram, container: ContainerStart, output: OutputTail): Run {
  const args = [program.file, ...(container.args ?? program.args ?? [])];
  const child = spawn(process.execPath, args, { env: { ...container.env }, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout!.on('data', (chunk: Buffer) => output.append(chunk));
  child.stderr!.on('data', (chunk: Buffer) => output.append(chunk));
  return { start: container, child, output, residentBytes: 0, isOverLimit: false, isStopped: false };
}

async function sample(runs: ReadonlyMap<string, Run>): Promise<void> {
  await Promise.all([...runs.values()].map(sampleRun));
}

async function sampleRun(run: Run): Promise<void> {
  const bytes = run.child.pid === undefined ? undefined : await residentBytes(run.child.pid);
  if (bytes === undefined) return;
  run.residentBytes = bytes;
  if (run.start.memoryLimitBytes === undefined || bytes <= run.start.memoryLimitBytes) return;
  run.isOverLimit = true;
  run.child.kill('SIGKILL');
}

async function stopRun(run: Run): Promise<void> {
  run.isStopped = true;
  if (run.child.pid === undefined || run.child.exitCode !== null || run.child.signalCode !== null) return;
  const exited = once(run.child, 'exit');
  run.child.kill('SIGTERM');
  const force = setTimeout(() => run.child.kill('SIGKILL'), STOP_GRACE_MS);
  await exited;
  clearTimeout(force);
}

/** Exit codes of signals are 128 plus their number, as container runtimes report them. */
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};

function toExit(run: Run, { code, signal }: { readonly code: number | null; readonly signal: NodeJS.Signals | null }): ContainerExit {
  const exitCode = code ?? 128 + (SIGNAL_NUMBERS[signal ?? ''] ?? 1);
  if (run.isOverLimit && signal === 'SIGKILL') return { exitCode, reason: 'OOMKilled' };
  return { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
}

function toMemory(run: Run): ContainerMemory {
  const { namespace, pod, container, memoryLimitBytes } = run.start;
  return { namespace, pod, container, residentBytes: run.residentBytes, limitBytes: memoryLimitBytes };
}

function keyOf({ namespace, pod, container }: ContainerReference): string {
  return `${namespace}/${pod}/${container}`;
}
