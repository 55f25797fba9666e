import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { canonicalJson, sha256 } from '@tier0/core';

/** What the first line is chained to. */
export const NO_LINE = '0'.repeat(64);

/** An append-only log: one line for each entry, each holding the digest of the one before. */
export interface TrialLog {
  append(entry: object): void;
}

/** Begins a new log and empties the file. A line is written whole or not at all, so an aborted run leaves a log that can be read. */
export function createTrialLog(file: string): TrialLog {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  return logFrom(file, NO_LINE);
}

/** A log that is gone on with: what is sound in it, without the line of an end and without a torn last line. Undefined: there is nothing to go on with. */
export interface OpenedLog {
  readonly entries: readonly Readonly<Record<string, unknown>>[];
  readonly log: TrialLog;
}

/** Opens a log that a killed run left behind. The first line that does not hold, and all after it, are cut off. */
export function reopenTrialLog(file: string): OpenedLog | undefined {
  if (!existsSync(file)) return undefined;
  const text = readFileSync(file, 'utf8');
  const entries: Record<string, unknown>[] = [];
  let previous = NO_LINE;
  let keptBytes = 0;
  for (const line of text.split('\n').slice(0, -1)) {
    const read = readLine(line, previous);
    if (read === undefined || read.entry.type === 'end') break;
    entries.push(read.entry);
    previous = read.digest;
    keptBytes += Buffer.byteLength(line) + 1;
  }
  if (entries.length === 0) return undefined;
  truncateSync(file, keptBytes);
  return { entries, log: logFrom(file, previous) };
}

function readLine(line: string, expected: string): { readonly entry: Record<string, unknown>; readonly digest: string } | undefined {
  try {
    const { previous, digest, ...entry } = JSON.parse(line) as Record<string, unknown>;
    const isSound = previous === expected && digest === lineDigest(entry, expected);
    return isSound ? { entry, digest: String(digest) } : undefined;
  } catch {
    return undefined;
  }
}

function logFrom(file: string, first: string): TrialLog {
  let previous = first;
  return {
    append(entry) {
      const digest = lineDigest(entry, previous);
      appendFileSync(file, `${JSON.stringify({ ...entry, previous, digest })}\n`);
      previous = digest;
    },
  };
}

/** Digest of a line: of its content together with the digest of the line before. */
export function lineDigest(entry: object, previous: string): string {
  return sha256(canonicalJson({ entry, previous }));
}
