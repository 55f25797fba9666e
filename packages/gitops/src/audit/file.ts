import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
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
import { createMutex } from '../mutex.ts';
import { type CheckpointKey, type CheckpointSigner, judgeCheckpoints, readCheckpoints, signCheckpoint } from './checkpoint.ts';
import { withFileLock } from './file-lock.ts';

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
  /** With these, `verify` also judges the checkpoints: a signature by another key, or a record they name that is gone, is unsound. */
  readonly trustedKeys?: readonly CheckpointKey[] | undefined;
}

/** The log on disk: its sound lines, and the bytes of a last line that a crash cut short. */
interface LogText {
  readonly lines: readonly string[];
  /** Bytes up to the end of the last whole line. */
  readonly soundBytes: number;
  readonly torn: Buffer;
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
    const line = Buffer.from(`${canonicalJson(record)}\n`);
    await writeLine(file, line, soundBytes);
    await writeHead(file, record);
    if (signer && record.sequence % (options.checkpointEvery ?? 100) === 0) await signCheckpoint(`${file}.checkpoints`, record, signer);
    byKey.set(record.key, record);
    verified = { stamp: await stampOf(file), soundBytes: soundBytes + line.length, last: record, byKey };
    return record;
  };
  return {
    name: 'file',
    append: (entry, context) =>
      writing.run(async () => {
        await mkdir(dirname(file), { recursive: true });
        return withFileLock(`${file}.lock`, context.signal, () => appendLocked(entry));
      }),
    async *read() {
      const { lines } = await readLog(file);
      for (const [index, line] of lines.entries()) {
        const record = parseRecord(line);
        if (!record) throw malformed(file, index + 1);
        yield record;
      }
    },
    async verify() {
      const { lines } = await readLog(file);
      const { records, verdict } = verifyLines(lines, await readHead(file));
      if (!verdict.sound || !options.trustedKeys) return verdict;
      return judgeCheckpoints(await readCheckpoints(`${file}.checkpoints`), records, options.trustedKeys) ?? verdict;
    },
  };
}

/** Changes with every write to the file, whoever makes it. */
async function stampOf(file: string): Promise<string> {
  const facts: BigIntStats | undefined = await stat(file, { bigint: true }).catch(() => undefined);
  return facts ? [facts.ino, facts.size, facts.mtimeNs, facts.ctimeNs].join(' ') : 'absent';
}

async function verifyForAppend(file: string): Promise<Verified> {
  const text = await readLog(file);
  const records = await soundRecords(file, text);
  if (text.torn.length > 0) await setAside(file, text);
  const byKey = new Map<string, AuditRecord>();
  for (const record of records) if (!byKey.has(record.key)) byKey.set(record.key, record);
  return { stamp: await stampOf(file), soundBytes: text.soundBytes, last: records.at(-1), byKey };
}

async function readLog(file: string): Promise<LogText> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return Buffer.alloc(0);
    throw ioFailure(`read ${file}`, error);
  });
  const soundBytes = bytes.lastIndexOf(10) + 1;
  const lines = bytes.subarray(0, soundBytes).toString('utf8').split('\n').slice(0, -1);
  return { lines, soundBytes, torn: bytes.subarray(soundBytes) };
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

async function soundRecords(file: string, text: LogText): Promise<readonly AuditRecord[]> {
  const { records, verdict } = verifyLines(text.lines, await readHead(file));
  if (verdict.sound) return records;
  throw new Tier0Error({
    code: 'CONFLICT',
    message: `The audit log ${file} is not sound at sequence ${verdict.sequence}: ${verdict.reason}. Nothing was appended.`,
    hint: `Keep the file as evidence, find out who changed it, and restore it from a copy; or move it and ${file}.head away to begin a new chain.`,
  });
}

/** A crash in the middle of a write leaves half a line that nobody was told about: it is kept for inspection, outside the chain. */
async function setAside(file: string, text: LogText): Promise<void> {
  for (let number = 1; ; number++) {
    try {
      await writeFile(`${file}.torn-${number}`, text.torn, { flag: 'wx', flush: true });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw ioFailure(`keep the torn line of ${file}`, error);
    }
  }
  const handle = await open(file, 'r+');
  try {
    await handle.truncate(text.soundBytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes and syncs one line at the end; when that fails, the file is cut back to where it was. */
async function writeLine(file: string, line: Buffer, offset: number): Promise<void> {
  const isNew = offset === 0 && (await stat(file).catch(() => undefined)) === undefined;
  const handle = await open(file, isNew ? 'w' : 'r+').catch((error) => {
    throw ioFailure(`open ${file}`, error);
  });
  try {
    await writeAll(handle, line, offset);
    await handle.datasync();
  } catch (error) {
    await handle.truncate(offset).catch(() => undefined);
    throw ioFailure(`write to ${file}`, error);
  } finally {
    await handle.close();
  }
  if (isNew) await syncFolder(dirname(file));
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
    const handle = await open(`${file}.head`, constants.O_WRONLY | constants.O_CREAT);
    try {
      await writeAll(handle, Buffer.from(text), 0);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw ioFailure(`write the checkpoint ${file}.head`, error);
  }
}

async function readHead(file: string): Promise<string | undefined> {
  const text = await readFile(`${file}.head`, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw ioFailure(`read ${file}.head`, error);
  });
  if (text === undefined) return undefined;
  const hash = /"hash":"([0-9a-f]{64})"/.exec(text)?.[1];
  return hash ?? 'an unreadable checkpoint';
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

function malformed(file: string, line: number): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `Line ${line} of the audit log ${file} is not a record.`,
    hint: 'Run `verify` to see whether the chain was changed.',
  });
}

function ioFailure(what: string, error: unknown): Tier0Error {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  const isFull = ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(code);
  return new Tier0Error({
    code: 'UNAVAILABLE',
    message: `Could not ${what}: ${code}.`,
    hint: isFull
      ? 'Free space on that disk (or raise its quota) and try again; the log is unharmed.'
      : 'Check that the disk is there and the folder may be written.',
    cause: error,
  });
}
