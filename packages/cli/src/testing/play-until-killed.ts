// Plays a scenario in a process of its own that kills itself (SIGKILL) just before a step is recorded as done.
// Arguments: scenario folder, output folder, step, and any of `bad-fix`, `resume`.
import { processEnvironment } from '../environment.ts';
import { playScenario } from '../play/play-scenario.ts';
import { beforeDone, PLAY_DEFAULTS } from './play-in-test.ts';

const [scenario = '', out = '', step = '', ...flags] = process.argv.slice(2);

await playScenario(
  { ...PLAY_DEFAULTS, scenario, out, badFix: flags.includes('bad-fix'), resume: flags.includes('resume') },
  processEnvironment(),
  {
    ports: (ports) =>
      beforeDone(ports, step, () => {
        process.kill(process.pid, 'SIGKILL');
        // Nothing more may happen while the signal is on its way.
        return new Promise<void>(() => undefined);
      }),
  },
);
