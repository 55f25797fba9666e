import { parseArgs } from 'node:util';

/** What every bench understands, with what it understands besides. */
export interface BenchOptions {
  /** Folder with development data; undefined where none was given. The first of several. */
  readonly data: string | undefined;
  /** All folders with development data: `--data` may be given more than once. */
  readonly folders: readonly string[];
  /** Where the record is written. */
  readonly json: string | undefined;
  /** Value of a further option, as given. */
  readonly value: (name: string) => string | undefined;
  /** A further option as a whole number of at least 1. Ends the process with a sentence where it is not one. */
  readonly count: (name: string, fallback: number) => number;
}

/** Reads the command line; `further` names the bench's own options. */
export function readOptions(further: readonly string[] = []): BenchOptions {
  const options = Object.fromEntries(['data', 'json', ...further].map((name) => [name, { type: 'string' as const, multiple: true }]));
  const values = parse(options);
  const value = (name: string) => values[name]?.at(-1);
  return {
    data: values.data?.[0],
    folders: values.data ?? [],
    json: value('json'),
    value,
    count(name, fallback) {
      const text = value(name);
      if (text === undefined) return fallback;
      const count = Number(text.replaceAll('_', ''));
      if (!Number.isSafeInteger(count) || count < 1) end(`--${name} wants a whole number of at least 1, not "${text}".`);
      return count;
    },
  };
}

function parse(options: Record<string, { type: 'string'; multiple: boolean }>): Record<string, readonly string[] | undefined> {
  try {
    return parseArgs({ options, allowPositionals: false }).values as Record<string, readonly string[] | undefined>;
  } catch (error) {
    return end(
      `${(error as Error).message} Options: ${Object.keys(options)
        .map((name) => `--${name}`)
        .join(', ')}.`,
    );
  }
}

function end(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
