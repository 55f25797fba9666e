import { DATA_ROOT } from '../data-root.ts';
import { PLAY_USAGE, parsePlayOptions } from '../play/play-options.ts';
import { playScenario } from '../play/play-scenario.ts';
import type { Command } from './command.ts';

/** `tier0 play`: what `npm start` runs, without its assertions. */
export const play: Command = {
  name: 'play',
  usage: PLAY_USAGE,
  async run(args, environment) {
    const { status } = await playScenario(parsePlayOptions(args, DATA_ROOT), environment);
    return status === 'resolved' || status === 'healthy' ? 0 : 1;
  },
};
