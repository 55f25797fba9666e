import { basename, join, resolve } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { listScenarios, type Suite } from '@tier0/eval';
import { didYouMean } from '../commands/did-you-mean.ts';
import { DATA_ROOT } from '../data-root.ts';
import { PROGRAM } from '../program-name.ts';

/** Options of a run as they stand on the command line; a lane in another process gets the same. */
export const RUN_OPTIONS = {
  scenario: { type: 'string', multiple: true },
  suite: { type: 'string' },
  tool: { type: 'string', multiple: true },
  only: { type: 'string', multiple: true },
  repeats: { type: 'string' },
  seed: { type: 'string', default: '1' },
  lanes: { type: 'string' },
  'dot-ai': { type: 'string' },
  holmesgpt: { type: 'string' },
  'cluster-port': { type: 'string' },
  timeout: { type: 'string', default: '120' },
  model: { type: 'string' },
  'model-name': { type: 'string' },
  price: { type: 'string' },
  cassette: { type: 'string' },
  'planted-instructions': { type: 'string', default: '3' },
} as const;

/** The values of those options. */
export interface RunValues {
  readonly scenario?: readonly string[] | undefined;
  readonly suite?: string | undefined;
  readonly tool?: readonly string[] | undefined;
  readonly only?: readonly string[] | undefined;
  readonly repeats?: string | undefined;
  readonly seed: string;
  readonly lanes?: string | undefined;
  readonly 'dot-ai'?: string | undefined;
  readonly holmesgpt?: string | undefined;
  readonly 'cluster-port'?: string | undefined;
  readonly timeout: string;
  readonly model?: string | undefined;
  readonly 'model-name'?: string | undefined;
  readonly price?: string | undefined;
  readonly cassette?: string | undefined;
  readonly 'planted-instructions': string;
}

/** Where the clusters of a suite lie beside this command. */
const SUITE_FOLDERS: Readonly<Record<Suite, string>> = { written: 'scenarios', recorded: 'recordings' };

/** The folders of the scenarios that were named, else all of a suite, else all. Throws NOT_FOUND where there are none. */
export async function scenarioFolders({ scenario: names, suite }: Pick<RunValues, 'scenario' | 'suite'>): Promise<readonly string[]> {
  const suites = suitesNamed(suite);
  const known = suites.flatMap(foldersOf);
  if (names) return names.map((name) => (/[/\\]/.test(name) ? resolve(name) : folderNamed(name, known)));
  if (known.length > 0) return known;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: 'There are no scenarios beside this command.',
    hint: 'Name folders with --scenario DIR, or run in a clone of the repository, which has more than a hundred of them.',
  });
}

function suitesNamed(suite: string | undefined): readonly Suite[] {
  if (suite === undefined) return ['written', 'recorded'];
  if (suite === 'written' || suite === 'recorded') return [suite];
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `There is no suite "${suite}".`,
    hint: 'Suites: written, recorded. Without --suite both are played.',
  });
}

function foldersOf(suite: Suite): readonly string[] {
  return listScenarios(join(DATA_ROOT, SUITE_FOLDERS[suite]));
}

/** The scenario of that name. Throws NOT_FOUND with the nearest one. */
function folderNamed(name: string, folders: readonly string[]): string {
  const found = folders.find((folder) => basename(folder) === name);
  if (found !== undefined) return found;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `There is no scenario "${name}".`,
    hint: `${didYouMean(
      name,
      folders.map((folder) => basename(folder)),
    )}Name a folder of scenarios/ or recordings/, or give the path of one with meta.json, cluster/ and expected.yaml.`,
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
