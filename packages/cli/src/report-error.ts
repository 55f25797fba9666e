import { isTier0Error, toTier0Error } from '@tier0/core';
import { fileFailure } from '@tier0/core/files';
import { PROGRAM } from './program-name.ts';
import { toOutlet } from './terminal/outlet.ts';

/** Says on stderr what failed and what to do, and returns the exit code: 130 after Ctrl-C, else 2. */
export function reportError(error: unknown): number {
  if (error instanceof Error && error.name === 'AbortError') {
    process.stderr.write(`\ntier0: stopped. What was recorded is kept; "${PROGRAM} resume" goes on with it.\n`);
    return 130;
  }
  const known = isOfTheSystem(error) ? fileFailure(`use ${error.path ?? 'a file or a connection'}`, error) : toTier0Error(error);
  process.stderr.write(toOutlet(`tier0: ${known.message}\n       ${known.hint}\n`));
  return 2;
}

/** What the operating system refused and nobody put into words before. */
function isOfTheSystem(error: unknown): error is NodeJS.ErrnoException {
  return !isTier0Error(error) && error instanceof Error && /^E[A-Z]+$/.test((error as NodeJS.ErrnoException).code ?? '');
}
