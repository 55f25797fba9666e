import { access } from 'node:fs/promises';
import { createFileTracker } from '@tier0/agents';
import { Tier0Error } from '@tier0/core';
import { PROGRAM } from '../program-name.ts';
import { stateFolder } from '../world/state-folder.ts';
import { type Command, parseOptions } from './command.ts';
import { chosen } from './did-you-mean.ts';

/** `tier0 tickets`: the follow-ups of a run. */
export const tickets: Command = {
  name: 'tickets',
  usage: `Usage: ${PROGRAM} tickets [fixed ID | closed ID] [--out DIR]

Lists the tickets of a run (DIR, default: out). "fixed ID" says that the lasting fix is in: the change it belongs to is then not taken back.`,
  async run(args, environment) {
    const { values, positionals } = parseOptions('tickets', args, { out: { type: 'string', default: 'out' } });
    const [status, id] = positionals;
    const wanted =
      status === undefined ? undefined : chosen({ name: 'What becomes of a ticket', given: status, known: ['fixed', 'closed'] });
    if (wanted !== undefined && !id)
      throw new Tier0Error({
        code: 'INVALID_INPUT',
        message: 'Which ticket?',
        hint: `Run "${PROGRAM} tickets", then "${PROGRAM} tickets ${wanted} T-1".`,
      });
    const { tickets: file } = stateFolder(values.out);
    await access(file).catch((cause) => {
      throw new Tier0Error({
        code: 'NOT_FOUND',
        message: `There are no tickets in ${values.out}.`,
        hint: 'Name the folder of a run with --out.',
        cause,
      });
    });
    const tracker = createFileTracker({ file });
    const context = { signal: environment.signal, now: () => Date.now() };
    if (wanted === undefined || id === undefined) {
      for (const ticket of await tracker.list(context))
        environment.terminal.write(`${ticket.id}  ${ticket.status.padEnd(6)}  ${ticket.title}\n`);
      return 0;
    }
    const ticket = await tracker.update(id, { status: wanted }, context);
    environment.terminal.write(`${ticket.id} is ${ticket.status}\n`);
    return 0;
  },
};
