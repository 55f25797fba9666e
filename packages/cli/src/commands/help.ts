import type { Environment } from '../environment.ts';
import type { Command } from './command.ts';

/** Lists the commands. */
export function createHelpCommand(commands: () => readonly Command[]): Command {
  return {
    name: 'help',
    summary: 'this list',
    usage: 'Usage: pnpm tier0 help',
    async run(_args, environment: Environment) {
      const rows = commands().map((command) => `  ${command.name.padEnd(10)} ${command.summary}`);
      environment.terminal.write(
        `tier0: AI as Tier 0 support. Every change is a pull request.\n\nUsage: pnpm tier0 COMMAND [options]\n\n${rows.join('\n')}\n\nEach command explains itself with --help.\n`,
      );
      return 0;
    },
  };
}
