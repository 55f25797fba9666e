import { lexer, type Token, type Tokens } from 'marked';
import { painted, type Style, visible } from './outlet.ts';
import type { Terminal } from './timeline.ts';

/** A stretch of text that looks the same all over. */
interface Run {
  readonly text: string;
  readonly style?: Style | undefined;
}

type Line = readonly Run[];

/** Narrower than this nothing is folded: a word a line is no page. */
const NARROWEST = 24;

/**
 * Markdown as a page for a terminal: headings, lists, quotes, tables and code, folded at its width, coloured where it is; the same words
 * without colour elsewhere. What it takes from Markdown is form alone: no link is followed, no HTML is anything but text.
 */
export function markdownPage(markdown: string, terminal: Pick<Terminal, 'colour' | 'width'>): string {
  const width = Math.max(NARROWEST, terminal.width - 1);
  const lines = blocksOf(lexer(markdown.replace(/<!--[\s\S]*?-->/g, '')), width);
  return printed(lines, terminal);
}

/** A patch with what comes, what goes and where told apart, folded at the width. */
export function diffPage(diff: string, terminal: Pick<Terminal, 'colour' | 'width'>): string {
  const width = Math.max(NARROWEST, terminal.width - 1);
  return printed(diffLines(diff.trimEnd(), width), terminal);
}

function printed(lines: readonly Line[], { colour }: Pick<Terminal, 'colour'>): string {
  const paint = ({ text, style }: Run) => (colour && style !== undefined && text !== '' ? painted(style, text) : visible(text));
  return lines.map((line) => `${line.map(paint).join('').trimEnd()}\n`).join('');
}

function blocksOf(tokens: readonly Token[], width: number): readonly Line[] {
  const blocks = tokens.filter(({ type }) => type !== 'space' && type !== 'def').map((token) => blockLines(token, width));
  return blocks.filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : [[], ...lines]));
}

function blockLines(token: Token, width: number): readonly Line[] {
  switch (token.type) {
    case 'heading':
      return fold(runsOf(token.tokens ?? [], ['bold', 'underline']), width);
    case 'paragraph':
    case 'text':
      return fold(token.tokens ? runsOf(token.tokens) : [{ text: unescaped(token.text) }], width);
    case 'list':
      return listLines(token as Tokens.List, width);
    case 'blockquote':
      return blocksOf(token.tokens ?? [], width - 2).map((line) => [{ text: '│ ', style: 'dim' }, ...line]);
    case 'code':
      return codeLines(token as Tokens.Code, width);
    case 'table':
      return tableLines(token as Tokens.Table, width);
    case 'hr':
      return [[{ text: '─'.repeat(Math.min(width, 40)), style: 'dim' }]];
    default:
      return fold([{ text: token.raw.trim() }], width);
  }
}

function listLines({ items, ordered, start }: Tokens.List, width: number): readonly Line[] {
  return items.flatMap((item, index) => {
    const box = item.task ? (item.checked ? '[x] ' : '[ ] ') : '';
    const mark = `${ordered ? `${Number(start || 1) + index}.` : '•'} ${box}`;
    const below = item.tokens.filter(({ type }) => type !== 'checkbox').flatMap((token) => blockLines(token, width - mark.length));
    return below.map((line, row): Line => [{ text: row === 0 ? mark : ' '.repeat(mark.length) }, ...line]);
  });
}

function codeLines({ text, lang }: Tokens.Code, width: number): readonly Line[] {
  const lines =
    lang === 'diff' ? diffLines(text, width - 4) : text.split('\n').flatMap((line) => cut({ text: line, style: 'dim' }, width - 4));
  return lines.map((line) => [{ text: '    ' }, ...line]);
}

function diffLines(diff: string, width: number): readonly Line[] {
  return diff.split('\n').flatMap((text) => cut({ text, style: diffStyle(text) }, width));
}

function diffStyle(line: string): Style | undefined {
  if (/^(?:diff |index |\+\+\+ |--- |(?:new|deleted) file )/.test(line)) return 'bold';
  if (line.startsWith('@@')) return 'cyan';
  return line.startsWith('+') ? 'green' : line.startsWith('-') ? 'red' : undefined;
}

/** Code is cut where the line ends, not at a space: its spaces mean something. */
function cut({ text, style }: Run, width: number): readonly Line[] {
  const clean = visible(text.replaceAll('\t', '  '));
  const pieces = clean.match(new RegExp(`.{1,${Math.max(8, width)}}`, 'gu')) ?? [''];
  return pieces.map((piece) => [{ text: piece, style }]);
}

/** Columns as wide as what they hold while that fits; one row below the other, each cell named, where it does not. */
function tableLines({ header, rows }: Tokens.Table, width: number): readonly Line[] {
  const names = header.map((cell) => plainOf(cell.tokens));
  const cells = rows.map((row) => row.map((cell) => plainOf(cell.tokens)));
  const widths = names.map((name, column) => Math.max(name.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const total = widths.reduce((sum, one) => sum + one + 2, -2);
  if (total > width) return stackedLines(names, cells, width);
  const row = (texts: readonly string[], style?: Style): Line => [
    { text: texts.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  '), style },
  ];
  return [
    row(names, 'bold'),
    [{ text: widths.map((one) => '─'.repeat(one)).join('  '), style: 'dim' }],
    ...cells.map((texts) => row(texts)),
  ];
}

function stackedLines(names: readonly string[], cells: readonly (readonly string[])[], width: number): readonly Line[] {
  const blocks = cells.map((row) => row.flatMap((text, column) => fold([{ text: `${names[column]}: `, style: 'bold' }, { text }], width)));
  return blocks.flatMap((lines, index) => (index === 0 ? lines : [[], ...lines]));
}

function plainOf(tokens: readonly Token[]): string {
  return runsOf(tokens)
    .map(({ text }) => visible(text.replace(/\s+/g, ' ')))
    .join('');
}

function runsOf(tokens: readonly Token[], style?: Style): readonly Run[] {
  return tokens.flatMap((token): readonly Run[] => {
    const inner = 'tokens' in token && token.tokens ? token.tokens : undefined;
    switch (token.type) {
      case 'strong':
        return runsOf(inner ?? [], 'bold');
      case 'em':
        return runsOf(inner ?? [], 'italic');
      case 'del':
        return runsOf(inner ?? [], 'strikethrough');
      case 'codespan':
        return [{ text: unescaped(token.text), style: 'cyan' }];
      case 'link':
        return linkRuns(token as Tokens.Link, style);
      case 'image':
        return [{ text: `[${token.text}]`, style }];
      case 'br':
        return [{ text: '\n' }];
      default:
        return inner ? runsOf(inner, style) : [{ text: unescaped('text' in token ? token.text : token.raw), style }];
    }
  });
}

/** A link says where it goes: nobody can see it by hovering. */
function linkRuns({ href, text, tokens }: Tokens.Link, style: Style | undefined): readonly Run[] {
  const runs = runsOf(tokens, style ?? 'underline');
  return href === text || href === `mailto:${text}` ? runs : [...runs, { text: ` (${href})`, style: 'dim' }];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function unescaped(text: string): string {
  return text.replace(/&(?:(amp|lt|gt|quot|apos|nbsp)|#39);/g, (_, name?: string) => (name === undefined ? "'" : (ENTITIES[name] ?? '')));
}

/** Breaks at spaces; a word that is longer than a line is cut. A line feed in a run is one in the page. */
function fold(runs: readonly Run[], width: number): readonly Line[] {
  const lines: Run[][] = [[]];
  let used = 0;
  const open = () => {
    lines.push([]);
    used = 0;
  };
  for (const { text, style } of runs) {
    for (const word of visible(text)
      .split(/(\n)|(?<=[ \t])/)
      .filter(Boolean)) {
      if (word === '\n') {
        // A break in the source is a space to Markdown; one that is meant stands alone.
        if (text === '\n') open();
        else if (used > 0) used += push(lines, { text: ' ', style });
        continue;
      }
      if (used > 0 && used + word.trimEnd().length > width) open();
      for (const piece of word.match(new RegExp(`.{1,${Math.max(8, width)}}`, 'gu')) ?? []) {
        if (used > 0 && used + piece.trimEnd().length > width) open();
        used += push(lines, { text: piece, style });
      }
    }
  }
  return lines;
}

function push(lines: Run[][], run: Run): number {
  const line = lines.at(-1);
  const last = line?.at(-1);
  if (line && last && last.style === run.style) line[line.length - 1] = { ...run, text: last.text + run.text };
  else line?.push(run);
  return run.text.length;
}
