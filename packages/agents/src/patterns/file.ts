import { readFile } from 'node:fs/promises';
import { type Pattern, type PatternLibrary, PatternSchema, Tier0Error } from '@tier0/core';
import { writeAtomically } from '@tier0/core/files';
import { z } from 'zod';
import { rankPatterns } from './match-pattern.ts';
import { knownPattern, refuseTaken, withOccurrence } from './memory.ts';

/** Where the library is kept between runs. */
export interface FilePatternLibraryOptions {
  /** JSON file; made from `seed` on the first record. */
  readonly file: string;
  /** Patterns known before anything was learned. Those the file already holds keep the file's version. */
  readonly seed: readonly Pattern[];
}

const FileSchema = z.strictObject({ version: z.literal(1), patterns: z.array(PatternSchema) });

/** A pattern library in one JSON file, replaced as a whole so that a crash never leaves half of it. */
export function createFilePatternLibrary(options: FilePatternLibraryOptions): PatternLibrary {
  let queue: Promise<unknown> = Promise.resolve();
  const read = async () => {
    const stored = await readPatterns(options.file);
    return new Map([...options.seed, ...stored].map((pattern) => [pattern.id, pattern]));
  };
  /** One after the other: two records at once must not overwrite each other. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = queue.then(work, work);
    queue = turn.catch(() => undefined);
    return turn;
  };
  const write = (patterns: ReadonlyMap<string, Pattern>) =>
    writeAtomically(options.file, `${JSON.stringify({ version: 1, patterns: [...patterns.values()] }, null, 2)}\n`);
  return {
    name: 'file',
    search: (query) => inTurn(async () => rankPatterns((await read()).values(), query)),
    get: (id) => inTurn(async () => (await read()).get(id)),
    list: () => inTurn(async () => [...(await read()).values()]),
    add: (pattern) =>
      inTurn(async () => {
        const patterns = await read();
        refuseTaken(patterns, pattern);
        await write(new Map([...patterns, [pattern.id, pattern]]));
      }),
    record: (id, occurrence) =>
      inTurn(async () => {
        const patterns = await read();
        const known = knownPattern(patterns, id);
        const pattern = withOccurrence(known, occurrence);
        if (pattern === known) return known;
        patterns.set(id, pattern);
        await write(patterns);
        return pattern;
      }),
  };
}

async function readPatterns(file: string): Promise<readonly Pattern[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (cause) {
    if ((cause as { code?: string }).code === 'ENOENT') return [];
    throw cause;
  }
  try {
    return FileSchema.parse(JSON.parse(text)).patterns;
  } catch (cause) {
    throw new Tier0Error({
      code: 'MALFORMED_RESPONSE',
      message: `The pattern file "${file}" is damaged; it was left as it is.`,
      hint: 'Restore it from a backup or repair the JSON; move it away to begin again with the built-in patterns.',
      cause,
    });
  }
}
