import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { Tier0Error } from '@tier0/core';

/** Answer of the API server to one GET. */
export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  /** The server's clock, milliseconds since the epoch, to the second; undefined when it told none. */
  readonly dateMs?: number | undefined;
  /** How long the server asks to be left alone (`Retry-After`), milliseconds; undefined when it did not. */
  readonly retryAfterMs?: number | undefined;
}

/** An answer that has no end of its own: its head is there, its body is read as it comes. */
export interface ApiStream extends Omit<ApiAnswer, 'body'> {
  /** Chunks of the body. Throws when the connection breaks; ends it when the reader stops reading. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** A way to the API server: one verb, GET. */
export interface ApiConnection {
  /** Address without credentials, for messages. */
  readonly server: string;
  /** `accept` is the media type wanted; JSON by default. */
  get(path: string, signal: AbortSignal, accept?: string): Promise<ApiAnswer>;
  /** As `get`, but resolves with the head of the answer; only the wait for it is bounded. Nothing is read ahead of the reader. */
  open(path: string, signal: AbortSignal): Promise<ApiStream>;
}

export interface ConnectionOptions {
  /** Kubeconfig as YAML text. */
  readonly kubeconfig: string;
  readonly context?: string | undefined;
  readonly requestTimeoutMs: number;
  /** Bytes of one answer at most. */
  readonly maxBytes: number;
}

/** Reads the kubeconfig; nothing is sent yet. */
export async function connect(options: ConnectionOptions): Promise<ApiConnection> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    config.loadFromString(options.kubeconfig);
  } catch (cause) {
    throw invalidConfig('it is not readable as YAML', cause);
  }
  if (options.context !== undefined) config.setCurrentContext(options.context);
  const cluster = config.getCurrentCluster();
  if (!cluster?.server) throw invalidConfig(`context "${config.getCurrentContext() ?? ''}" names no cluster`);
  const base = new URL(cluster.server);
  const server = `${base.protocol}//${base.host}`;
  const urlOf = (path: string) => new URL(base.pathname.replace(/\/$/, '') + path, base);
  return {
    server,
    async open(path, signal) {
      const authorised = await authorise(config, server);
      const head = new AbortController();
      const timer = setTimeout(() => head.abort(), options.requestTimeoutMs);
      const bounded = AbortSignal.any([signal, head.signal]);
      const headers = { ...authorised.headers, accept: 'application/json' };
      return await openStream(urlOf(path), { ...authorised, signal: bounded, headers })
        .catch((cause: unknown) => {
          throw signal.aborted
            ? aborted(server, cause)
            : unreachable(server, head.signal.aborted ? options.requestTimeoutMs : undefined, cause);
        })
        .finally(() => clearTimeout(timer));
    },
    async get(path, signal, accept = 'application/json') {
      const authorised = await authorise(config, server);
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(options.requestTimeoutMs)]);
      return await send(
        urlOf(path),
        { ...authorised, signal: bounded, headers: { ...authorised.headers, accept } },
        options.maxBytes,
      ).catch((cause: unknown) => {
        throw signal.aborted ? aborted(server, cause) : unreachable(server, bounded.aborted ? options.requestTimeoutMs : undefined, cause);
      });
    },
  };
}

/** TLS and credentials of the current context. The client refuses to send credentials in the clear unless the kubeconfig allows it. */
async function authorise(config: { applyToHTTPSOptions(options: RequestOptions): Promise<void> }, server: string): Promise<RequestOptions> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
    return options;
  } catch (cause) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `The kubeconfig's credentials for ${server} cannot be used.`,
      hint: server.startsWith('http:')
        ? 'Use https; for a local test server over plain http, set "insecure-skip-tls-verify: true" on its cluster.'
        : 'Check the user of the context: its certificate files, token file or exec plugin.',
      cause,
    });
  }
}

function send(url: URL, options: RequestOptions, maxBytes: number): Promise<ApiAnswer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const call = request(url, { ...options, method: 'GET', headers: { ...options.headers, 'user-agent': 'tier0-cmdb' } }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxBytes) response.destroy(new Error(`the answer is larger than ${maxBytes} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        resolve({ ...headOf(response), body: Buffer.concat(chunks).toString('utf8') });
      });
    });
    call.on('error', reject);
    call.end();
  });
}

/** A quiet connection is probed by the operating system, so that a peer that is gone is noticed. Milliseconds. */
const KEEP_ALIVE_MS = 30_000;

function openStream(url: URL, options: RequestOptions): Promise<ApiStream> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const headers = { ...options.headers, 'user-agent': 'tier0-cmdb' };
    const call = request(url, { ...options, method: 'GET', headers }, (response) => resolve({ ...headOf(response), chunks: response }));
    call.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
    call.on('error', reject);
    call.end();
  });
}

function headOf({ headers, statusCode }: IncomingMessage): Omit<ApiAnswer, 'body'> {
  const dateMs = Date.parse(headers.date ?? '');
  const retryAfterMs = Number(headers['retry-after']) * 1000;
  return {
    status: statusCode ?? 0,
    ...(Number.isNaN(dateMs) ? {} : { dateMs }),
    ...(retryAfterMs > 0 ? { retryAfterMs } : {}),
  };
}

function invalidConfig(why: string, cause?: unknown): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The kubeconfig cannot be used: ${why}.`,
    hint: 'Check it with "kubectl config view" and name an existing context.',
    cause,
  });
}

function aborted(server: string, cause: unknown): Tier0Error {
  return new Tier0Error({
    code: 'TIMEOUT',
    message: `Reading from ${server} was cancelled.`,
    hint: 'Give the call more time, or read fewer kinds.',
    cause,
  });
}

function unreachable(server: string, timeoutMs: number | undefined, cause: unknown): Tier0Error {
  const why =
    timeoutMs === undefined ? String((cause as { code?: unknown }).code ?? 'connection failed') : `no answer within ${timeoutMs} ms`;
  return new Tier0Error({
    code: 'UNAVAILABLE',
    message: `The API server ${server} cannot be reached: ${why}.`,
    hint: 'Check the address in the kubeconfig, the network, and that the API server runs ("kubectl get --raw /readyz").',
    cause,
  });
}
