import { type Ticket, Tier0Error, type Tracker } from '@tier0/core';
import { appendLine, readLines } from '@tier0/core/files';
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
  const { lines } = await readLines(file);
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
