import { type FileHandle, open, rename, rm } from 'node:fs/promises';

/** A file that is open for reading, or for writing from its beginning. */
export interface OpenFile {
  size(): Promise<number>;
  /** Exactly `length` bytes from `position`; fewer only where the file ends. */
  read(length: number, position: number): Promise<Uint8Array>;
  /** Appends. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves when everything written is on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What a snapshot needs of a file system; a test puts one in its place that forgets what was not synchronised. */
export interface FileLayer {
  /** Undefined where a file to be read is not there. */
  open(path: string, mode: 'read' | 'write'): Promise<OpenFile | undefined>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes names in the folder durable. */
  syncFolder(path: string): Promise<void>;
}

/** The real file system. */
export const nodeFiles: FileLayer = {
  async open(path, mode) {
    try {
      return openFile(await open(path, mode === 'read' ? 'r' : 'w'));
    } catch (error) {
      if (mode === 'read' && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  },
  rename,
  remove: (path) => rm(path, { force: true }),
  async syncFolder(path) {
    // Folders cannot be opened on Windows; there a rename is durable by itself.
    const folder = await open(path, 'r').catch(() => undefined);
    await folder?.sync();
    await folder?.close();
  },
};

function openFile(handle: FileHandle): OpenFile {
  return {
    size: async () => (await handle.stat()).size,
    async read(length, position) {
      // Memory of its own, so that columns lie aligned and die together with their block only.
      const bytes = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled === length ? bytes : bytes.subarray(0, filled);
    },
    async write(bytes) {
      for (let written = 0; written < bytes.length; ) written += (await handle.write(bytes, written)).bytesWritten;
    },
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}
