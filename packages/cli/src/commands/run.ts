import { runOnce } from '../run/run-once.ts';
import { parseRunOptions, RUN_USAGE } from '../run/run-options.ts';
import type { Command } from './command.ts';

/** `tier0 run`: from detection to the pull request, against a real cluster and repository. */
export const run: Command = {
  name: 'run',
  usage: RUN_USAGE,
  run: (args, environment) => runOnce(parseRunOptions(args), environment),
};
