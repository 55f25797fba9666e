import { readFile, stat } from 'node:fs/promises';

import { type FieldPath, type JsonValue, parseFieldPath, Tier0Error } from '@tier0/core';
import { writeAtomically } from '@tier0/core/files';
import { editYaml, type YamlEditResult } from '@tier0/gitops';
import { type Command, parseOptions } from './command.ts';

const TYPES = ['string', 'number', 'boolean', 'json'] as const;
type ValueType = (typeof TYPES)[number];

/** `tier0 edit FILE PATH VALUE`: one field, and no other byte. */
export const edit: Command = {
  name: 'edit',
  summary: 'change one field of a YAML or JSON file and no other byte',
  usage: `Usage: pnpm tier0 edit FILE PATH VALUE [options]
       pnpm tier0 edit FILE PATH --remove [options]

Shows the change as a diff; --write makes it. The result is proved first: read again, the file must mean what it did with exactly this field
set, else nothing happens and the reason is said. Missing maps and list entries on the way are added in the file's own style.

PATH is written like spec.template.spec.containers[name=web].image, metadata.annotations["a.b/c"], args[0] or [2].name.

  --document N     position of the YAML document, from 0                    (0)
  --expect OLD     value the field must have now; read as VALUE is
  --type TYPE      string, number, boolean or json                          (what the field is now, else string)
  --remove         take the field away
  --write          write the file: all of it or nothing, its mode kept

Exit code: 0 changed or nothing to change, 1 refused, 2 could not do it.
Example: pnpm tier0 edit deploy.yaml 'spec.template.spec.containers[name=web].resources.limits.memory' 1Gi --expect 512Mi`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('edit', args, {
      document: { type: 'string', default: '0' },
      expect: { type: 'string' },
      type: { type: 'string' },
      remove: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    });
    const [file, pathText, text, ...rest] = positionals;
    if (!file || !pathText || rest.length > 0 || (text === undefined) !== values.remove) {
      throw invalid(
        'Which field of which file, and what shall it be?',
        'Run "pnpm tier0 edit FILE PATH VALUE", or --remove in place of VALUE.',
      );
    }
    const bytes = await readFileToEdit(file);
    const place = { document: positionOf(values.document), path: parseFieldPath(pathText) };
    const found = foundNow(bytes, place);
    if ('status' in found) return refuse(environment.stderr, file, found.reason);
    const type = typeOf(values.type, found.value);
    const value = text === undefined ? undefined : toValue(text, type);
    const expectOld = values.expect === undefined ? found.value : toValue(values.expect, typeOf(values.type, found.value));
    const result = editYaml(bytes, { ...place, expectOld, value });
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

/** What the field says now: asked for by expecting nothing there. */
function foundNow(
  bytes: Buffer,
  place: { readonly document: number; readonly path: FieldPath },
): { readonly value: JsonValue | undefined } | Extract<YamlEditResult, { status: 'refused' }> {
  const result = editYaml(bytes, { ...place, value: undefined });
  if (result.status === 'refused') return result;
  return { value: result.status === 'precondition-failed' ? result.found : undefined };
}

function typeOf(asked: string | undefined, found: JsonValue | undefined): ValueType {
  if (asked !== undefined) {
    const known = TYPES.find((type) => type === asked);
    if (!known) throw invalid(`There is no type "${asked}".`, `Types are ${TYPES.join(', ')}.`);
    return known;
  }
  if (typeof found === 'number' || typeof found === 'boolean') return typeof found as ValueType;
  return typeof found === 'object' && found !== null ? 'json' : 'string';
}

function toValue(text: string, type: ValueType): JsonValue {
  if (type === 'string') return text;
  try {
    const value = JSON.parse(text) as JsonValue;
    if (type === 'json' || typeof value === type) return value;
  } catch {
    // Said below.
  }
  throw invalid(`"${text}" is no ${type === 'json' ? 'JSON' : type}.`, 'Say what it is with --type string, number, boolean or json.');
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
