import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveGit } from './serve-git.ts';

/** A git server on loopback, for as long as a test needs it. */
export interface GitHttpServer {
  readonly url: string;
  /** Stops listening. */
  close(): Promise<void>;
}

/** Serves the bare repositories under `root` over git's smart HTTP protocol on the loopback interface, by `git http-backend`. */
export async function startGitHttpServer(root: string): Promise<GitHttpServer> {
  const server = createServer((request, response) => void serveGit(root, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
