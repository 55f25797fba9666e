import type { DocumentSection } from './document.ts';

/** Paragraphs are packed up to about this many characters: enough to be understood, short enough to be one topic. */
const SECTION_SIZE = 700;
/** A line of a longer block starts a new section: a log or a table can be as long as it likes. */
const LONGEST_BLOCK = 4000;

interface Block {
  readonly text: string;
  readonly fromLine: number;
  readonly toLine: number;
  /** Headings in force, this one included when the block is a heading. */
  readonly headings: readonly string[];
}

/**
 * Cuts Markdown or plain text where its structure allows: never within a fenced block or a paragraph of ordinary length. `firstLine` is the
 * number of the text's first line in its file.
 */
export function toSections(text: string, firstLine = 1): readonly DocumentSection[] {
  const sections: DocumentSection[] = [];
  let open: Block[] = [];
  let size = 0;
  const close = () => {
    if (open.length > 0) sections.push(toSection(open));
    open = [];
    size = 0;
  };
  for (const block of toBlocks(text, firstLine)) {
    // A heading alone says nothing: it stays with what follows it.
    const saysSomething = open.some((one) => !isHeading(one.text));
    if (saysSomething && size + block.text.length > SECTION_SIZE) close();
    open.push(block);
    size += block.text.length + 2;
  }
  close();
  return sections;
}

/** The heading path of a section is that of its first words that are no heading. */
function toSection(blocks: readonly Block[]): DocumentSection {
  const speaking = blocks.find((block) => !isHeading(block.text)) ?? (blocks.at(-1) as Block);
  return {
    headings: speaking.headings,
    span: { fromLine: (blocks[0] as Block).fromLine, toLine: (blocks.at(-1) as Block).toLine },
    text: blocks.map((block) => block.text).join('\n\n'),
  };
}

const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
/** A line without end is data or prose that nobody wrapped; all of it is kept. */
function piecesOf(line: string): readonly string[] {
  return Array.from({ length: Math.ceil(line.length / LONGEST_BLOCK) }, (_, at) =>
    line.slice(at * LONGEST_BLOCK, (at + 1) * LONGEST_BLOCK),
  );
}

const FENCE = /^ {0,3}(```+|~~~+)/;

function isHeading(text: string): boolean {
  return HEADING.test(text);
}

function* toBlocks(text: string, firstLine: number): Generator<Block> {
  let headings: readonly (readonly [level: number, title: string])[] = [];
  let lines: string[] = [];
  let size = 0;
  let start = firstLine;
  let fence: string | undefined;
  const titles = () => headings.map(([, title]) => title);
  const take = (): Block[] => {
    const taken = lines;
    lines = [];
    size = 0;
    return taken.length === 0 ? [] : [{ text: taken.join('\n'), fromLine: start, toLine: start + taken.length - 1, headings: titles() }];
  };
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const number = firstLine + index;
    const mark = FENCE.exec(line)?.[1];
    const heading = fence === undefined ? HEADING.exec(line) : null;
    if (heading) {
      yield* take();
      const level = (heading[1] as string).length;
      headings = [...headings.filter(([other]) => other < level), [level, heading[2] as string]];
      yield { text: line, fromLine: number, toLine: number, headings: titles() };
      continue;
    }
    if (fence === undefined && mark === undefined && line.trim() === '') {
      yield* take();
      continue;
    }
    if (size > LONGEST_BLOCK) yield* take();
    if (line.length > LONGEST_BLOCK) {
      yield* take();
      for (const piece of piecesOf(line)) yield { text: piece, fromLine: number, toLine: number, headings: titles() };
      continue;
    }
    if (lines.length === 0) start = number;
    lines.push(line);
    size += line.length;
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence)) fence = undefined;
  }
  yield* take();
}
