import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Tier0Error } from '../../errors/tier0-error.ts';
import { appendLine, readLines } from '../../files/line-file.ts';
import type { IncidentRecord } from '../../ports/incident-record.ts';
import type { IncidentEntry } from '../incident-entry.ts';
import { requireNextSequence } from './next-sequence.ts';

/** Where incidents are kept, so that an interrupted one can be resumed. */
export interface FileIncidentRecordOptions {
  /** Folder that holds one `<incident>.jsonl` for each incident; made when missing. */
  readonly directory: string;
}

/** The envelope of an entry; step results are written by this program and read back as they are. */
const EnvelopeSchema = z.looseObject({
  incident: z.string(),
  sequence: z.number().int().positive(),
  at: z.iso.datetime(),
  step: z.string(),
  phase: z.enum(['started', 'done', 'failed']),
});

/** Incident record as JSON lines, one file an incident, flushed to disk at each entry. A line torn by a crash is cut off when read. */
export function createFileIncidentRecord(options: FileIncidentRecordOptions): IncidentRecord {
  const fileOf = (incident: string) => join(options.directory, `${safeName(incident)}.jsonl`);
  return {
    name: 'file',
    async append(entry) {
      const file = fileOf(entry.incident);
      requireNextSequence(entry, await readEntries(file));
      await appendLine(file, JSON.stringify(entry));
    },
    read: (incident) => readEntries(fileOf(incident)),
    async list() {
      const files = await readdir(options.directory).catch(() => []);
      const incidents = files.filter((file) => file.endsWith('.jsonl')).map((file) => file.slice(0, -'.jsonl'.length));
      // A damaged record is listed too, first: it must not hide the others.
      const openedAt = (incident: string) =>
        readEntries(fileOf(incident))
          .then(([first]) => first?.at ?? '')
          .catch(() => '');
      const opened = await Promise.all(incidents.map(async (incident) => ({ incident, at: await openedAt(incident) })));
      return opened.sort((a, b) => a.at.localeCompare(b.at)).map(({ incident }) => incident);
    },
  };
}

function safeName(incident: string): string {
  if (/^[\w.-]{1,100}$/.test(incident) && !incident.startsWith('.')) return incident;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${incident.slice(0, 100)}" is not an incident id.`,
    hint: 'Use letters, digits, dots, dashes and underscores, e.g. inc-4f1c09d2ab.',
  });
}

async function readEntries(file: string): Promise<readonly IncidentEntry[]> {
  // What was torn by a crash: its step counts as interrupted.
  const { lines } = await readLines(file);
  return lines.map((line, index) => parseEntry(line, file, index + 1));
}

function parseEntry(line: string, file: string, lineNumber: number): IncidentEntry {
  try {
    const entry = EnvelopeSchema.parse(JSON.parse(line));
    if (entry.sequence !== lineNumber) throw new Error(`sequence is ${entry.sequence}, expected ${lineNumber}`);
    return entry as unknown as IncidentEntry;
  } catch (error) {
    throw new Tier0Error({
      code: 'MALFORMED_RESPONSE',
      message: `${file}:${lineNumber} is not an entry of an incident record.`,
      hint: 'The file was edited or damaged. Restore it from a backup, or move it away: the alert will open a new incident.',
      cause: error,
    });
  }
}
