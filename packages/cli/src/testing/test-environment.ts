import type { Environment } from '../environment.ts';
import { toOutlet } from '../terminal/outlet.ts';

export interface TestEnvironment extends Environment {
  /** Everything written to the terminal so far. */
  readonly output: () => string;
}

/** An environment that keeps what is written, answers questions with `answer`, and has no variables. */
export function createTestEnvironment(answer = ''): TestEnvironment {
  let output = '';
  return {
    terminal: {
      write: (text) => {
        output += toOutlet(text);
      },
      colour: false,
      width: 400,
    },
    stderr: () => undefined,
    ask: async () => answer,
    signal: new AbortController().signal,
    variables: {},
    output: () => output,
  };
}
