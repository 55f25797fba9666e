import { askOn } from './terminal/ask-on.ts';
import { toOutlet } from './terminal/outlet.ts';
import type { Terminal } from './terminal/timeline.ts';

/** What a command gets from the process it runs in; tests give it another one. */
export interface Environment {
  readonly terminal: Terminal;
  /** Progress and warnings; never mixed with results. */
  readonly stderr: (text: string) => void;
  /** Asks a person one question on the terminal; an input that ends before an answer is the empty answer. */
  readonly ask: (question: string) => Promise<string>;
  /** Aborts on Ctrl-C and on SIGTERM. */
  readonly signal: AbortSignal;
  /** Whether somebody watches stderr on a terminal: then what is being done is told there. */
  readonly showsProgress?: boolean | undefined;
  /** Told by a command whose record can be gone on with after a signal: what to type then. */
  readonly goesOnWith?: ((command: string) => void) | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** The environment of this process. */
export function processEnvironment(): Environment {
  const interrupted = new AbortController();
  // Whoever read the answer has had enough of it (`| head`): that is no failure, and nobody is left to tell.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(process.exitCode ?? 0);
  });
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop(name, interrupted));
  return {
    terminal: {
      write: (text) => void process.stdout.write(toOutlet(text)),
      colour: isColoured(process.stdout.isTTY === true, process.env),
      width: process.stdout.columns ?? 120,
    },
    showsProgress: process.stderr.isTTY === true && process.env.TERM !== 'dumb',
    stderr: (text) => void process.stderr.write(toOutlet(text)),
    ask: (question) => askOn({ input: process.stdin, output: process.stderr }, question, interrupted.signal),
    signal: interrupted.signal,
    variables: process.env,
  };
}

/**
 * Whether the output is coloured: `NO_COLOR` (no-color.org) and `FORCE_COLOR` (Node's own variable: `0` and `false` are no) say so; the
 * terminal decides where neither is set. `NO_COLOR` wins.
 */
export function isColoured(isTerminal: boolean, { NO_COLOR, FORCE_COLOR, TERM }: Environment['variables']): boolean {
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return !['0', 'false'].includes(FORCE_COLOR);
  return isTerminal && TERM !== 'dumb';
}

/** How long what is under way may take to come to an end once it was asked to, real milliseconds. */
const STOP_WITHIN_MS = 20_000;

/** The first signal asks for an orderly end, the second one is the end. */
function stop(name: 'SIGINT' | 'SIGTERM', interrupted: AbortController): void {
  if (interrupted.signal.aborted) process.exit(STOPPED);
  interrupted.abort(new DOMException(name, 'AbortError'));
  setTimeout(() => process.exit(STOPPED), STOP_WITHIN_MS).unref();
}

/** Exit code of what a signal ended. */
export const STOPPED = 130;
