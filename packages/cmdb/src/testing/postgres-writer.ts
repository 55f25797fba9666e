import { writeSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isTier0Error } from '@tier0/core';
import { createPostgresCmdbStore } from '../stores/postgres.ts';
import { crashFacts } from './crash-facts.ts';
import { seededRandom } from './fact-maker.ts';

// Writes until it is killed: four writers at once, with a clock that jumps. Each acknowledged commit is a line
// "<sequence> <seed of its facts>" on standard output. A commit that the server did not take is written again.
const [server = '', schema = '', first = '0'] = process.argv.slice(2);
const store = createPostgresCmdbStore({ server, schema });
const random = seededRandom(Number(first));
const context = { signal: new AbortController().signal, now: () => Date.now() - Math.floor(random() * 3_600_000) };

let next = Number(first);
await Promise.all(
  Array.from({ length: 4 }, async () => {
    for (let seed = next++; ; seed = next++) {
      for (;;) {
        try {
          const { sequence } = await store.append(crashFacts(seed), context);
          writeSync(1, `${sequence} ${seed}\n`);
          break;
        } catch (error) {
          if (!isTier0Error(error) || error.code !== 'UNAVAILABLE') throw error;
          await delay(20);
        }
      }
    }
  }),
);
