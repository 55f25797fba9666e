import { existsSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { Tier0Error } from '@tier0/core';
import { listScenarios } from '@tier0/eval';
import { parseOptions } from '../commands/command.ts';
import { didYouMean } from '../commands/did-you-mean.ts';
import { asksForJson, OUTPUT_OPTIONS } from '../commands/output-form.ts';
import { IS_CLONE, PROGRAM } from '../program-name.ts';

/** What a scenario is played with. */
export interface PlayOptions {
  /** Folder of the scenario. */
  readonly scenario: string;
  readonly out: string;
  /** One JSON object a line instead of the timeline. */
  readonly json: boolean;
  /** Ask the person at the terminal instead of the scripted reviewer. */
  readonly interactive: boolean;
  /** The repository gets another value than was rehearsed; the loop is not told. */
  readonly badFix: boolean;
  /** Play it, then a week later again with what was learned. */
  readonly twice: boolean;
  /** File with past outcomes of a pattern. */
  readonly trackRecord?: string | undefined;
  /** Go on with the interrupted incident in `out`. */
  readonly resume: boolean;
  readonly modelUrl?: string | undefined;
  readonly modelName?: string | undefined;
}

/** Help for everything that plays a scenario. */
export const PLAY_USAGE = `Usage: ${IS_CLONE ? `npm start -- [options]            (or: ${PROGRAM} play [options])` : `${PROGRAM} play [options]`}

Plays a scenario: a cluster, a repository and workloads come to life on this machine, something goes wrong, and tier0 handles it.

  --scenario NAME       one that comes along, or the path of a folder
  --interactive         decide on the pull request yourself
  --bad-fix             spoil the fix on its way into the cluster; the loop is not told
  --twice               play it again a week later, with what was learned
  --track-record FILE   past outcomes of the pattern, so that a standing rule may approve
  --model URL           OpenAI-compatible API for a second opinion; it must cite evidence
  --model-name NAME     model to ask there                          (default)
  -o, --output FORM     text, or json: one object a line            (text)
  --out DIR             where results go                            (out)`;

/** Reads the options. Throws INVALID_INPUT or NOT_FOUND. */
export function parsePlayOptions(args: readonly string[], root: string, defaultScenario?: string): PlayOptions {
  const { values, positionals } = parseOptions('play', args, {
    scenario: { type: 'string' },
    out: { type: 'string', default: 'out' },
    ...OUTPUT_OPTIONS,
    interactive: { type: 'boolean', default: false },
    'bad-fix': { type: 'boolean', default: false },
    twice: { type: 'boolean', default: false },
    'track-record': { type: 'string' },
    model: { type: 'string' },
    'model-name': { type: 'string' },
  });
  if (positionals.length > 0) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `"${positionals[0]}" is not an option.`,
      hint: 'Run with --help to see the options.',
    });
  }
  const scenario = values.scenario ?? defaultScenario;
  if (!scenario) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: 'Which scenario is to be played?',
      hint: `Name one with --scenario: ${playableNames(join(root, 'scenarios')).join(', ')}, or the path of a folder.`,
    });
  }
  return {
    scenario: scenarioFolder(scenario, root),
    out: resolve(values.out),
    json: asksForJson(values),
    interactive: values.interactive,
    badFix: values['bad-fix'],
    twice: values.twice,
    trackRecord: values['track-record'],
    resume: false,
    modelUrl: values.model,
    modelName: values['model-name'],
  };
}

/** A path as it is, a bare name on any shelf of `scenarios/`. Throws NOT_FOUND for a name that is not there, with those that can be played. */
export function scenarioFolder(name: string, root: string): string {
  if (/[/\\]/.test(name)) return resolve(name);
  const folder = join(root, 'scenarios');
  const found = listScenarios(folder).find((one) => basename(one) === name);
  const known = playableNames(folder);
  if (found !== undefined && known.includes(name)) return found;
  if (found !== undefined) {
    throw new Tier0Error({
      code: 'UNSUPPORTED',
      message: `The scenario "${name}" is a recording: it has no repository to change, so it cannot be played.`,
      hint: `Diagnose it: ${PROGRAM} diagnose --snapshot ${relative(root, found)}. To be played there are ${known.join(', ')}.`,
    });
  }
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `There is no scenario "${name}". Known: ${known.join(', ') || 'none'}.`,
    hint: `${didYouMean(name, known)}Name one of them, or give the path of a folder, e.g. ./${name}.`,
  });
}

/** Scenarios with a repository that the incident can be repaired in. */
function playableNames(folder: string): readonly string[] {
  return listScenarios(folder)
    .filter((one) => existsSync(join(one, 'repo')))
    .map((one) => basename(one));
}
