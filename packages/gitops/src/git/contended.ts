import { Tier0Error } from '@tier0/core';

/** Too many others wrote at the same time: nothing of ours was written. */
export function contended(what: string): Tier0Error {
  return new Tier0Error({
    code: 'CONFLICT',
    message: `Somebody else kept changing ${what} at the same time.`,
    hint: 'Try again.',
    retryable: true,
  });
}
