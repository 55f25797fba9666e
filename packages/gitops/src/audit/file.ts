import { type FileHandle, mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type AuditEntry, type AuditLog, type AuditRecord, AuditRecordSchema, chainRecord, Tier0Error, verifyChain } from '@tier0/core';
import { createMutex } from '../mutex.ts';
import { withFileLock } from './file-lock.ts';

/** Where the chain of records is kept. */
export interface FileAuditLogOptions {
  /** One record a line. Beside it stand `<file>.head` (checkpoint) and, after a crash, `<file>.torn-<n>`. */
  readonly file: string;
}

/** The log on disk: its sound lines, and the bytes of a last line that a crash cut short. */
interface LogText {
  readonly lines: readonly string[];
  /** Bytes up to the end of the last whole line. */
  readonly soundBytes: number;
  readonly torn: Buffer;
}

/**
 * An audit log in a file: hash-chained lines, synced to disk before `append` resolves, with a checkpoint that finds a cut end.
 * Several processes may share it. It never appends to a chain that does not verify.
 */
export function createFileAuditLog(options: FileAuditLogOptions): AuditLog {
  const { file } = options;
  const writing = createMutex();
  const appendLocked = async (entry: AuditEntry): Promise<AuditRecord> => {
    const text = await readLog(file);
    const records = await soundRecords(file, text);
    const known = records.find((record) => record.key === entry.key);
    if (known) return known;
    if (text.torn.length > 0) await setAside(file, text);
    const record = chainRecord(entry, records.at(-1));
    await writeLine(file, `${JSON.stringify(record)}\n`, text.soundBytes);
    await writeHead(file, record);
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
      return verifyLines(lines, await readHead(file));
    },
  };
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
    if (!record) return { sound: false, records: lines.length, sequence: records.length + 1, reason: 'the line is not a record' } as const;
    records.push(record);
  }
  return verifyChain(records, head);
}

function parseRecord(line: string): AuditRecord | undefined {
  try {
    return AuditRecordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

async function soundRecords(file: string, text: LogText): Promise<readonly AuditRecord[]> {
  const verdict = verifyLines(text.lines, await readHead(file));
  if (verdict.sound) return text.lines.map((line) => parseRecord(line) as AuditRecord);
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
async function writeLine(file: string, line: string, offset: number): Promise<void> {
  const isNew = offset === 0 && (await stat(file).catch(() => undefined)) === undefined;
  const handle = await open(file, isNew ? 'w' : 'r+').catch((error) => {
    throw ioFailure(`open ${file}`, error);
  });
  try {
    await writeAll(handle, Buffer.from(line), offset);
    await handle.sync();
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

async function writeHead(file: string, record: AuditRecord): Promise<void> {
  const temporary = `${file}.head.new`;
  try {
    await writeFile(temporary, `${JSON.stringify({ sequence: record.sequence, hash: record.hash })}\n`, { flush: true });
    await rename(temporary, `${file}.head`);
  } catch (error) {
    throw ioFailure(`write the checkpoint ${file}.head`, error);
  }
  await syncFolder(dirname(file));
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
