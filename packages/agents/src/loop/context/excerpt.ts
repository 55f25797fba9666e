/** How much of a long text is shown. */
export interface ExcerptOptions {
  /** Handle of the whole. */
  readonly artifact: string;
  /** Characters shown at most, about. */
  readonly limit: number;
  /** Words whose lines are worth showing, from the task. */
  readonly words: readonly string[];
}

/** What people search a log for first. */
const TROUBLE =
  /\b(?:error|fatal|panic|exception|fail(?:ed|ure)?|denied|refused|timeout|timed out|oom|killed|unauthorized|forbidden|crash)/i;
const MAX_LINE = 400;

/** Head, tail, and lines between them that look like what is searched, with how to read the rest. */
export function excerptOf(text: string, { artifact, limit, words }: ExcerptOptions): string {
  const part = Math.floor(limit / 3);
  const head = text.slice(0, part);
  const tail = text.slice(-part);
  const middle = text.slice(part, text.length - part);
  const note = `[${text.length} characters in all, kept as ${artifact}. Use search_artifact and read_artifact to see the rest.]`;
  return [note, head, '[… lines that stand out …]', ...matches(middle, words, part), '[… end …]', tail].join('\n');
}

function matches(text: string, words: readonly string[], limit: number): readonly string[] {
  const found: string[] = [];
  let used = 0;
  for (const { line, number } of linesOf(text)) {
    if (!TROUBLE.test(line) && !words.some((word) => line.includes(word))) continue;
    const shown = `${number}: ${line.slice(0, MAX_LINE)}`;
    used += shown.length + 1;
    if (used > limit) break;
    found.push(shown);
  }
  return found;
}

/** Lines without an array of all of them: texts may have millions. */
export function* linesOf(text: string): Generator<{ readonly line: string; readonly number: number; readonly at: number }> {
  let at = 0;
  for (let number = 1; at < text.length; number++) {
    const end = text.indexOf('\n', at);
    const stop = end === -1 ? text.length : end;
    yield { line: text.slice(at, stop), number, at };
    at = stop + 1;
  }
}
