import { formatDuration, pause, Tier0Error } from '@tier0/core';

/** One GET of a JSON API, and how patient it is. */
export interface JsonRequest {
  readonly url: URL;
  /** Credentials go here and nowhere else. */
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Milliseconds one attempt may take. */
  readonly timeoutMs: number;
  /** Bytes of the answer at most. */
  readonly maxBytes: number;
  /** Milliseconds waited in all where the server asks for patience. */
  readonly maxWaitMs: number;
}

/** Waited where a busy server does not say how long. */
const DEFAULT_WAIT_MS = 1000;

/**
 * Reads JSON. A server that answers 429 or 503 is asked again after its Retry-After. Throws PERMISSION_DENIED, NOT_FOUND, RATE_LIMITED,
 * UNAVAILABLE, TIMEOUT or MALFORMED_RESPONSE; no message holds a header.
 */
export async function getJson(request: JsonRequest): Promise<unknown> {
  for (let waitedMs = 0; ; ) {
    const answer = await attempt(request);
    if (answer.status !== 429 && answer.status !== 503) return read(answer, request);
    const waitMs = retryAfterMs(answer.retryAfter, request.now()) ?? DEFAULT_WAIT_MS;
    waitedMs += Math.max(waitMs, 1);
    if (waitedMs > request.maxWaitMs) throw busy(request, answer.status, waitMs);
    await pause(waitMs, request.signal);
    if (request.signal.aborted) throw cancelled(request);
  }
}

interface Answer {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: string;
}

async function attempt({ url, headers, signal, timeoutMs, maxBytes }: JsonRequest): Promise<Answer> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  try {
    // A redirect could carry the credentials to another host.
    const response = await fetch(url, { headers: { accept: 'application/json', ...headers }, signal: bounded, redirect: 'error' });
    return { status: response.status, retryAfter: response.headers.get('retry-after'), body: await boundedText(response, maxBytes) };
  } catch (cause) {
    if (signal.aborted) throw cancelled({ url });
    const why = bounded.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(cause);
    throw new Tier0Error({
      code: 'UNAVAILABLE',
      message: `${placeOf(url)} cannot be read: ${why}.`,
      hint: 'Check the address, the network and that the service runs.',
      cause,
    });
  }
}

async function boundedText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function read({ status, body }: Answer, { url }: JsonRequest): unknown {
  const place = placeOf(url);
  if (status === 401 || status === 403) {
    throw new Tier0Error({
      code: 'PERMISSION_DENIED',
      message: `${place} answered ${status}${status === 401 ? ': the token is missing, wrong or expired' : ': the token may not read this'}.`,
      hint: status === 401 ? 'Give a valid token in the source options.' : 'Grant the token reading of the catalog (catalog.entity.read).',
    });
  }
  if (status === 404) {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `${place} does not exist.`,
      hint: 'Give the base address of the service, without the path of the API.',
    });
  }
  if (status !== 200) {
    throw new Tier0Error({
      code: 'UNAVAILABLE',
      message: `${place} answered ${status}.`,
      hint: 'Look into the log of the service, then try again.',
    });
  }
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new Tier0Error({
      code: 'MALFORMED_RESPONSE',
      message: `${place} did not answer with JSON.`,
      hint: 'Check that the address is the one of the API, not of its website.',
      cause,
    });
  }
}

/** Seconds, or a date of HTTP (RFC 9110, section 10.2.3). Undefined where it is neither. */
function retryAfterMs(text: string | null, nowMs: number): number | undefined {
  if (text === null) return undefined;
  if (/^\d+$/.test(text.trim())) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

function placeOf(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function reasonOf(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return inner instanceof Error ? String((inner as { code?: unknown }).code ?? inner.message) : String(inner);
}

function busy({ url, maxWaitMs }: JsonRequest, status: number, waitMs: number): Tier0Error {
  return new Tier0Error({
    code: 'RATE_LIMITED',
    message: `${placeOf(url)} answered ${status} and asks to wait ${formatDuration(waitMs)}, more than the ${formatDuration(maxWaitMs)} allowed in all.`,
    hint: 'Read it less often, or allow a longer wait in the source options.',
  });
}

function cancelled({ url }: { readonly url: URL }): Tier0Error {
  return new Tier0Error({ code: 'TIMEOUT', message: `Reading ${placeOf(url)} was cancelled.`, hint: 'Give the call more time.' });
}
