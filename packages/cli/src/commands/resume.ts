import { readFile } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import { z } from 'zod';
import { playScenario } from '../play/play-scenario.ts';
import { stateFolder } from '../world/state-folder.ts';
import { type Command, parseOptions } from './command.ts';

/** What a run wrote down about itself; see `PlayOptions`. */
const RunSchema = z.object({
  scenario: z.string(),
  badFix: z.boolean(),
  interactive: z.boolean(),
  trackRecord: z.string().optional(),
  modelUrl: z.string().optional(),
  modelName: z.string().optional(),
});

/** `tier0 resume`: goes on with a run that was interrupted. */
export const resume: Command = {
  name: 'resume',
  summary: 'go on with a run that was interrupted, where its record ends',
  usage:
    'Usage: pnpm tier0 resume [--out DIR] [--json]\n\n  --out DIR   where the run kept its results  (out)\n  --json      one JSON object a line\n\nExample: pnpm tier0 resume --out out',
  async run(args, environment) {
    const { values } = parseOptions('resume', args, {
      out: { type: 'string', default: 'out' },
      json: { type: 'boolean', default: false },
    });
    const folder = stateFolder(values.out);
    const run = await readRun(folder.run);
    const options = { ...run, out: folder.directory, json: values.json, twice: false, resume: true };
    const { status } = await playScenario(options, environment);
    return status === 'resolved' || status === 'healthy' ? 0 : 1;
  },
};

async function readRun(file: string): Promise<z.infer<typeof RunSchema>> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `No run was begun here: ${file} does not exist.`,
      hint: 'Name its folder with --out DIR.',
      cause,
    });
  });
  try {
    return RunSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Tier0Error({
      code: 'MALFORMED_RESPONSE',
      message: `${file} does not describe a run.`,
      hint: 'Begin a new one with npm start.',
      cause,
    });
  }
}
