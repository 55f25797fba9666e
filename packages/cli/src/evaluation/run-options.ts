import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { didYouMean } from '../commands/did-you-mean.ts';
import { DATA_ROOT } from '../data-root.ts';
import { PROGRAM } from '../program-name.ts';

/** Options of a run as they stand on the command line; a lane in another process gets the same. */
export const RUN_OPTIONS = {
  scenario: { type: 'string', multiple: true },
  tool: { type: 'string', multiple: true },
  only: { type: 'string', multiple: true },
  repeats: { type: 'string', default: '2' },
  seed: { type: 'string', default: '1' },
  lanes: { type: 'string' },
  'dot-ai': { type: 'string' },
  holmesgpt: { type: 'string' },
  'cluster-port': { type: 'string' },
  timeout: { type: 'string', default: '120' },
  model: { type: 'string' },
  'model-name': { type: 'string' },
  'planted-instructions': { type: 'string', default: '3' },
} as const;

/** The values of those options. */
export interface RunValues {
  readonly scenario?: readonly string[] | undefined;
  readonly tool?: readonly string[] | undefined;
  readonly only?: readonly string[] | undefined;
  readonly repeats: string;
  readonly seed: string;
  readonly lanes?: string | undefined;
  readonly 'dot-ai'?: string | undefined;
  readonly holmesgpt?: string | undefined;
  readonly 'cluster-port'?: string | undefined;
  readonly timeout: string;
  readonly model?: string | undefined;
  readonly 'model-name'?: string | undefined;
  readonly 'planted-instructions': string;
}

/** The folders of the scenarios that were named, else of all. Throws NOT_FOUND where there are none. */
export async function scenarioFolders(names: readonly string[] | undefined): Promise<readonly string[]> {
  const home = join(DATA_ROOT, 'scenarios');
  if (names) return await Promise.all(names.map((name) => (/[/\\]/.test(name) ? resolve(name) : folderOf(name, home))));
  const entries = await readdir(home, { withFileTypes: true }).catch((cause) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: 'There are no scenarios beside this command.',
      hint: 'Name folders with --scenario DIR, or run in a clone of the repository, which has a hundred of them.',
      cause,
    });
  });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(home, entry.name))
    .sort();
}

/** The scenario of that name. Throws NOT_FOUND with the nearest one. */
async function folderOf(name: string, home: string): Promise<string> {
  const known = await readdir(home).catch((): string[] => []);
  if (known.includes(name)) return join(home, name);
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `There is no scenario "${name}".`,
    hint: `${didYouMean(name, known)}Name a folder under scenarios/, or give the path of one with meta.json, cluster/ and expected.yaml.`,
  });
}

/** A whole number from the command line. Throws INVALID_INPUT with the option. */
export function wholeNumber(option: string, text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isInteger(number) && number >= 0) return number;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `--${option} takes a whole number, not "${text}".`,
    hint: `Run "${PROGRAM} eval --help" to see the options.`,
  });
}
