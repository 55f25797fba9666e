import { Worker } from 'node:worker_threads';
import type { Outcome } from './attack.ts';

/** Bounds of one attack; past them it counts as not held. */
export const SECONDS_EACH = 30;
export const MEGABYTES = 1024;

/**
 * Runs the attacks of a module (`export const attacks`), one after the other, in a thread that may hold so much memory. One that hangs or
 * ends the thread is not held, and the next begins in a new thread.
 */
export async function runAttacks(module: URL): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let from = 0; ; ) {
    const { done, reached, named } = await runFrom(module, from, outcomes);
    if (done) return outcomes;
    outcomes.push({ ...named, held: false, why: `no end within ${SECONDS_EACH} s and ${MEGABYTES} MiB` });
    from = reached + 1;
  }
}

interface Message {
  readonly type: 'begin' | 'outcome' | 'done';
  readonly index: number;
  readonly outcome: Outcome;
}

function runFrom(module: URL, from: number, outcomes: Outcome[]) {
  return new Promise<{ readonly done: boolean; readonly reached: number; readonly named: Outcome }>((resolve) => {
    const worker = new Worker(new URL('./attack-worker.ts', import.meta.url), {
      workerData: { module: module.href, from },
      resourceLimits: { maxOldGenerationSizeMb: MEGABYTES },
      stdout: false,
    });
    let [reached, named] = [from, { kind: 'thread', name: 'start', held: false } as Outcome];
    let timer: NodeJS.Timeout | undefined;
    const end = (done: boolean) => {
      clearTimeout(timer);
      worker.removeAllListeners('exit');
      void worker.terminate().then(() => resolve({ done, reached, named }));
    };
    worker.on('message', (message: Message) => {
      clearTimeout(timer);
      if (message.type === 'done') return end(true);
      timer = setTimeout(() => end(false), SECONDS_EACH * 1000);
      if (message.type === 'outcome') outcomes.push(message.outcome);
      else [reached, named] = [message.index, message.outcome];
    });
    worker.on('error', () => end(false));
    worker.on('exit', () => end(false));
  });
}
