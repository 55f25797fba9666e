import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that a client sent where it should not have. */
export interface StrayRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** A server that sends everybody to another one, and what arrived there. */
export interface RedirectingServer {
  readonly url: string;
  /** Requests that came, by way of the redirect, to the other server. */
  readonly stray: readonly StrayRequest[];
  /** How many requests came to the redirecting server. */
  readonly asked: () => number;
  /** Stops listening. */
  close(): Promise<void>;
}

/** Whoever is given this address as their server must send nothing to where it points: not a header, not a body. */
export async function startRedirectingServer(status = 307): Promise<RedirectingServer> {
  const stray: StrayRequest[] = [];
  let asked = 0;
  const elsewhere = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    stray.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const away = await listen(elsewhere);
  const here = createServer((request, response) => {
    asked += 1;
    request.resume();
    response.writeHead(status, { location: `${away}${request.url}` }).end();
  });
  const url = await listen(here);
  const close = async () => {
    await Promise.all([here, elsewhere].map(stop));
  };
  return { url, stray, asked: () => asked, close };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
