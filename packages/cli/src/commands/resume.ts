import { readFile } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import { fileFailure } from '@tier0/core/files';
import { z } from 'zod';
import type { PlayOptions } from '../play/play-options.ts';
import { playScenario } from '../play/play-scenario.ts';
import { PLAY, PROGRAM } from '../program-name.ts';
import { runOnce } from '../run/run-once.ts';
import type { RunOptions } from '../run/run-options.ts';
import { stateFolder } from '../world/state-folder.ts';
import { type Command, parseOptions, refuseArguments } from './command.ts';
import { asksForJson, OUTPUT_OPTIONS } from './output-form.ts';

/** What an interrupted run wrote down about itself; a file that says less was edited or damaged. */
const RunFileSchema = z.discriminatedUnion('command', [
  z.looseObject({
    command: z.literal('play'),
    scenario: z.string().min(1),
    out: z.string().min(1),
    interactive: z.boolean(),
    badFix: z.boolean(),
    twice: z.boolean(),
    trackRecord: z.string().optional(),
    modelUrl: z.string().optional(),
    modelName: z.string().optional(),
  }),
  z.looseObject({
    command: z.literal('run'),
    kubeconfig: z.string().min(1).optional(),
    context: z.string().optional(),
    cluster: z.string().min(1),
    repository: z.string().min(1),
    branch: z.string().min(1),
    path: z.string().optional(),
    forge: z.looseObject({}),
    author: z.string().optional(),
    prometheus: z.string().optional(),
    dryRun: z.boolean(),
    everySeconds: z.number().nonnegative(),
    out: z.string().min(1),
  }),
]);

/** `tier0 resume`: goes on with what an interrupted run left. */
export const resume: Command = {
  name: 'resume',
  usage: `Usage: ${PROGRAM} resume [--out DIR] [-o text|json]

Reads what an interrupted "${PLAY}" or "${PROGRAM} run" left in DIR (default: out) and goes on where its record ends.`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('resume', args, {
      out: { type: 'string', default: 'out' },
      ...OUTPUT_OPTIONS,
    });
    refuseArguments('resume', positionals);
    const json = asksForJson(values);
    const settings = await readRunFile(stateFolder(values.out).run, values.out);
    if (settings.command === 'run') return runOnce({ ...(settings as unknown as RunOptions), json }, environment);
    const folder = stateFolder(values.out);
    const options = { ...(settings as unknown as PlayOptions), out: folder.directory, json, resume: true };
    const { status } = await playScenario(options, environment);
    return status === 'resolved' || status === 'healthy' ? 0 : 1;
  },
};

async function readRunFile(file: string, out: string) {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'ENOENT') throw fileFailure(`read ${file}`, cause);
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is nothing to resume in ${out}.`,
      hint: 'Name the folder of the interrupted run with --out.',
      cause,
    });
  });
  try {
    return RunFileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `${file} does not say what was run.`,
      hint: 'It was edited or damaged: start a new run.',
      cause,
    });
  }
}
