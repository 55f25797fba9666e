import { dispatch } from './commands/dispatch.ts';
import { COMMANDS } from './commands/index.ts';
import { processEnvironment } from './environment.ts';
import { reportError } from './report-error.ts';

/** Runs one command. Exit codes: 0 done, 1 problems found or not resolved, 2 could not do it. */
export async function runMain(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args, COMMANDS, processEnvironment());
  } catch (error) {
    return reportError(error);
  }
}
