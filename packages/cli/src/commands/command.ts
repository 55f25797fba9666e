import { type ParseArgsConfig, parseArgs } from 'node:util';
import { Tier0Error } from '@tier0/core';
import type { Environment } from '../environment.ts';

/** One command of `tier0`. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Full help: usage, options with defaults, one example. */
  readonly usage: string;
  /** Returns the exit code. */
  run(args: readonly string[], environment: Environment): Promise<number>;
}

/**
 * Parses options strictly; an unknown one is named, with where to look. Throws INVALID_INPUT.
 * @internal Its type is written in Node's own types, which the declarations must not ask for.
 */
export function parseOptions<Options extends NonNullable<ParseArgsConfig['options']>>(
  command: string,
  args: readonly string[],
  options: Options,
) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('. ')[0] ?? error.message) : String(error);
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `${message.replace(/\.$/, '')}.`,
      hint: `Run "pnpm tier0 ${command} --help" to see the options.`,
      cause: error,
    });
  }
}
