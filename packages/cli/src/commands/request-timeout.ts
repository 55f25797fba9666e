import { Tier0Error } from '@tier0/core';

const UNITS: Readonly<Record<string, number>> = { '': 1_000, ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `--request-timeout` as kubectl writes it: `30`, `30s`, `2m`; undefined where it was not given. Throws INVALID_INPUT. */
export function requestTimeoutMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, amount = '', unit = ''] = /^(\d{1,9})(ms|s|m|h)?$/.exec(text) ?? [];
  const ms = Number(amount) * (UNITS[unit] ?? Number.NaN);
  // A timer of Node holds no more than 2^31 - 1 milliseconds.
  if (amount !== '' && ms > 0 && ms < 2 ** 31) return ms;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `--request-timeout is how long one request may take, not "${text}".`,
    hint: 'Write it like 30s or 2m; a request that never ends would hang the command, so 0 is none.',
  });
}
