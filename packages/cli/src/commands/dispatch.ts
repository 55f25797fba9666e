import { Tier0Error } from '@tier0/core';
import type { Environment } from '../environment.ts';
import { PROGRAM } from '../program-name.ts';
import { versionOf } from '../version.ts';
import type { ListedCommand } from './command.ts';
import { didYouMean } from './did-you-mean.ts';

/** Words that ask for help or for the version where a command would stand. */
const ALIASES: Readonly<Record<string, string>> = {
  '--help': 'help',
  '-h': 'help',
  '--version': 'version',
  '-v': 'version',
  '-V': 'version',
};

/** Runs the command that the first argument names, `help` without one. Returns the exit code. Throws INVALID_INPUT for an unknown one. */
export async function dispatch(args: readonly string[], commands: readonly ListedCommand[], environment: Environment): Promise<number> {
  const [first = 'help', ...rest] = args;
  const name = ALIASES[first] ?? first;
  if (name === 'version') return sayVersion(environment);
  const command = await commandNamed(name, commands).load();
  if (asksForHelp(rest)) {
    environment.terminal.write(`${command.usage}\n`);
    return 0;
  }
  return command.run(rest, environment);
}

/** The command of that name. Throws INVALID_INPUT with the nearest one. */
export function commandNamed(name: string, commands: readonly ListedCommand[]): ListedCommand {
  const found = commands.find((command) => command.name === name);
  if (found) return found;
  const names = commands.map((command) => command.name);
  const isOption = name.startsWith('-');
  const meant = didYouMean(name, isOption ? ['--help', '--version'] : names);
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: isOption ? `A command comes before its options; "${name}" is none.` : `There is no command "${name}".`,
    hint: `${meant === '' && !isOption ? `There are ${names.join(', ')}. ` : meant}Run "${PROGRAM} help" for the list.`,
  });
}

/** What stands behind `--` belongs to the command, whatever it looks like. */
function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const own = end === -1 ? args : args.slice(0, end);
  return own.includes('--help') || own.includes('-h');
}

async function sayVersion({ terminal }: Environment): Promise<number> {
  terminal.write(`tier0 ${await versionOf()} (Node ${process.versions.node})\n`);
  return 0;
}
