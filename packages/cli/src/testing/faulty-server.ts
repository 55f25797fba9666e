import { createServer as createPlainServer, type RequestListener, type Server } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { CERTIFICATES } from './certificates.ts';

/** What is wrong with a server. */
export type Fault =
  | { readonly kind: 'status'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'certificate'; readonly which: 'expired' | 'otherName' | 'unknownAuthority' }
  | { readonly kind: 'plain' | 'dns' | 'refused' | 'silent' };

/** A server with one fault, on this machine, with real TLS. */
export interface FaultyServer {
  readonly url: string;
  /** Requests that were taken. */
  readonly requests: () => number;
  close(): void;
}

/** Starts it. */
export async function serveFault(fault: Fault): Promise<FaultyServer> {
  if (fault.kind === 'dns') return { url: 'https://api.tier0.invalid', requests: () => 0, close: () => undefined };
  let count = 0;
  const listener: RequestListener = (_, response) => {
    count += 1;
    if (fault.kind === 'silent') return;
    const { status, headers = {} } = fault.kind === 'status' ? fault : { status: 200 };
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end('{}');
  };
  const tls: ServerOptions = { key: CERTIFICATES.key, cert: fault.kind === 'certificate' ? CERTIFICATES[fault.which] : CERTIFICATES.good };
  const server: Server = fault.kind === 'plain' ? createPlainServer(listener) : createServer(tls, listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  if (fault.kind === 'refused') close();
  return { url, requests: () => count, close };
}
