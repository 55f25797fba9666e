import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import {
  type AuditEntry,
  type AuditLog,
  type AuditRecord,
  AuditRecordSchema,
  canonicalJson,
  chainRecord,
  Tier0Error,
  verifyChain,
} from '@tier0/core';
import { appendLineAt, FILE_MODE, type FileLines, fileFailure, readLines, setTornLineAside, withFileLock } from '@tier0/core/files';
import { createMutex } from '../git/mutex.ts';
import { type CheckpointKey, type CheckpointSigner, judgeCheckpoints, readCheckpoints, signCheckpoint } from './checkpoint.ts';

/** Where the chain of records is kept. */
export interface FileAuditLogOptions {
  /**
   * One record a line. Beside it stand `<file>.head` (the newest record's hash), `<file>.checkpoints` (signed, with a `signer`) and, after
   * a crash, `<file>.torn-<n>`.
   */
  readonly file: string;
  /** Signs a checkpoint after every `checkpointEvery` records. */
  readonly signer?: CheckpointSigner | undefined;
  /** Records between two checkpoints. Default 100. */
  readonly checkpointEvery?: number | undefined;
  /** With these, `verify` demands a checkpoint: none at all, one by another key, or one whose record is gone or another, is unsound. */
  readonly trustedKeys?: readonly CheckpointKey[] | undefined;
}

/** What was verified, and how the file looked then; a file that looks otherwise is verified again before anything is appended. */
interface Verified {
  readonly stamp: string;
  readonly soundBytes: number;
  readonly last: AuditRecord | undefined;
  readonly byKey: Map<string, AuditRecord>;
}

/**
 * An audit log in a file: hash-chained lines, synced to disk before `append` resolves, with the newest hash beside it, which finds a cut
 * end. Several processes may share it. It never appends to a chain that does not verify.
 */
export function createFileAuditLog(options: FileAuditLogOptions): AuditLog {
  const { file, signer } = options;
  const writing = createMutex();
  let verified: Verified | undefined;
  const appendLocked = async (entry: AuditEntry): Promise<AuditRecord> => {
    if (verified === undefined || verified.stamp !== (await stampOf(file))) verified = await verifyForAppend(file);
    const { byKey, last, soundBytes } = verified;
    const known = byKey.get(entry.key);
    if (known) return known;
    verified = undefined;
    const record = chainRecord(entry, last);
    const line = canonicalJson(record);
    await appendLineAt(file, line, soundBytes);
    await writeHead(file, record);
    if (signer && record.sequence % (options.checkpointEvery ?? 100) === 0) await signCheckpoint(`${file}.checkpoints`, record, signer);
    byKey.set(record.key, record);
    verified = { stamp: await stampOf(file), soundBytes: soundBytes + Buffer.byteLength(line) + 1, last: record, byKey };
    return record;
  };
  return {
    name: 'file',
    append: (entry, context) =>
      writing.run(() => withFileLock(`${file}.lock`, { purpose: 'audit log', signal: context.signal }, () => appendLocked(entry))),
    async *read() {
      const { lines } = await readLines(file);
      for (const [index, line] of lines.entries()) {
        const record = parseRecord(line);
        if (!record) throw malformed(file, index + 1);
        yield record;
      }
    },
    async verify() {
      const { lines } = await readLines(file);
      const { records, verdict } = verifyLines(lines, await readHead(file));
      if (!verdict.sound || !options.trustedKeys) return verdict;
      const checkpoints = await readCheckpoints(`${file}.checkpoints`);
      const unsound = judgeCheckpoints(checkpoints, records, options.trustedKeys);
      return unsound ?? { ...verdict, signedTo: Math.max(...checkpoints.map(({ sequence }) => sequence)) };
    },
  };
}

/** Changes with every write to the file, whoever makes it. */
async function stampOf(file: string): Promise<string> {
  const facts: BigIntStats | undefined = await stat(file, { bigint: true }).catch(() => undefined);
  return facts ? [facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(' ') : 'absent';
}

async function verifyForAppend(file: string): Promise<Verified> {
  const text = await readLines(file);
  const records = await soundRecords(file, text);
  // A crash in the middle of a write leaves half a line that nobody was told about: it is kept for inspection, outside the chain.
  await setTornLineAside(file, text);
  const byKey = new Map<string, AuditRecord>();
  for (const record of records) if (!byKey.has(record.key)) byKey.set(record.key, record);
  return { stamp: await stampOf(file), soundBytes: text.soundBytes, last: records.at(-1), byKey };
}

function verifyLines(lines: readonly string[], head: string | undefined) {
  const records: AuditRecord[] = [];
  for (const line of lines) {
    const record = parseRecord(line);
    if (!record) {
      const reason = 'the line is not a record as it was written';
      return { records, verdict: { sound: false, records: lines.length, sequence: records.length + 1, reason } as const };
    }
    records.push(record);
  }
  return { records, verdict: verifyChain(records, head) };
}

/** The line must be the canonical text that was written: the same content in other bytes is a change as well. */
function parseRecord(line: string): AuditRecord | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return AuditRecordSchema.safeParse(value).success && canonicalJson(value) === line ? (value as AuditRecord) : undefined;
  } catch {
    return undefined;
  }
}

async function soundRecords(file: string, text: FileLines): Promise<readonly AuditRecord[]> {
  const { records, verdict } = verifyLines(text.lines, await readHead(file));
  if (verdict.sound) return records;
  throw new Tier0Error({
    code: 'CONFLICT',
    message: `The audit log ${file} is not sound at sequence ${verdict.sequence}: ${verdict.reason}. Nothing was appended.`,
    hint: `Keep the file as evidence, find out who changed it, and restore it from a copy; or move it and ${file}.head away to begin a new chain.`,
  });
}

async function writeAll(handle: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const result = await handle.write(bytes, written, bytes.length - written, offset + written);
    written += result.bytesWritten;
  }
}

/**
 * Written in place and not synced: it is shorter than a sector, so a crash leaves the old hash or the new one, and both are in the chain,
 * which itself is synced.
 */
async function writeHead(file: string, record: AuditRecord): Promise<void> {
  const text = `${JSON.stringify({ sequence: String(record.sequence).padStart(15, '0'), hash: record.hash })}\n`;
  try {
    const handle = await open(`${file}.head`, constants.O_WRONLY | constants.O_CREAT, FILE_MODE);
    try {
      await writeAll(handle, Buffer.from(text), 0);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileFailure(`write the checkpoint ${file}.head`, error);
  }
}

async function readHead(file: string): Promise<string | undefined> {
  const text = await readFile(`${file}.head`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw fileFailure(`read ${file}.head`, error);
  });
  if (text === undefined) return undefined;
  const hash = /"hash":"([0-9a-f]{64})"/.exec(text)?.[1];
  return hash ?? 'an unreadable checkpoint';
}

function malformed(file: string, line: number): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `Line ${line} of the audit log ${file} is not a record.`,
    hint: 'Run `verify` to see whether the chain was changed.',
  });
}
