import { spawn } from 'node:child_process';
import { Tier0Error } from '@tier0/core';

export interface ProgramCall {
  readonly command: string;
  readonly arguments: readonly string[];
  /** The whole environment of the program. */
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
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

/** Runs a program without a shell and waits for its end. Throws MISSING_DEPENDENCY when there is no such program. */
export function runProgram(call: ProgramCall): Promise<ProgramEnd> {
  const maxBytes = call.maxBytes ?? 32 * 1024 * 1024;
  return new Promise((resolve, reject) => {
    const child = spawn(call.command, [...call.arguments], {
      env: call.environment,
      signal: call.signal,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output: Buffer[] = [];
    let size = 0;
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) output.push(chunk);
      else child.kill('SIGKILL');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_KEPT);
    });
    child.once('error', (cause: NodeJS.ErrnoException) => reject(cause.code === 'ENOENT' ? missing(call.command, cause) : cause));
    child.once('close', (code, killedBy) => {
      if (size > maxBytes) reject(tooLong(call.command, maxBytes));
      else resolve({ exitCode: code ?? (killedBy ? 128 : 1), stdout: Buffer.concat(output).toString('utf8'), stderr });
    });
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
