import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
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
  let previous = NO_LINE;
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
