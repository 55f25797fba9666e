#!/usr/bin/env node
import { isTier0Error, toTier0Error } from '@tier0/core';
import { COMMANDS } from './commands/index.ts';
import { processEnvironment } from './environment.ts';

process.exitCode = await main(process.argv.slice(2));

/** Runs one command. Exit codes: 0 done, 1 problems found or not resolved, 2 could not do it. */
async function main(args: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = args;
  const command = COMMANDS.find((candidate) => candidate.name === (name === '--help' || name === '-h' ? 'help' : name));
  if (!command) {
    process.stderr.write(`tier0: there is no command "${name}". Commands: ${COMMANDS.map((known) => known.name).join(', ')}.\n`);
    return 2;
  }
  try {
    if (rest.includes('--help') || rest.includes('-h')) {
      process.stdout.write(`${command.usage}\n`);
      return 0;
    }
    return await command.run(rest, processEnvironment());
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  if (error instanceof Error && error.name === 'AbortError') return 130;
  const known = toTier0Error(error);
  process.stderr.write(`tier0: ${known.message}\n       ${known.hint}\n`);
  if (!isTier0Error(error) && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 2;
}
