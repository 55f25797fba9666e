import type { FileLayer, OpenFile } from '../stores/file-layer.ts';

/** Content of a file, and what of it is on the disk. */
interface Stored {
  content: Uint8Array;
  synced: Uint8Array;
}

/** A file system in memory that forgets what was not synchronised when the power is cut. */
export interface ForgetfulFiles extends FileLayer {
  /** Files lose what was written since their last synchronisation, folders the names they gained or lost since theirs. */
  cutPower(): void;
  /** Changes one byte of a file in place, as a failing disk does. */
  damage(path: string, position: number): void;
  content(path: string): Uint8Array | undefined;
  put(path: string, content: Uint8Array): void;
}

export function createForgetfulFiles(): ForgetfulFiles {
  const names = new Map<string, Stored>();
  let syncedNames = new Map<string, Stored>();
  return {
    async open(path, mode) {
      if (mode === 'read') {
        const stored = names.get(path);
        return stored && openFile(stored);
      }
      const stored = { content: new Uint8Array(0), synced: new Uint8Array(0) };
      names.set(path, stored);
      return openFile(stored);
    },
    async rename(from, to) {
      names.set(to, names.get(from) as Stored);
      names.delete(from);
    },
    async remove(path) {
      names.delete(path);
    },
    async syncFolder() {
      syncedNames = new Map(names);
    },
    cutPower() {
      names.clear();
      for (const [path, stored] of syncedNames) {
        stored.content = stored.synced;
        names.set(path, stored);
      }
    },
    damage(path, position) {
      const stored = names.get(path) as Stored;
      stored.content = Uint8Array.from(stored.content, (byte, at) => (at === position ? byte ^ 0x40 : byte));
    },
    content: (path) => names.get(path)?.content,
    put(path, content) {
      names.set(path, { content, synced: content });
    },
  };
}

function openFile(stored: Stored): OpenFile {
  return {
    size: async () => stored.content.length,
    read: async (length, position) => stored.content.slice(position, position + length),
    async write(bytes) {
      stored.content = Buffer.concat([stored.content, bytes]);
    },
    async sync() {
      stored.synced = stored.content;
    },
    async close() {},
  };
}
