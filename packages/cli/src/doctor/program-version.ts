import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Longest wait for a program to say its version, milliseconds. */
const PATIENCE_MS = 10_000;

/** First line of what a program says about itself. Throws where it cannot be started. */
export async function programVersion(program: string, args: readonly string[], signal: AbortSignal): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...args], { signal, timeout: PATIENCE_MS });
  return stdout.split('\n')[0]?.trim() ?? '';
}
