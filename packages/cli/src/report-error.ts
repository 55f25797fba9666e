import { isTier0Error, toTier0Error } from '@tier0/core';
import { fileFailure } from '@tier0/core/files';
import { STOPPED } from './environment.ts';
import { toOutlet } from './terminal/outlet.ts';

/** Says that a signal stopped it, and what goes on with it where there is something to go on with. Returns the exit code. */
export function reportStop(next: string | undefined): number {
  const kept = next === undefined ? '' : ` What was recorded is kept; "${next}" goes on with it.`;
  process.stderr.write(toOutlet(`\ntier0: stopped.${kept}\n`));
  return STOPPED;
}

/** Says on stderr what failed and what to do, and returns the exit code 2. */
export function reportError(error: unknown): number {
  const known = isOfTheSystem(error) ? fileFailure(`use ${error.path ?? 'a file or a connection'}`, error) : toTier0Error(error);
  process.stderr.write(toOutlet(`tier0: ${known.message}\n       ${known.hint}\n`));
  return 2;
}

/** What the operating system refused and nobody put into words before. */
function isOfTheSystem(error: unknown): error is NodeJS.ErrnoException {
  return !isTier0Error(error) && error instanceof Error && /^E[A-Z]+$/.test((error as NodeJS.ErrnoException).code ?? '');
}
