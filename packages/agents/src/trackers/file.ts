import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Ticket, Tier0Error, type Tracker } from '@tier0/core';
import { z } from 'zod';
import { createShelfTracker } from './memory.ts';

/** Where the tickets are kept between runs. */
export interface FileTrackerOptions {
  /** JSON lines: one for each state of a ticket, the newest counts. */
  readonly file: string;
}

const LineSchema = z.object({
  ticket: z.object({
    id: z.string(),
    url: z.string(),
    status: z.enum(['open', 'fixed', 'closed']),
    key: z.string(),
    title: z.string(),
    body: z.string(),
    assignee: z.string().optional(),
    labels: z.array(z.string()),
  }),
});

/** Tickets in a file, for teams without a tracker and for trying things out. */
export function createFileTracker(options: FileTrackerOptions): Tracker {
  return createShelfTracker('file', {
    load: () => readTickets(options.file),
    save: (ticket, comment) => appendLine(options.file, JSON.stringify(comment === undefined ? { ticket } : { ticket, comment })),
  });
}

async function readTickets(file: string): Promise<Map<string, Ticket>> {
  const text = await readFile(file, 'utf8').catch((error: { code?: string }) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const lines = text.split('\n');
  // A crash may leave half a line at the end; it was never acknowledged.
  if (!text.endsWith('\n')) lines.pop();
  return new Map(lines.filter(Boolean).map((line, index) => readLine(file, line, index + 1)));
}

function readLine(file: string, line: string, number: number): readonly [string, Ticket] {
  try {
    const { ticket } = LineSchema.parse(JSON.parse(line));
    return [ticket.id, ticket];
  } catch (cause) {
    throw new Tier0Error({
      code: 'MALFORMED_RESPONSE',
      message: `The ticket file "${file}" cannot be read at line ${number}; it was left as it is.`,
      hint: 'Repair or remove that line.',
      cause,
    });
  }
}

/** Appends one line and makes it durable. A half line that a crash left is ended first. */
async function appendLine(file: string, line: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const handle = await open(file, 'a+');
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    if (size > 0 && last.toString() !== '\n') await dropHalfLine(handle, size);
    await handle.write(`${line}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function dropHalfLine(handle: Awaited<ReturnType<typeof open>>, size: number): Promise<void> {
  const content = Buffer.alloc(size);
  await handle.read(content, 0, size, 0);
  await handle.truncate(content.lastIndexOf(0x0a) + 1);
}
