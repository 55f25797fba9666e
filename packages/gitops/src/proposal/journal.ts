import type { CallContext } from '@tier0/core';
import { appendSharedLine, readLines } from '@tier0/core/files';
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
    append: (entry) => appendSharedLine(file, JSON.stringify(entry)),
    read: async () => (await readLines(file)).lines.flatMap(toEntry),
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
