import { dirname } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { type FileLayer, nodeFiles } from './file-layer.ts';

/** How far a consumer of the change feed has come, kept where the consumer wants it: beside its own results is best. */
export interface FeedCursor {
  /** Sequence of the newest commit that is done; 0 before the first. */
  read(): Promise<number>;
  /** Durable when the promise resolves. */
  write(sequence: number): Promise<void>;
}

/** A cursor that is forgotten with the process; begins after `sequence`. */
export function createMemoryFeedCursor(sequence = 0): FeedCursor {
  let current = sequence;
  return {
    read: async () => current,
    write: async (next) => {
      current = next;
    },
  };
}

/** Where a cursor file lies. */
export interface FileFeedCursorOptions {
  /** Made where it is not there; its folder must be. One consumer a file. */
  readonly file: string;
}

/**
 * A cursor in a file: written beside it, synchronised and renamed, so that a power cut leaves the old one or the new one.
 * Reading throws MALFORMED_RESPONSE for a file that is no cursor; it is left as it is.
 */
export function createFileFeedCursor({ file }: FileFeedCursorOptions): FeedCursor {
  return fileCursor(file, nodeFiles);
}

/** The same on any file layer. */
export function fileCursor(file: string, files: FileLayer): FeedCursor {
  return {
    async read() {
      const text = await readText(file, files);
      if (text === undefined) return 0;
      if (/^\d{1,16}\n$/.test(text)) return Number(text);
      throw new Tier0Error({
        code: 'MALFORMED_RESPONSE',
        message: `${file} is not the cursor of a change feed.`,
        hint: 'Restore it, or remove it to read the feed from the beginning: what was done already comes again.',
      });
    },
    async write(sequence) {
      const temporary = `${file}.tmp`;
      const open = await files.open(temporary, 'write');
      try {
        await open?.write(Buffer.from(`${sequence}\n`));
        await open?.sync();
      } finally {
        await open?.close();
      }
      await files.rename(temporary, file);
      await files.syncFolder(dirname(file));
    },
  };
}

async function readText(file: string, files: FileLayer): Promise<string | undefined> {
  const open = await files.open(file, 'read');
  try {
    return open && Buffer.from(await open.read(Math.min(await open.size(), 64), 0)).toString();
  } finally {
    await open?.close();
  }
}
