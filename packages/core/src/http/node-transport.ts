import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, type RequestOptions } from 'node:https';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { HttpStream, HttpTransport, HttpTransportRequest } from './transport.ts';

/** What a connection needs besides its address. */
export interface NodeTransportOptions {
  /**
   * Certificates, keys, agent and server name as `node:https` takes them (`RequestOptions`), asked anew for each request since credentials
   * expire. Said without Node's types, so that who compiles against this package needs none.
   */
  readonly connection?: (() => Promise<object> | object) | undefined;
}

/** A quiet connection is probed by the operating system, so that a peer that is gone is noticed. Milliseconds. */
const KEEP_ALIVE_MS = 30_000;

/** Speaks HTTP/1.1 by `node:http` and `node:https`. Nothing is read ahead of the reader. */
export function nodeTransport(options: NodeTransportOptions = {}): HttpTransport {
  return async (request) => {
    const connection = ((await options.connection?.()) ?? {}) as RequestOptions;
    return await exchange(request, connection);
  };
}

function exchange(wanted: HttpTransportRequest, connection: RequestOptions): Promise<HttpStream> {
  const { url, method, headers, body, signal, connectTimeoutMs } = wanted;
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const all = { 'accept-encoding': 'gzip, deflate, br', ...headers, ...lengthOf(method, body) };
  return new Promise((resolve, reject) => {
    const call = send(url, { ...connection, method, headers: { ...(connection.headers as object), ...all }, signal }, (answer) =>
      resolve(streamOf(answer, url)),
    );
    boundConnecting(call, connectTimeoutMs, url.protocol === 'https:');
    call.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
    call.on('error', reject);
    call.end(body);
  });
}

function lengthOf(method: string, body: string | Uint8Array | undefined): Readonly<Record<string, string>> {
  if (body === undefined) return /^(GET|HEAD|OPTIONS|DELETE)$/.test(method) ? {} : { 'content-length': '0' };
  return { 'content-length': String(Buffer.byteLength(body)) };
}

/** A reused socket is connected already; a new one has to be within the time. */
function boundConnecting(call: ReturnType<typeof httpRequest>, timeoutMs: number, isSecure: boolean): void {
  call.on('socket', (socket) => {
    if (!socket.connecting) return;
    const late = () => call.destroy(Object.assign(new Error(`no connection within ${timeoutMs} ms`), { code: 'ETIMEDOUT' }));
    const timer = setTimeout(late, timeoutMs);
    socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(timer));
    socket.once('close', () => clearTimeout(timer));
  });
}

function streamOf(answer: IncomingMessage, url: URL): HttpStream {
  const chunks = decoded(answer);
  return { status: answer.statusCode ?? 0, headers: headersOf(answer), url, chunks, discard: () => void answer.destroy() };
}

function headersOf({ headers }: IncomingMessage): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value].flat().join(', ')]])),
  );
}

const DECODERS: Readonly<Record<string, () => NodeJS.ReadWriteStream>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** An encoding that was not asked for is passed on as it is: its reader fails on it and says so. */
function decoded(answer: IncomingMessage): AsyncIterable<Uint8Array> {
  const decoder = DECODERS[answer.headers['content-encoding'] ?? ''];
  if (!decoder) return answer;
  // The reader of the last stream gets the error; here is nobody to tell.
  return pipeline(answer, decoder(), () => undefined) as unknown as Readable;
}
