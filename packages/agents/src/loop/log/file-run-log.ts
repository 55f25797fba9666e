import { link, open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { makeStateFolder, syncFolder } from '@tier0/core/files';
import type { RunEntry } from './run-entry.ts';
import { conflict, type RunLog } from './run-log.ts';

/** Where runs are kept. */
export interface FileRunLogOptions {
  /** One folder a run is made in it. */
  readonly directory: string;
}

/**
 * A log that outlives the process. Each append is a file named by where it begins, linked into place whole: two writers cannot both have
 * that name, and half of one is never seen.
 */
export function createFileRunLog({ directory }: FileRunLogOptions): RunLog {
  /** Where this process last ended; the name of the next file decides, this only saves reading. */
  const ends = new Map<string, number>();
  return {
    async append(run, sequence, entries) {
      const home = join(directory, folderOf(run));
      await makeStateFolder(home);
      if (ends.get(run) !== sequence && (await readAll(home, run)).length !== sequence) throw conflict(run, sequence);
      await writeOnce(home, sequence, entries).catch((error: unknown) => {
        throw isTaken(error) ? conflict(run, sequence) : error;
      });
      if (entries.at(-1)?.type === 'run-finished') ends.delete(run);
      else ends.set(run, sequence + entries.length);
    },
    read: (run) => readAll(join(directory, folderOf(run)), run),
  };
}

/** Run ids come from callers; what is not plain cannot leave the folder. */
function folderOf(run: string): string {
  return /^[\w-]{1,100}$/.test(run) ? run : `x-${Buffer.from(run).toString('hex').slice(0, 200)}`;
}

function isTaken(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'EEXIST';
}

async function writeOnce(home: string, sequence: number, entries: readonly RunEntry[]): Promise<void> {
  const temporary = join(home, `.${crypto.randomUUID()}`);
  await writeDurably(temporary, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  try {
    await link(temporary, join(home, `${String(sequence).padStart(9, '0')}.jsonl`));
    await syncFolder(home);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.datasync();
  } finally {
    await file.close();
  }
}

async function readAll(home: string, run: string): Promise<readonly RunEntry[]> {
  const names = await readdir(home).catch(() => [] as string[]);
  const entries: RunEntry[] = [];
  for (const name of names.filter((one) => /^\d{9}\.jsonl$/.test(one)).sort()) {
    if (Number(name.slice(0, 9)) !== entries.length) throw damaged(run, name);
    entries.push(...parse(await readFile(join(home, name), 'utf8'), run, name));
  }
  return entries;
}

function parse(text: string, run: string, name: string): readonly RunEntry[] {
  try {
    return text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as RunEntry);
  } catch {
    throw damaged(run, name);
  }
}

function damaged(run: string, name: string): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `The log of the run "${run}" cannot be read at ${name}.`,
    hint: 'The file was changed or a file before it is missing: restore them, or begin a new run.',
  });
}
