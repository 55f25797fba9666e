import { spawn } from 'node:child_process';
import { Tier0Error } from '@tier0/core';
import { withRawOutput } from './raw-output.ts';

export interface ProgramCall {
  readonly command: string;
  readonly arguments: readonly string[];
  /** The whole environment of the program. */
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Text for standard input. Default: none, it is closed. */
  readonly input?: string | undefined;
  /** Folder it runs in. Default: that of this process. */
  readonly directory?: string | undefined;
  /** Bytes of standard output kept at most; beyond it the program is ended. Default 32 MiB. */
  readonly maxBytes?: number | undefined;
}

export interface ProgramEnd {
  readonly exitCode: number;
  readonly stdout: string;
  /** The last 8 kB. */
  readonly stderr: string;
}

const STDERR_KEPT = 8_192;
const RAW_KEPT = 32_000;

/**
 * Runs a program without a shell in a process group of its own and waits for its end; when the signal aborts, the whole group is ended. Throws
 * MISSING_DEPENDENCY when there is no such program, MALFORMED_RESPONSE when it writes too much; what it had written is kept with the error.
 */
export function runProgram(call: ProgramCall): Promise<ProgramEnd> {
  const maxBytes = call.maxBytes ?? 32 * 1024 * 1024;
  call.signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = spawn(call.command, [...call.arguments], {
      env: call.environment,
      cwd: call.directory,
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    const output: Buffer[] = [];
    let size = 0;
    let stderr = '';
    const said = () => Buffer.concat(output).toString('utf8');
    const end = () => endGroup(child.pid);
    const abort = () => end();
    call.signal.addEventListener('abort', abort, { once: true });
    child.stdin.on('error', () => undefined);
    child.stdin.end(call.input ?? '');
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) output.push(chunk);
      else end();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT);
    });
    child.once('error', (cause: NodeJS.ErrnoException) => {
      call.signal.removeEventListener('abort', abort);
      reject(cause.code === 'ENOENT' || cause.code === 'EACCES' ? missing(call.command, cause) : cause);
    });
    child.once('close', (code, killedBy) => {
      call.signal.removeEventListener('abort', abort);
      if (call.signal.aborted) reject(withRawOutput(stopped(call), `${said().slice(0, RAW_KEPT)}\n${stderr}`));
      else if (size > maxBytes) reject(withRawOutput(tooLong(call.command, maxBytes), said().slice(0, RAW_KEPT)));
      else resolve({ exitCode: code ?? (killedBy ? 128 : 1), stdout: said(), stderr });
    });
  });
}

/** The program and whatever it started. */
function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

function stopped({ command }: ProgramCall): Tier0Error {
  return new Tier0Error({
    code: 'TIMEOUT',
    message: `${command} was ended before it answered.`,
    hint: 'Give it more time, or ask for less.',
  });
}

function missing(command: string, cause: unknown): Tier0Error {
  return new Tier0Error({
    code: 'MISSING_DEPENDENCY',
    message: `There is no program "${command}" on the search path.`,
    hint: `Install ${command} so that "${command} version" works in this terminal, or pass its path.`,
    cause,
  });
}

function tooLong(command: string, maxBytes: number): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `${command} wrote more than ${maxBytes} bytes and was ended.`,
    hint: 'Narrow what it is asked for, e.g. to one namespace.',
  });
}
