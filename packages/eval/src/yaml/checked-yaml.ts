import { readFile } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import { type Document, isMap, isNode, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';

/** Something in a file that cannot stand, with the place where a person corrects it. */
export interface FileProblem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** `rows.0.cells.k8sgpt`, empty for the document. */
  readonly path: string;
  readonly message: string;
}

/** A YAML file that was read, and where in it each value stands. */
export interface CheckedYaml<T> {
  readonly value: T;
  /** The place of a value, for rules that no schema can say. */
  problemAt(path: readonly (string | number)[], message: string): FileProblem;
}

/** Parses and checks a text: the value, or every problem with its line. Syntax first, then names, then values. */
export function checkYaml<T>(
  text: string,
  file: string,
  schema: z.ZodType<T>,
): CheckedYaml<T> | { readonly problems: readonly FileProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const problemAt = (path: readonly (string | number)[], message: string): FileProblem => {
    const { line, col } = lines.linePos(offsetOf(document, path));
    return { file, line: Math.max(1, line), column: Math.max(1, col), path: path.join('.'), message };
  };
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map(({ pos, message }) => {
        const { line, col } = lines.linePos(pos[0]);
        return { file, line, column: col, path: '', message: message.split('\n')[0] ?? 'is no YAML' };
      }),
    };
  }
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return { value: parsed.data, problemAt };
  return { problems: parsed.error.issues.flatMap((issue) => issueProblems(issue, problemAt)) };
}

type Issue = z.core.$ZodIssue;

/** A name that is not known is shown where it stands, not where its map begins. */
function issueProblems(issue: Issue, problemAt: CheckedYaml<unknown>['problemAt']): readonly FileProblem[] {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => problemAt([...path, key], `"${key}" is not known here`));
  const isMissing = issue.code === 'invalid_type' && / received undefined$/.test(issue.message);
  return [problemAt(path, isMissing ? `is missing (${issue.expected})` : issue.message)];
}

/** Where a path stands; for what is missing, the nearest thing that is there. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  for (let length = path.length; length > 0; length--) {
    const key = path[length - 1];
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    if (isMap(parent)) {
      const pair = parent.items.find((item) => String(isNode(item.key) ? item.key.toJS(document) : item.key) === String(key));
      if (pair && isNode(pair.key) && pair.key.range) return pair.key.range[0];
    }
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

/** Reads and checks a file. Throws NOT_FOUND, or INVALID_INPUT with the first problem, its line, and how many more there are. */
export async function readYaml<T>(file: string, schema: z.ZodType<T>): Promise<CheckedYaml<T>> {
  const checked = checkYaml(await textOf(file), file, schema);
  if ('problems' in checked) throw firstProblem(checked.problems);
  return checked;
}

/** The error for a file with problems. */
export function firstProblem(problems: readonly FileProblem[]): Tier0Error {
  const [first, ...more] = problems;
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${first ? problemText(first) : 'The file cannot be used'}${more.length > 0 ? `; and ${more.length} more` : ''}.`,
    hint: 'Correct that line; "tier0 eval validate FILE" lists everything that is wrong.',
  });
}

/** A problem as one line: `file:line:column: path: what is wrong`. */
export function problemText({ file, line, column, path, message }: FileProblem): string {
  return `${file}:${line}:${column}: ${path === '' ? '' : `${path}: `}${message}`;
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause) => {
    throw new Tier0Error({ code: 'NOT_FOUND', message: `There is no file ${file}.`, hint: 'Name one that exists.', cause });
  });
}
