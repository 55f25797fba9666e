import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { CallContext } from '@tier0/core';

/** Where the objects of a folder stand, and which moment they show. */
export interface RecordingPlace {
  /** Folder of the manifests. */
  readonly directory: string;
  /** The moment of the recording, milliseconds since the epoch; undefined for a folder that nobody calls a recording. */
  readonly recordedMs?: number | undefined;
}

/** A recording is named by its folder or by the `cluster` in it, and shows its own moment; any other folder shows the present. */
export async function recordingPlace(folder: string): Promise<RecordingPlace> {
  const isWhole = existsSync(join(folder, 'cluster'));
  const directory = isWhole ? join(folder, 'cluster') : folder;
  const home = isWhole ? folder : basename(resolve(folder)) === 'cluster' ? dirname(resolve(folder)) : folder;
  const recordedMs = Date.parse(await momentIn(join(home, 'meta.json')));
  return { directory, ...(Number.isNaN(recordedMs) ? {} : { recordedMs }) };
}

async function momentIn(file: string): Promise<string> {
  try {
    return String((JSON.parse(await readFile(file, 'utf8')) as { readonly now?: unknown } | null)?.now);
  } catch {
    // What a recording lacks is no reason not to read its objects.
    return '';
  }
}

/** The same call at the moment of the recording. */
export function atRecording(context: CallContext, { recordedMs }: RecordingPlace): CallContext {
  return recordedMs === undefined ? context : { ...context, now: () => recordedMs };
}
