import { type FileHandle, mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CallContext, Tier0Error } from '@tier0/core';
import { z } from 'zod';

/** A remote step that is about to be taken. */
export interface JournalEntry {
  /** Key of the proposal or revert. */
  readonly key: string;
  readonly step: 'push' | 'status' | 'open' | 'update' | 'close';
  readonly branch: string;
  /** Commit that is pushed. */
  readonly commit?: string | undefined;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** What a writer meant to do, written before it does it. */
export interface ProposalJournal {
  /** Kept, also through a power cut, when the promise resolves. Throws UNAVAILABLE: then the step is not taken. */
  append(entry: JournalEntry, context: CallContext): Promise<void>;
  /** Oldest first. */
  read(context: CallContext): Promise<readonly JournalEntry[]>;
}

const EntrySchema: z.ZodType<JournalEntry> = z.object({
  key: z.string(),
  step: z.enum(['push', 'status', 'open', 'update', 'close']),
  branch: z.string(),
  commit: z.string().optional(),
  at: z.string(),
});

/** A journal that ends with the process. */
export function createMemoryJournal(): ProposalJournal {
  const entries: JournalEntry[] = [];
  return {
    append: async (entry) => void entries.push(entry),
    read: async () => [...entries],
  };
}

/** A journal in a file of JSON lines; several processes may append to the same one. */
export function createFileJournal(options: { readonly file: string }): ProposalJournal {
  const { file } = options;
  return {
    async append(entry) {
      let handle: FileHandle | undefined;
      try {
        await mkdir(dirname(file), { recursive: true });
        handle = await open(file, 'a');
        // The line break in front sets off what a killed process left half-written.
        const line = Buffer.from(`\n${JSON.stringify(entry)}\n`);
        const { bytesWritten } = await handle.write(line);
        if (bytesWritten < line.length) throw Object.assign(new Error('the disk is full'), { code: 'ENOSPC' });
        await handle.sync();
      } catch (error) {
        throw unwritable(file, error);
      } finally {
        await handle?.close();
      }
    },
    async read() {
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw unwritable(file, error);
      });
      return text.split('\n').flatMap(toEntry);
    },
  };
}

/** Half a line is an entry whose step was never taken: leaving it out loses nothing. */
function toEntry(line: string): readonly JournalEntry[] {
  try {
    const { data } = EntrySchema.safeParse(JSON.parse(line));
    return data ? [data] : [];
  } catch {
    return [];
  }
}

function unwritable(file: string, error: unknown): Tier0Error {
  return new Tier0Error({
    code: 'UNAVAILABLE',
    message: `The journal ${file} cannot be used: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`,
    hint: 'Check that the folder may be written and the disk has space; nothing was sent to the forge.',
    cause: error,
  });
}
