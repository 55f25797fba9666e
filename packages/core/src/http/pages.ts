import { Tier0Error } from '../errors/tier0-error.ts';
import type { CallContext } from '../ports/adapter.ts';
import type { HttpAnswer, HttpClient, HttpRequest } from './client.ts';

/** A list that comes in pages. */
export interface PageOptions {
  readonly first: HttpRequest;
  /** The request of the page after this one; undefined after the last. */
  readonly next: (answer: HttpAnswer) => HttpRequest | undefined;
  /** Pages at most. A list with more is an error, not a shorter list: what is missing could be what matters. */
  readonly maxPages: number;
}

/** Reads page after page. Throws BUDGET_EXCEEDED beyond `maxPages` and MALFORMED_RESPONSE where a page leads back to one that was read. */
export async function* readPages(client: HttpClient, options: PageOptions, context: CallContext): AsyncGenerator<HttpAnswer> {
  const seen = new Set<string>();
  for (let request: HttpRequest | undefined = options.first; request; ) {
    const key: string = JSON.stringify([request.path, request.query]);
    if (seen.has(key)) throw circular(client);
    if (seen.size === options.maxPages) throw tooMany(client, options.maxPages);
    seen.add(key);
    const answer = await client.send(request, context);
    yield answer;
    request = options.next(answer);
  }
}

/** The address that `Link: <...>; rel="next"` names (RFC 8288); undefined where there is none. */
export function nextLink({ headers }: Pick<HttpAnswer, 'headers'>): string | undefined {
  return /<([^<>]{1,4096})>\s*;[^,<]{0,200}?\brel="?next\b/.exec(headers.link ?? '')?.[1];
}

function tooMany(client: HttpClient, maxPages: number): Tier0Error {
  return new Tier0Error({
    code: 'BUDGET_EXCEEDED',
    message: `${client.baseUrl.origin} has more than the ${maxPages} pages that are read of one list.`,
    hint: 'Narrow the question, or allow more pages in the options.',
    retryable: false,
  });
}

function circular(client: HttpClient): Tier0Error {
  return new Tier0Error({
    code: 'MALFORMED_RESPONSE',
    message: `${client.baseUrl.origin} names a next page that was read already.`,
    hint: 'Look into the log of the service: its paging does not end.',
  });
}
