// Plays a scenario whose audit chain fills what the kernel lets a file hold (`ulimit -f`). Arguments: scenario folder, output folder,
// bytes of each of the two records that fill the chain.
import { processEnvironment } from '../environment.ts';
import { playScenario } from '../play/play-scenario.ts';
import { PLAY_DEFAULTS } from './play-in-test.ts';

const [scenario = '', out = '', noteBytes = ''] = process.argv.slice(2);
const context = { signal: new AbortController().signal, now: () => 0 };
const at = '2026-01-01T00:00:00.000Z';

await playScenario({ ...PLAY_DEFAULTS, scenario, out }, processEnvironment(), {
  ports: ({ audit, ...ports }) => ({
    ...ports,
    audit: {
      ...audit,
      async append(entry, call) {
        // The chain of a busy year, before the first thing this run remembers.
        for (const key of ['earlier-1', 'earlier-2']) {
          const detail = { note: 'x'.repeat(Number(noteBytes)) };
          await audit.append({ key, at, actor: 'somebody', action: 'did', subject: 'something', detail }, context);
        }
        return audit.append(entry, call);
      },
    },
  }),
});
