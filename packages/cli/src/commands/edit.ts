import { readFile, stat } from 'node:fs/promises';
import { type FieldPath, parseFieldPath, Tier0Error } from '@tier0/core';
import { writeAtomically } from '@tier0/core/files';
import { editYaml, type FieldAnswer, findField, meantValue, saysNow, typeAt, type ValueContext, type ValueType } from '@tier0/gitops';
import { PROGRAM } from '../program-name.ts';
import { type Command, parseOptions } from './command.ts';

const TYPES: readonly ValueType[] = ['string', 'number', 'boolean', 'json'];

/** `tier0 edit FILE PATH VALUE`: one field, and no other byte. */
export const edit: Command = {
  name: 'edit',
  usage: `Usage: ${PROGRAM} edit FILE PATH VALUE [options]
       ${PROGRAM} edit FILE PATH --remove [options]

Shows the change as a diff; --write makes it. The result is proved first: read again, the file must mean what it did with exactly this field
set, to kubectl and Helm (YAML 1.1) as to others (1.2), else nothing happens and the reason is said.

The value is the text you give: 1.10 stays 1.10, in quotes where a reader would see a number in it. What the field is decides, first by the
schema of Kubernetes, then by what stands there now; --string, --number, --boolean or --json decide before both.
A field is looked for in every document of the file. What neither the schema nor its neighbours know is not made without --create.

PATH is written like spec.template.spec.containers[name=web].image, metadata.annotations["a.b/c"], args[0] or [2].name.

  --document N     position of the YAML document, from 0     (the one that has the field)
  --expect OLD     what the field must say now, as it is written there
  --string, --number, --boolean, --json    what VALUE is     (also --type TYPE)
  --create         make fields and entries that nothing knows
  --remove         take the field away
  --write          write the file: all of it or nothing, its mode kept

Exit code: 0 changed or nothing to change, 1 refused, 2 could not do it.
Example: ${PROGRAM} edit deploy.yaml 'spec.template.spec.containers[name=web].resources.limits.memory' 1Gi --expect 512Mi`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('edit', args, {
      document: { type: 'string' },
      expect: { type: 'string' },
      type: { type: 'string' },
      string: { type: 'boolean', default: false },
      number: { type: 'boolean', default: false },
      boolean: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      create: { type: 'boolean', default: false },
      remove: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    });
    const [file, pathText, text, ...rest] = positionals;
    if (!file || !pathText || rest.length > 0 || (text === undefined) !== values.remove) {
      throw invalid(
        'Which field of which file, and what shall it be?',
        `Run "${PROGRAM} edit FILE PATH VALUE", or --remove in place of VALUE.`,
      );
    }
    const bytes = await readFileToEdit(file);
    const path = parseFieldPath(pathText);
    const as = typeOf(values);
    const document = values.document === undefined ? undefined : positionOf(values.document);
    const found = findField(bytes.toString('utf8'), { path, document, create: values.create || values.remove });
    if (found.status === 'refused') return refuse(environment.stderr, file, found.reason);
    if (values.expect !== undefined && !saysNow(values.expect, found)) {
      return refuse(environment.stderr, file, `${pathText} says ${saidNow(found)}, expected ${values.expect}`);
    }
    const meant = text === undefined ? undefined : meantValue(text, contextOf(found, path, as));
    if (meant?.status === 'unclear') throw invalid(`${meant.reason}.`, meant.hint);
    if (meant?.note) environment.stderr(`${meant.note}\n`);
    const result = editYaml(bytes, { document: found.document, path, expectOld: found.value, value: meant?.value });
    if (result.status === 'no-change') {
      environment.terminal.write(`${file} says it already\n`);
      return 0;
    }
    if (result.status !== 'edited') return refuse(environment.stderr, file, result.reason);
    environment.terminal.write(unifiedDiff(file, bytes.toString('utf8'), result.text));
    if (values.write) await replaceFile(file, result.text);
    else environment.stderr('Nothing is written; --write does.\n');
    return 0;
  },
};

function refuse(stderr: (text: string) => void, file: string, reason: string): number {
  stderr(`tier0: ${file} is not changed: ${reason}\n`);
  return 1;
}

async function readFileToEdit(file: string): Promise<Buffer> {
  return readFile(file).catch((cause) => {
    throw new Tier0Error({ code: 'NOT_FOUND', message: `${file} cannot be read.`, hint: 'Check the path; it must be a file.', cause });
  });
}

function contextOf(found: Extract<FieldAnswer, { status: 'found' }>, path: FieldPath, as: ValueType | undefined): ValueContext {
  const type = typeAt(found.object, path);
  return { as, now: found.value, plain: found.plain, ...(type.status === 'known' ? { schema: type.type } : {}) };
}

function saidNow({ plain, value }: Extract<FieldAnswer, { status: 'found' }>): string {
  return plain?.source ?? (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 200));
}

interface TypeFlags {
  readonly type?: string | undefined;
  readonly string: boolean;
  readonly number: boolean;
  readonly boolean: boolean;
  readonly json: boolean;
}

function typeOf(flags: TypeFlags): ValueType | undefined {
  const asked = [...(flags.type === undefined ? [] : [flags.type]), ...TYPES.filter((type) => flags[type])];
  const [only, another] = asked;
  if (another !== undefined) throw invalid(`A value cannot be ${asked.join(' and ')}.`, 'Say one of them.');
  const known = TYPES.find((type) => type === only);
  if (only !== undefined && !known) throw invalid(`There is no type "${only}".`, `Types are ${TYPES.join(', ')}.`);
  return known;
}

function positionOf(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw invalid(`"${text}" is not the position of a document.`, 'Count the documents of the file from 0.');
}

/** Keeps the mode of the file. */
async function replaceFile(file: string, text: string): Promise<void> {
  try {
    await writeAtomically(file, text, (await stat(file)).mode & 0o7777);
  } catch (cause) {
    throw new Tier0Error({
      code: 'UNAVAILABLE',
      message: `${file} cannot be written; it is as it was.`,
      hint: 'Check that its folder can be written to.',
      cause,
    });
  }
}

const CONTEXT_LINES = 3;

/** The change as one hunk: an edit touches one stretch of a file. */
function unifiedDiff(file: string, before: string, after: string): string {
  const [old, now] = [linesOf(before), linesOf(after)];
  const least = Math.min(old.length, now.length);
  let head = 0;
  while (head < least && old[head] === now[head]) head++;
  let tail = 0;
  while (tail < least - head && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const from = Math.max(0, head - CONTEXT_LINES);
  const below = Math.min(tail, CONTEXT_LINES);
  const range = (all: readonly string[]) => {
    const count = all.length - tail + below - from;
    return `${count === 0 ? from : from + 1},${count}`;
  };
  return [
    `--- a/${file}\n+++ b/${file}\n@@ -${range(old)} +${range(now)} @@\n`,
    ...old.slice(from, head).map((line) => marked(' ', line)),
    ...old.slice(head, old.length - tail).map((line) => marked('-', line)),
    ...now.slice(head, now.length - tail).map((line) => marked('+', line)),
    ...old.slice(old.length - tail, old.length - tail + below).map((line) => marked(' ', line)),
  ].join('');
}

/** Lines with the break that ends them; the last may have none. */
function linesOf(text: string): readonly string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function marked(mark: string, line: string): string {
  return line.endsWith('\n') ? mark + line : `${mark}${line}\n\\ No newline at end of file\n`;
}

function invalid(message: string, hint: string): Tier0Error {
  return new Tier0Error({ code: 'INVALID_INPUT', message, hint });
}
