import { open, readFile } from 'node:fs/promises';
import type { PodLogRequest } from '../kubernetes/pod-logs.ts';
import { logsByContainer } from './log-files.ts';
import type { Snapshot } from './read-snapshot.ts';

/** Reads container logs from a recording, newest bytes first in mind: `undefined` when none was recorded. */
export function createSnapshotLogReader(snapshot: Snapshot): (request: PodLogRequest) => Promise<string | undefined> {
  return async ({ namespace, pod, container, previous, limitBytes, signal }) => {
    signal.throwIfAborted();
    const file = snapshot.logs.get(`${namespace}/${pod}/${container}${previous ? '.previous' : ''}`);
    if (file !== undefined) return readTail(file, limitBytes);
    const shared = previous ? undefined : snapshot.logs.get(`${namespace}/${pod}/*`);
    return shared === undefined ? undefined : tailOf(logsByContainer(await readTail(shared, MAX_SHARED_BYTES)).get(container), limitBytes);
  };
}

/** Every log of a recording as text, by `<namespace>/<pod>/<container>`, `.previous` appended for the instance before. */
export async function readSnapshotLogs({ logs }: Snapshot): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  for (const [key, file] of logs) {
    const text = await readFile(file, 'utf8');
    if (!key.endsWith('/*')) texts.set(key, text);
    else for (const [container, own] of logsByContainer(text)) texts.set(`${key.slice(0, -1)}${container}`, own);
  }
  return texts;
}

/** Read of a file that holds the logs of a whole pod at most. */
const MAX_SHARED_BYTES = 64 * 1024 * 1024;

/** The last lines that fit. */
function tailOf(text: string | undefined, bytes: number): string | undefined {
  if (text === undefined || Buffer.byteLength(text) <= bytes) return text;
  const cut = Buffer.from(text).subarray(-bytes).toString('utf8');
  return cut.slice(cut.indexOf('\n') + 1);
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
