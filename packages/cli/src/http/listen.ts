import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Tier0Error } from '@tier0/core';
import { isLoopback } from './guard.ts';

/** A server that listens. */
export interface Listening {
  readonly url: string;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

/**
 * Serves a handler on `ADDRESS:PORT`; port 0 takes a free one. Throws INVALID_INPUT for an address beyond this machine without tokens,
 * UNAVAILABLE when the port is taken.
 */
export async function listen(
  handler: (request: Request) => Promise<Response>,
  at: string,
  { hasTokens }: { readonly hasTokens: boolean },
): Promise<Listening> {
  const split = at.lastIndexOf(':');
  const hostname = at.slice(0, split).replace(/^\[|\]$/g, '');
  if (!isLoopback(hostname) && !hasTokens) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `${at} can be reached from other machines, and no token is configured.`,
      hint: 'Name tokens under "http.tokens", or listen on 127.0.0.1.',
    });
  }
  const server = serve({
    fetch: handler,
    hostname,
    port: Number(at.slice(split + 1)),
    serverOptions: { requestTimeout: 60_000, headersTimeout: 15_000, maxHeaderSize: 16 * 1024 },
  });
  await Promise.race([once(server, 'listening'), once(server, 'error').then(([error]) => Promise.reject(error))]).catch(
    (cause: NodeJS.ErrnoException) => {
      throw new Tier0Error({
        code: 'UNAVAILABLE',
        message: `${at} cannot be listened on: ${cause.code === 'EADDRINUSE' ? 'another program has it' : cause.message}.`,
        hint: 'Choose another address with "http.listen".',
        cause,
      });
    },
  );
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${hostname.includes(':') ? `[${hostname}]` : hostname}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}
