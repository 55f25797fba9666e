import { formatItemId } from '@tier0/core';
import { painted, type Style } from '../terminal/outlet.ts';
import type { Terminal } from '../terminal/timeline.ts';

/** Writes answers for a tired person: one line a thing, columns that stand under each other, no control characters from outside. */
export interface Answer {
  heading(text: string): void;
  rows(rows: readonly (readonly string[])[]): void;
  note(text: string): void;
}

export function createAnswer({ write, colour, width }: Terminal): Answer {
  const paint = (style: Style, text: string) => (colour ? painted(style, text) : text);
  return {
    heading: (text) => write(`${paint('bold', clean(text))}\n`),
    rows(rows) {
      const cells = rows.map((row) => row.map(clean));
      const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
      for (const row of cells) {
        const line = `  ${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')}`;
        write(`${line.length > width ? `${line.slice(0, Math.max(20, width - 1))}…` : line}\n`);
      }
    },
    note: (text) => write(`${paint('dim', clean(text))}\n`),
  };
}

/** A path of items as people read it: `Deployment shop/web → component web → group payments`. */
export function formatPath(ids: readonly string[]): string {
  return ids.map(formatItemId).join(' → ');
}

/** An instant to the second, without the letters: `2026-11-22 02:19:45`. */
export function formatInstant(instant: string): string {
  return instant.slice(0, 19).replace('T', ' ');
}

/** How sure something is, in words a person weighs at once: `certain`, `70 % sure`. */
export function formatConfidence(confidence: number): string {
  return confidence >= 1 ? 'certain' : `${Math.round(confidence * 100)} % sure`;
}

function clean(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
