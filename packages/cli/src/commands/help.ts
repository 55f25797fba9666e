import type { Environment } from '../environment.ts';
import { PROGRAM } from '../program-name.ts';
import { type Command, type ListedCommand, parseOptions } from './command.ts';
import { commandNamed } from './dispatch.ts';

/** Lists the commands, or explains one. */
export function createHelpCommand(commands: () => readonly ListedCommand[]): Command {
  return {
    name: 'help',
    usage: `Usage: ${PROGRAM} help [COMMAND]`,
    async run(args, environment: Environment) {
      const [name] = parseOptions('help', args, {}).positionals;
      environment.terminal.write(name === undefined ? listOf(commands()) : `${(await commandNamed(name, commands()).load()).usage}\n`);
      return 0;
    },
  };
}

function listOf(commands: readonly ListedCommand[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map((command) => `  ${command.name.padEnd(width)} ${command.summary}`);
  return `tier0: AI as Tier 0 support. Every change is a pull request.\n\nUsage: ${PROGRAM} COMMAND [options]\n\n${rows.join('\n')}\n\nEach command explains itself with --help; --version says which tier0 this is. Something does not work? ${PROGRAM} doctor\n`;
}
