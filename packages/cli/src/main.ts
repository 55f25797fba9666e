#!/usr/bin/env node
import { dispatch } from './commands/dispatch.ts';
import { COMMANDS } from './commands/index.ts';
import { processEnvironment } from './environment.ts';
import { reportError } from './report-error.ts';

/** What was left open by mistake does not keep the process for longer, real milliseconds. */
const LINGER_MS = 5_000;

process.exitCode = await main(process.argv.slice(2));
setTimeout(() => process.exit(), LINGER_MS).unref();

/** Runs one command. Exit codes: 0 done, 1 problems found or not resolved, 2 could not do it. */
async function main(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args, COMMANDS, processEnvironment());
  } catch (error) {
    return reportError(error);
  }
}
