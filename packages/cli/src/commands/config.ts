import { readFile } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import { EXAMPLE_CONFIG } from '../duty/config/example.ts';
import { readConfigText } from '../duty/config/read-config.ts';
import { dutyConfigJsonSchema } from '../duty/config/schema.ts';
import { PROGRAM } from '../program-name.ts';
import { type Command, parseOptions } from './command.ts';
import { chosen } from './did-you-mean.ts';

/** `tier0 config`: the configuration of `tier0 serve`. */
export const config: Command = {
  name: 'config',
  usage: `Usage: ${PROGRAM} config example | schema | check [FILE]

  example        prints a tier0.yaml to begin with
  schema         prints its JSON Schema, for editors
  check [FILE]   lists everything that is wrong with FILE (tier0.yaml), with lines; reads nothing else

Exit code of check: 0 nothing is wrong, 1 something is, 2 it could not be read.`,
  async run(args, environment) {
    const { positionals } = parseOptions('config', args, {});
    const [what, file = 'tier0.yaml'] = positionals;
    if (what === 'example') environment.terminal.write(EXAMPLE_CONFIG);
    else if (what === 'schema') environment.terminal.write(`${JSON.stringify(dutyConfigJsonSchema(), null, 2)}\n`);
    else if (what === 'check') return check(file, environment);
    else chosen({ name: 'What follows "config"', given: what, known: ['example', 'schema', 'check'] });
    return 0;
  },
};

async function check(file: string, { terminal }: Parameters<Command['run']>[1]): Promise<number> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no configuration ${file}.`,
      hint: `Name the file, or write one with "${PROGRAM} init".`,
      cause,
    });
  });
  const reading = readConfigText(text);
  if (reading.status === 'read') {
    terminal.write(`${file} is in order: ${reading.config.clusters.map(({ name }) => name).join(', ')}.\n`);
    return 0;
  }
  for (const { line, path, message } of reading.flaws)
    terminal.write(`${file}${line === undefined ? '' : `:${line}`}: ${path ? `${path}: ` : ''}${message}\n`);
  return 1;
}
