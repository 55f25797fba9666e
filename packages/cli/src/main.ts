#!/usr/bin/env node
import { COMMANDS } from './commands/index.ts';
import { processEnvironment } from './environment.ts';
import { reportError } from './report-error.ts';
import { toOutlet } from './terminal/outlet.ts';

/** What was left open by mistake does not keep the process for longer, real milliseconds. */
const LINGER_MS = 5_000;

process.exitCode = await main(process.argv.slice(2));
setTimeout(() => process.exit(), LINGER_MS).unref();

/** Runs one command. Exit codes: 0 done, 1 problems found or not resolved, 2 could not do it. */
async function main(args: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = args;
  const command = COMMANDS.find((candidate) => candidate.name === (name === '--help' || name === '-h' ? 'help' : name));
  if (!command) {
    process.stderr.write(toOutlet(`tier0: there is no command "${name}". Commands: ${COMMANDS.map((known) => known.name).join(', ')}.\n`));
    return 2;
  }
  try {
    if (rest.includes('--help') || rest.includes('-h')) {
      process.stdout.write(`${command.usage}\n`);
      return 0;
    }
    return await command.run(rest, processEnvironment());
  } catch (error) {
    return reportError(error);
  }
}
