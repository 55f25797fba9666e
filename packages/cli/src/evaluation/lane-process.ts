import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Lane, PlannedTrial, TrialRecord } from '@tier0/eval';
import type { RunValues } from './run-options.ts';

/** What the run says to a lane, one JSON document a line: the options first, then trials. */
export type LaneMessage = { readonly values: RunValues } | { readonly trial: PlannedTrial };
/** What a lane says back. */
export type LaneReply = { readonly ready: true } | { readonly record: TrialRecord } | { readonly failure: string };

export interface LaneProcessOptions {
  readonly values: RunValues;
  readonly signal: AbortSignal;
  /** A record for a trial whose lane died under it. */
  readonly failed: (trial: PlannedTrial, why: string) => TrialRecord;
}

/**
 * A lane in a process of its own: what a tool does to its process, from running out of memory to `process.exit`, costs one trial and not the run. A lane
 * that died is started again for the next trial.
 */
export async function openLaneProcess(options: LaneProcessOptions): Promise<Lane> {
  let running: RunningLane | undefined = await startLane(options);
  return {
    async run(trial) {
      options.signal.throwIfAborted();
      running ??= await startLane(options);
      const reply = await within(running.ask({ trial }), 1000 * Number(options.values.timeout) + GRACE_MS);
      if ('record' in reply) return reply.record;
      options.signal.throwIfAborted();
      const why = 'failure' in reply ? reply.failure : 'it gave no answer';
      running.end();
      running = undefined;
      return options.failed(trial, why);
    },
    async close() {
      running?.end();
    },
  };
}

/** A lane answers for its own time limit; one whose process no longer turns at all is ended after this much more, milliseconds. */
const GRACE_MS = 15_000;

async function within(reply: Promise<LaneReply>, timeoutMs: number): Promise<LaneReply> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<LaneReply>((resolve) => {
    timer = setTimeout(() => resolve({ failure: `its process did not answer within ${timeoutMs} ms` }), timeoutMs);
  });
  return await Promise.race([reply, late]).finally(() => clearTimeout(timer));
}

interface RunningLane {
  ask(message: LaneMessage): Promise<LaneReply>;
  end(): void;
}

async function startLane({ values, signal }: LaneProcessOptions): Promise<RunningLane> {
  const program = process.argv[1] ?? '';
  const child = spawn(process.execPath, [...process.execArgv, program, 'eval', 'lane'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const asked = repliesOf(child);
  const end = () => {
    child.stdin.end();
    setTimeout(() => child.kill('SIGKILL'), 2_000).unref();
  };
  signal.addEventListener('abort', end, { once: true });
  const lane = {
    ask(message: LaneMessage) {
      const reply = asked();
      child.stdin.write(`${JSON.stringify(message)}\n`);
      return reply;
    },
    end() {
      signal.removeEventListener('abort', end);
      end();
    },
  };
  const first = await lane.ask({ values });
  if ('ready' in first) return lane;
  lane.end();
  throw new Error('failure' in first ? first.failure : 'A lane did not start.');
}

/** Each call gives the next reply; when the process ends, that is the reply. */
function repliesOf(child: ChildProcessByStdio<Writable, Readable, null>): () => Promise<LaneReply> {
  let waiting: ((reply: LaneReply) => void) | undefined;
  let ended: string | undefined;
  const tell = (reply: LaneReply) => {
    const listener = waiting;
    waiting = undefined;
    listener?.(reply);
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    const reply = readReply(line);
    if (reply !== undefined) tell(reply);
  });
  child.stdin.on('error', () => undefined);
  child.once('error', (error) => {
    ended = `its process did not start: ${error.message}`;
    tell({ failure: ended });
  });
  child.once('exit', (code, killedBy) => {
    ended = `its process ended with ${killedBy ?? `code ${code}`}`;
    tell({ failure: ended });
  });
  return () =>
    ended === undefined
      ? new Promise((resolve) => {
          waiting = resolve;
        })
      : Promise.resolve({ failure: ended });
}

/** Lines of a tool that writes to standard output are no replies. */
function readReply(line: string): LaneReply | undefined {
  if (!line.startsWith('{"tier0-lane":')) return undefined;
  return (JSON.parse(line) as { readonly 'tier0-lane': LaneReply })['tier0-lane'];
}
