import { dispatch } from './commands/dispatch.ts';
import { COMMANDS } from './commands/index.ts';
import { processEnvironment } from './environment.ts';
import { reportError, reportStop } from './report-error.ts';

/** Runs one command. Exit codes: 0 done, 1 problems found or not resolved, 2 could not do it, 130 stopped by a signal. */
export async function runMain(args: readonly string[]): Promise<number> {
  let next: string | undefined;
  const environment = {
    ...processEnvironment(),
    goesOnWith: (command: string) => {
      next = command;
    },
  };
  try {
    return await dispatch(args, COMMANDS, environment);
  } catch (error) {
    // What fails once a person has asked it to stop fails for that reason, whatever it says.
    return environment.signal.aborted ? reportStop(next) : reportError(error);
  }
}
