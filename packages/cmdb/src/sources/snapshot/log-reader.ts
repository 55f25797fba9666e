import { open } from 'node:fs/promises';
import type { PodLogRequest } from '../kubernetes/pod-logs.ts';
import type { Snapshot } from './read-snapshot.ts';

/** Reads container logs from a recording, newest bytes first in mind: `undefined` when none was recorded. */
export function createSnapshotLogReader(snapshot: Snapshot): (request: PodLogRequest) => Promise<string | undefined> {
  return async ({ namespace, pod, container, previous, limitBytes, signal }) => {
    signal.throwIfAborted();
    const file = snapshot.logs.get(`${namespace}/${pod}/${container}${previous ? '.previous' : ''}`);
    return file === undefined ? undefined : readTail(file, limitBytes);
  };
}

async function readTail(file: string, bytes: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - bytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - from), 0, size - from, from);
    const text = buffer.toString('utf8', 0, bytesRead);
    // A cut line would read as a template of its own.
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } finally {
    await handle.close();
  }
}
