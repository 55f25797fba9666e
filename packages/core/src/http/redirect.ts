import { Tier0Error } from '../errors/tier0-error.ts';
import type { HttpStream } from './transport.ts';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Redirects followed in a row. */
export const MAX_REDIRECTS = 5;

/**
 * Where a redirect leads: an address of the same origin, or undefined when the answer is none. Another origin is never followed, since the
 * credentials, the cookies and the body of the request were meant for the first one; and what was sent is not sent again elsewhere.
 */
export function redirectTarget(name: string, method: string, { status, headers, url }: HttpStream): URL | undefined {
  const location = headers.location;
  if (!REDIRECTS.has(status) || location === undefined) return undefined;
  const target = URL.parse(location, url.href);
  const isReading = method === 'GET' || method === 'HEAD';
  if (target?.origin === url.origin && (isReading || status === 307 || status === 308)) return target;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: `${name} answered ${status} to ${method} ${url.pathname} and points to ${target ? target.origin + target.pathname : 'no readable address'}: not followed.`,
    hint:
      target?.origin === url.origin
        ? 'Give the address it points to.'
        : 'Credentials and content stay with the server they were meant for. If it has moved, give its new address in the options.',
    retryable: false,
  });
}
