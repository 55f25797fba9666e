import { runOnce } from '../run/run-once.ts';
import { parseRunOptions, RUN_USAGE } from '../run/run-options.ts';
import type { Command } from './command.ts';

/** `tier0 run`: from detection to the pull request, against a real cluster and repository. */
export const run: Command = {
  name: 'run',
  summary: 'look at a real cluster and propose to a real repository',
  usage: RUN_USAGE,
  run: (args, environment) => runOnce(parseRunOptions(args), environment),
};
