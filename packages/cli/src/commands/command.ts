import { type ParseArgsConfig, parseArgs } from 'node:util';
import { Tier0Error } from '@tier0/core';
import type { Environment } from '../environment.ts';
import { PROGRAM } from '../program-name.ts';
import { nearest } from './did-you-mean.ts';

/** One command of `tier0`. */
export interface Command {
  readonly name: string;
  /** Full help: usage, options with defaults, one example. */
  readonly usage: string;
  /** Returns the exit code. */
  run(args: readonly string[], environment: Environment): Promise<number>;
}

/** A command as the list knows it. */
export interface ListedCommand {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Loads what it is made of, and nothing that only other commands need. */
  load(): Promise<Command>;
}

/**
 * Parses options strictly; an unknown one is named, with the nearest known one and where to look. Throws INVALID_INPUT.
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
      message: `${message.replace(/\.$/, '').replaceAll('\n', ' ')}.`,
      hint: `${meantOption(message, Object.keys(options))}Run "${PROGRAM} ${command} --help" to see the options.`,
      cause: error,
    });
  }
}

/** `Did you mean --output? ` for an option that is not known and nearly one that is. */
function meantOption(message: string, known: readonly string[]): string {
  const [, given] = /^Unknown option '--?([^'=]+)/.exec(message) ?? [];
  const near = given === undefined ? undefined : nearest(given, [...known, 'help']);
  return near === undefined ? '' : `Did you mean --${near}? `;
}

/** A command that takes options only refuses everything else: what is not used must not look as if it were. Throws INVALID_INPUT. */
export function refuseArguments(command: string, positionals: readonly string[]): void {
  const [first] = positionals;
  if (first === undefined) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${first}" is not an option of "${PROGRAM} ${command}".`,
    hint: `Options begin with "--": run "${PROGRAM} ${command} --help" to see them.`,
  });
}
