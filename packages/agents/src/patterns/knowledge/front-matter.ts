import { parseDocument } from 'yaml';
import { z } from 'zod';

/** A text and what stands in the YAML block before it. */
export interface FrontMatter {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** Number of the body's first line. */
  readonly firstLine: number;
  /** What is wrong with the block; the body is then everything behind it. */
  readonly problem?: string | undefined;
}

const OPENING = /^---[ \t]*\r?\n/;
const CLOSING = /^(?:---|\.\.\.)[ \t]*$/m;
/** Front matter holds a handful of fields; what is longer is something else. */
const LONGEST = 64 * 1024;
const Fields = z.record(z.string(), z.unknown());

/** Splits a text from its front matter. */
export function readFrontMatter(text: string): FrontMatter {
  const opening = OPENING.exec(text)?.[0];
  if (opening === undefined) return { metadata: {}, body: text, firstLine: 1 };
  const closing = CLOSING.exec(text.slice(opening.length, opening.length + LONGEST));
  // A rule at the top of a text that has no second one is a rule.
  if (!closing) return { metadata: {}, body: text, firstLine: 1 };
  const source = text.slice(opening.length, opening.length + closing.index);
  const rest = text.slice(opening.length + closing.index + closing[0].length).replace(/^\r?\n/, '');
  const firstLine = text.slice(0, text.length - rest.length).split('\n').length;
  return { ...readFields(source), body: rest, firstLine };
}

function readFields(source: string): Pick<FrontMatter, 'metadata' | 'problem'> {
  if (source.trim() === '') return { metadata: {} };
  try {
    const document = parseDocument(source, { uniqueKeys: true, logLevel: 'silent' });
    const [error] = document.errors;
    if (error) return { metadata: {}, problem: `its front matter is no valid YAML: ${error.message.split('\n')[0]}` };
    const fields = Fields.safeParse(document.toJS({ maxAliasCount: 10 }));
    if (fields.success) return { metadata: toPlain(fields.data) };
    return { metadata: {}, problem: 'its front matter is not a list of fields' };
  } catch (error) {
    return { metadata: {}, problem: `its front matter cannot be read: ${error instanceof Error ? error.message : error}` };
  }
}

/** Dates and the like become what JSON would make of them, so that what is stored reads back the same. */
function toPlain(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return JSON.parse(JSON.stringify(fields));
}
