import { toTier0Error } from '@tier0/core';
import { toOutlet } from './terminal/outlet.ts';

/** Says on stderr what failed and what to do, and returns the exit code: 130 after Ctrl-C, else 2. */
export function reportError(error: unknown): number {
  if (error instanceof Error && error.name === 'AbortError') {
    process.stderr.write('\ntier0: stopped. What was recorded is kept; "pnpm tier0 resume" goes on with it.\n');
    return 130;
  }
  const known = toTier0Error(error);
  process.stderr.write(toOutlet(`tier0: ${known.message}\n       ${known.hint}\n`));
  return 2;
}
