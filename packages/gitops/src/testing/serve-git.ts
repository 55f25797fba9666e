import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Answers one request of git's smart HTTP protocol. `pathInfo` names the repository below `root` where the URL calls it otherwise.
 * The answer is complete when the promise resolves; what git does to the repository is done by then.
 */
export async function serveGit(root: string, request: IncomingMessage, response: ServerResponse, pathInfo?: string): Promise<void> {
  answer(await runBackend(root, request, pathInfo), response);
}

function runBackend(root: string, request: IncomingMessage, pathInfo: string | undefined): Promise<Buffer> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const child = spawn('git', ['-c', 'http.receivepack=true', 'http-backend'], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: pathInfo ?? decodeURIComponent(url.pathname),
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: request.headers['content-length'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    },
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => undefined);
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve(Buffer.concat(output)));
  });
}

/** Turns a CGI answer into an HTTP answer. */
function answer(output: Buffer, response: ServerResponse): void {
  const split = output.indexOf('\r\n\r\n');
  for (const line of output.subarray(0, split).toString('latin1').split('\r\n')) {
    const [name = '', value = ''] = line.split(/:\s*(.*)/s);
    if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
    else if (name) response.setHeader(name, value);
  }
  response.end(output.subarray(split + 4));
}
