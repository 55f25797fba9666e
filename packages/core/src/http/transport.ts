/** One exchange as it goes over the wire: nothing is retried, followed or judged. */
export interface HttpTransportRequest {
  readonly url: URL;
  readonly method: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  /** Milliseconds until the connection stands, TLS included. */
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** The head of an answer, and its body as it comes. */
export interface HttpStream {
  readonly status: number;
  /** Names in lower case; a header that came several times is joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the answer came from, after redirects of the same origin. */
  readonly url: URL;
  /** Decoded chunks of the body. Throws where the connection breaks; leaving the loop closes the connection. */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Closes the connection of a body that nobody will read. */
  discard(): void;
}

/** How requests reach a server. Replaced in tests, or by people who go through a proxy. */
export type HttpTransport = (request: HttpTransportRequest) => Promise<HttpStream>;

/** Speaks through a function that is called like the global `fetch`. The time to connect is then part of the time to answer. */
export function fetchTransport(fetch: typeof globalThis.fetch): HttpTransport {
  return async ({ url, method, headers, body, signal }) => {
    const sent = body === undefined ? {} : { body: body as string };
    const response = await fetch(url, { method, headers, ...sent, signal, redirect: 'manual' });
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      url,
      chunks: response.body ?? noChunks(),
      discard: () => void response.body?.cancel().catch(() => undefined),
    };
  };
}

async function* noChunks(): AsyncGenerator<Uint8Array> {}
