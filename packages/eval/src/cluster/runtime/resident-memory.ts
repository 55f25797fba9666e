import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { platform } from 'node:process';

/** Resident bytes of a process; undefined when it is gone or cannot be read. */
export function residentBytes(pid: number): Promise<number | undefined> {
  return platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

async function fromProc(pid: number): Promise<number | undefined> {
  try {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return kibibytes(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
  } catch {
    return undefined;
  }
}

function fromPs(pid: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    execFile('ps', ['-o', 'rss=', '-p', String(pid)], (error, stdout) => resolve(error ? undefined : kibibytes(stdout.trim())));
  });
}

function kibibytes(text: string | undefined): number | undefined {
  const count = Number.parseInt(text ?? '', 10);
  return Number.isNaN(count) ? undefined : count * 1024;
}
