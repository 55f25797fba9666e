import { isSecretValue } from './find-assignments.ts';
import { type Hinted, matchesIn } from './name-hints.ts';
import { type NameSense, namesPassword } from './secret-name.ts';
import type { Span } from './span.ts';

/** A line of names with one sort of mark between them, and its end, real or escaped. */
const HEADING =
  /(?:^|\\n|["'])(\|?[ \t]{0,40}["']?[\w.-][\w .-]{0,60}["']?(?:[|,;\t][ \w."'-]{0,60}){1,20}\|?[ \t]{0,40})(?:\r?\n|\\r\\n|\\n)/gm;
const DIVIDER = /^[\s|:+=-]+$/;
const [MAX_ROWS, MAX_ROW] = [200, 2_048];

/** Values below a heading that names them: tables of Markdown and of database shells, CSV. */
export function findColumns(text: string, hinted: Hinted, sense: (name: string) => NameSense): readonly Span[] {
  const spans: Span[] = [];
  let done = 0;
  for (const match of matchesIn(text, HEADING, hinted, { step: ([, names = '']) => names.length })) {
    // What stands in a table is no heading: each line is read once.
    if (match.index + match[0].length <= done) continue;
    const names = match[1] as string;
    const mark = /[|,;\t]/.exec(names)?.[0] ?? '|';
    const cells = names.split(mark).map(bare);
    const isTold = mark === '|' || cells.every((cell) => cell !== '' && !/\s/.test(cell)) ? cells.map(sense) : [];
    if (!isTold.includes('strong')) continue;
    const table = rowsBelow(text, match.index + match[0].length, { mark, cells, senses: isTold });
    spans.push(...table.spans);
    done = table.end;
  }
  return spans;
}

interface Heading {
  readonly mark: string;
  readonly cells: readonly string[];
  readonly senses: readonly NameSense[];
}

function rowsBelow(text: string, start: number, heading: Heading): { readonly spans: readonly Span[]; readonly end: number } {
  const spans: Span[] = [];
  let at = start;
  for (let row = 0; row < MAX_ROWS && at < text.length; row++) {
    const rest = text.slice(at, at + MAX_ROW);
    const end = rest.search(/\r?\n|\\r\\n|\\n|$/);
    const line = rest.slice(0, end);
    if (!DIVIDER.test(line)) {
      const cells = line.split(heading.mark);
      if (cells.length !== heading.cells.length) break;
      spans.push(...secretCells(cells, at, heading));
    }
    at += end + (/^(?:\r?\n|\\r\\n|\\n)/.exec(rest.slice(end))?.[0].length ?? 1);
  }
  return { spans, end: at };
}

function secretCells(cells: readonly string[], start: number, { cells: names, senses, mark }: Heading): readonly Span[] {
  let at = start;
  return cells.flatMap((cell, index) => {
    const [from, value, strength, name] = [at + cell.indexOf(bare(cell)), bare(cell), senses[index] ?? 'none', names[index] ?? ''];
    at += cell.length + mark.length;
    if (strength === 'none' || value === '' || !isSecretValue({ text: value, isQuoted: true }, { name, strength })) return [];
    return [{ from, to: from + value.length, kind: namesPassword(name) ? 'password' : 'secret' }];
  });
}

function bare(cell: string): string {
  return cell.trim().replace(/^\\*["']|\\*["']$/g, '');
}
