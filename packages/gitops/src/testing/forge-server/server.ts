import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname } from 'node:path';
import { createMutex } from '../../git/mutex.ts';
import { serveGit } from '../serve-git.ts';
import { createApi, type Reply, toReply } from './api.ts';
import type { Dialect } from './dialect.ts';
import { createFaultQueue, type FaultKind, type FaultQueue } from './faults.ts';
import { GITEA } from './gitea/dialect.ts';
import { GITHUB } from './github/dialect.ts';
import { GITLAB } from './gitlab/dialect.ts';
import { closePull, mergePull, refresh, settleAll, submitReview } from './rules.ts';
import { accountOf, headOf, pullOf, type ServerAccount, type ServerProtection, type ServerPull, type World } from './world.ts';

/** Which forge is played, over which repository, by which rules. */
export interface ForgeServerOptions {
  readonly dialect: 'github' | 'gitlab' | 'gitea';
  /** Path of the bare repository it serves and merges into. */
  readonly repository: string;
  /** `owner/name` on the forge. Default `shop/infra`. */
  readonly fullName?: string | undefined;
  /** Who can sign in. Default: `tier0` (token `token-tier0`, may write), `ada`, `grace` and `linus` alike, and `reader` who may only read. */
  readonly accounts?: readonly Omit<ServerAccount, 'id'>[] | undefined;
  readonly protection?: ServerProtection | undefined;
  /** Default true. */
  readonly autoMergeAllowed?: boolean | undefined;
  /** Default false. */
  readonly mergeQueue?: boolean | undefined;
  /** Requests an account may make in an hour. Default: no limit. */
  readonly hourlyRequests?: number | undefined;
  /** Gets each event as the forge would send it, signed with the secret. */
  readonly webhook?: { readonly url: string; readonly secret: string } | undefined;
}

/** A forge on loopback, and the people's side of it. */
export interface ForgeServer {
  /** What a client is given as API URL. */
  readonly apiUrl: string;
  /** What git is given. */
  readonly gitUrl: string;
  /** `owner/name`. */
  readonly fullName: string;
  /** Value of the Authorization header that git needs, for the account's token. */
  gitAuthorization(login: string): string;
  readonly faults: FaultQueue;
  /** Every request so far: method, path with query, status (0: cut). */
  readonly requests: readonly { readonly method: string; readonly path: string; readonly status: number }[];
  /** Pull requests as the database has them, oldest first; a copy. */
  pulls(): Promise<readonly ServerPull[]>;
  /** A person reviews the head as it is now. Throws for one's own approval. */
  review(
    number: number,
    review: { readonly reviewer: string; readonly state: 'approved' | 'changes-requested' | 'commented'; readonly body?: string },
  ): Promise<void>;
  /** A person presses merge. Throws with what is missing. */
  merge(number: number, by: string): Promise<string>;
  /** Closes the pull request unmerged, in the name of a person. */
  closeAsPerson(number: number, by: string): Promise<void>;
  /** Stops listening. */
  close(): Promise<void>;
}

const DIALECTS: Readonly<Record<ForgeServerOptions['dialect'], Dialect>> = { github: GITHUB, gitlab: GITLAB, gitea: GITEA };
const PEOPLE = ['tier0', 'ada', 'grace', 'linus'].map((login) => ({ login, token: `token-${login}`, scope: 'write' as const }));
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * A strict stand-in for a hosted forge, for tests of automation that must hold against the real one. It is no forge: it keeps one
 * repository and forgets everything when closed. Endpoints, fields, status codes and refusals follow the public API documentation and,
 * for GitLab and Gitea, their public sources; where the real forge ignores an unknown field or parameter, this one refuses it.
 */
export async function startForgeServer(options: ForgeServerOptions): Promise<ForgeServer> {
  const dialect = DIALECTS[options.dialect];
  const [owner = 'shop', name = 'infra'] = (options.fullName ?? 'shop/infra').split('/');
  const faults = createFaultQueue();
  const requests: { method: string; path: string; status: number }[] = [];
  const turn = createMutex();
  let origin = '';
  const world = openWorld(options, [owner, name], (event) => {
    if (!options.webhook) return;
    const { headers, body } = dialect.webhook(event, options.webhook.secret, world, origin);
    const request = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body };
    void fetch(options.webhook.url, request).catch(() => undefined);
  });
  const { accounts } = world;
  const answer = createApi({ dialect, world, hourlyRequests: options.hourlyRequests });

  /** One turn of the database: nothing else happens meanwhile. */
  const inTurn = <T>(task: () => T | Promise<T>) =>
    turn.run(async () => {
      await refresh(world);
      const result = await task();
      await settleAll(world);
      return result;
    });

  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', origin);
    const path = url.pathname + url.search;
    const method = request.method ?? 'GET';
    const fault = faults.take(method, path);
    const log = (status: number) => requests.push({ method, path, status });
    const work = isGit(url, owner, name)
      ? serveRepository({ request, response, url, fault, log })
      : serveApi({ request, response, url, fault, log });
    work.catch((error: unknown) => {
      log(500);
      response.writeHead(500).end(String(error));
    });
  });

  const serveApi = async ({ request, response, url, fault, log }: Served) => {
    const body = await readBody(request);
    if (fault === 'cut-before') return cut(response, log);
    if (fault === 'error-before') return send(response, { status: 503, headers: {}, text: 'Service Unavailable' }, log);
    if (fault === 'rate-limit') {
      const limited = dialect.rateLimited(Date.now() + 1000);
      return send(response, toReply(dialect, limited.answer, url, { ...limited.headers, 'retry-after': '0' }), log);
    }
    const once = () => inTurn(() => answer({ request, url, body, stale: fault === 'stale' }));
    if (fault === 'twice') await once();
    const reply = await once();
    if (fault === 'cut-after') return cut(response, log);
    if (fault === 'error-after') return send(response, { status: 500, headers: {}, text: 'Internal Server Error' }, log);
    const etag = `W/"${createHash('sha256').update(reply.text).digest('hex').slice(0, 32)}"`;
    if (!dialect.etags || request.method !== 'GET' || reply.status !== 200) return send(response, reply, log);
    const fresh = request.headers['if-none-match'] === etag;
    const headers = { ...reply.headers, etag };
    send(response, fresh ? { status: 304, headers, text: '' } : { ...reply, headers }, log);
  };

  const serveRepository = async ({ request, response, url, fault, log }: Served) => {
    const account = accounts.find((one) => request.headers.authorization === basic(one.token));
    if (!account) {
      response.setHeader('www-authenticate', 'Basic realm="git"');
      return send(response, { status: 401, headers: {}, text: 'Authentication required' }, log);
    }
    const isPush = url.pathname.endsWith('/git-receive-pack') || url.searchParams.get('service') === 'git-receive-pack';
    if (isPush && account.scope !== 'write') return send(response, { status: 403, headers: {}, text: 'Write access is needed' }, log);
    if (fault === 'cut-before') return cut(response, log);
    if (fault === 'error-before' || fault === 'rate-limit')
      return send(response, { status: 503, headers: {}, text: 'Service Unavailable' }, log);
    const pathInfo = `/${basename(options.repository)}${url.pathname.slice(`/${owner}/${name}.git`.length)}`;
    const lost = fault === 'cut-after' || fault === 'error-after';
    if (lost) response.end = (() => response) as typeof response.end;
    await turn.run(() => serveGit(dirname(options.repository), request, response, pathInfo));
    if (lost) return cut(response, log);
    log(response.statusCode);
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    apiUrl: origin + dialect.prefix,
    gitUrl: `${origin}/${owner}/${name}.git`,
    fullName: `${owner}/${name}`,
    gitAuthorization: (login) => basic(accountOf(world, login).token),
    faults,
    requests,
    pulls: () => inTurn(() => structuredClone(world.pulls)),
    review: (number, review) =>
      inTurn(() => void submitReview(world, number, { body: '', ...review, commit: headOf(pullOf(world, number)) })),
    merge: (number, by) => inTurn(() => mergePull(world, number, { by: accountOf(world, by).login })),
    closeAsPerson: (number, by) => inTurn(() => closePull(world, number, by)),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Served {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly fault: FaultKind | undefined;
  readonly log: (status: number) => void;
}

/** An empty database over the repository. */
function openWorld(options: ForgeServerOptions, [owner, name]: readonly [string, string], events: World['events']): World {
  const { protection = {}, autoMergeAllowed = true, mergeQueue = false } = options;
  const people = options.accounts ?? [...PEOPLE, { login: 'reader', token: 'token-reader', scope: 'read' as const }];
  const accounts = people.map((account, index) => ({ id: index + 1, ...account }));
  let ids = 1000;
  let lastMs = 0;
  return {
    ...{ directory: options.repository, dialect: options.dialect, owner, name, accounts, protection, autoMergeAllowed, mergeQueue },
    ...{ pulls: [], before: [], labels: [], statuses: new Map(), events },
    nextId: () => ++ids,
    now() {
      lastMs = Math.max(Date.now(), lastMs + 1);
      return new Date(lastMs).toISOString();
    },
  };
}

function basic(token: string): string {
  return `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
}

function isGit(url: URL, owner: string, name: string): boolean {
  return url.pathname.startsWith(`/${owner}/${name}.git/`);
}

function cut(response: ServerResponse, log: (status: number) => void): void {
  log(0);
  response.socket?.destroy();
}

function send(response: ServerResponse, reply: Reply, log: (status: number) => void): void {
  log(reply.status);
  response.writeHead(reply.status, { 'content-type': 'application/json; charset=utf-8', ...reply.headers });
  response.end(reply.status === 204 || reply.status === 304 ? undefined : reply.text);
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY_BYTES) throw new Error('The request body is too large.');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
