import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, dirname } from 'node:path';
import { createMutex } from '../../mutex.ts';
import { serveGit } from '../serve-git.ts';
import type { Answer, Call, Dialect, Route } from './dialect.ts';
import { createFaultQueue, type FaultKind, type FaultQueue } from './faults.ts';
import { GITEA } from './gitea.ts';
import { GITHUB } from './github.ts';
import { GITLAB } from './gitlab.ts';
import { closePull, mergePull, refresh, settleAll, submitReview } from './rules.ts';
import { accountOf, headOf, pullOf, Refusal, type ServerAccount, type ServerProtection, type ServerPull, type World } from './world.ts';

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
  closeAsPerson(number: number, by: string): Promise<void>;
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
  let ids = 1000;
  let lastMs = 0;
  const accounts = (options.accounts ?? [...PEOPLE, { login: 'reader', token: 'token-reader', scope: 'read' }]).map((one, index) => ({
    id: index + 1,
    ...one,
  }));
  const world: World = {
    ...{ directory: options.repository, owner, name, accounts, protection: options.protection ?? {} },
    ...{ autoMergeAllowed: options.autoMergeAllowed ?? true, mergeQueue: options.mergeQueue ?? false },
    drafts: dialect.draftPrefix === undefined ? undefined : { prefix: dialect.draftPrefix },
    ...{ pulls: [], before: [], labels: [], statuses: new Map() },
    nextId: () => ++ids,
    now() {
      lastMs = Math.max(Date.now(), lastMs + 1);
      return new Date(lastMs).toISOString();
    },
    events: (event) => {
      if (!options.webhook) return;
      const { headers, body } = dialect.webhook(event, options.webhook.secret, world, origin);
      void fetch(options.webhook.url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body }).catch(
        () => undefined,
      );
    },
  };
  const used = new Map<string, number>();

  /** One turn of the database: nothing else happens meanwhile. */
  const inTurn = <T>(task: () => T | Promise<T>) =>
    turn.run(async () => {
      await refresh(world);
      const result = await task();
      await settleAll(world);
      return result;
    });

  const answerCall = async (request: IncomingMessage, url: URL, body: Buffer, stale: boolean): Promise<Reply> => {
    const reply = (answer: Answer, headers: Readonly<Record<string, string>> = {}) => toReply(dialect, answer, url, headers);
    const flaw = dialect.headerFlaw(request.headers);
    if (flaw) return reply(flaw);
    const account = accounts.find((one) => sameToken(one.token, dialect.tokenOf(request.headers)));
    if (!account) return reply(dialect.unauthorized());
    const count = (used.get(account.login) ?? 0) + 1;
    used.set(account.login, count);
    if (options.hourlyRequests !== undefined && count > options.hourlyRequests) {
      const limited = dialect.rateLimited(Date.now() + 3_600_000);
      return reply(limited.answer, limited.headers);
    }
    const found = findRoute(dialect, request.method ?? 'GET', url.pathname);
    if (!found || !isThisRepository(found.params, world)) return reply(dialect.notFound());
    if (found.route.method !== 'GET' && account.scope !== 'write') return reply(dialect.forbidden());
    const query = Object.fromEntries(url.searchParams);
    const unknown = Object.keys(query).find((key) => ![...(found.route.query ?? []), 'page', dialect.pages.size].includes(key));
    if (unknown) return reply(dialect.invalid(`"${unknown}" is not a query parameter of ${request.method} ${found.route.path}`));
    const parsed = parseBody(found.route, request, body);
    if ('flaw' in parsed) return reply(dialect.invalid(parsed.flaw));
    const visible = stale ? world.before : world.pulls;
    const call: Call = { world, visible, account, params: found.params, query, body: parsed.body, origin };
    try {
      return reply(await found.route.handle(call));
    } catch (error) {
      if (error instanceof Refusal) return reply(dialect.refuse(error));
      throw error;
    }
  };

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
      const { answer, headers } = dialect.rateLimited(Date.now() + 1000);
      return send(response, toReply(dialect, answer, url, { ...headers, 'retry-after': '0' }), log);
    }
    const once = () => inTurn(() => answerCall(request, url, body, fault === 'stale'));
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

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

function basic(token: string): string {
  return `Basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
}

function isGit(url: URL, owner: string, name: string): boolean {
  return url.pathname.startsWith(`/${owner}/${name}.git/`);
}

function isThisRepository({ owner, repo, project }: Readonly<Record<string, string>>, world: World): boolean {
  if (project !== undefined) return project === '1' || project === `${world.owner}/${world.name}`;
  return owner === undefined || (owner === world.owner && repo === world.name);
}

function sameToken(token: string, given: string | undefined): boolean {
  const [a, b] = [Buffer.from(token), Buffer.from(given ?? '')];
  return a.length === b.length && timingSafeEqual(a, b);
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

function parseBody(route: Route, request: IncomingMessage, bytes: Buffer): { readonly body: unknown } | { readonly flaw: string } {
  if (!route.body) return bytes.length === 0 ? { body: undefined } : { flaw: 'this endpoint takes no body' };
  if (!String(request.headers['content-type'] ?? '').startsWith('application/json'))
    return { flaw: 'content-type must be application/json' };
  try {
    const parsed = route.body.safeParse(JSON.parse(bytes.toString('utf8')));
    if (parsed.success) return { body: parsed.data };
    const [issue] = parsed.error.issues;
    return { flaw: `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim() };
  } catch {
    return { flaw: 'Problems parsing JSON' };
  }
}

function findRoute(
  dialect: Dialect,
  method: string,
  pathname: string,
): { readonly route: Route; readonly params: Record<string, string> } | undefined {
  if (!pathname.startsWith(`${dialect.prefix}/`)) return undefined;
  const parts = pathname.slice(dialect.prefix.length + 1).split('/');
  for (const route of dialect.routes) {
    const params = route.method === method ? matchPath(route.path.slice(1).split('/'), parts) : undefined;
    if (params) return { route, params };
  }
  return undefined;
}

function matchPath(pattern: readonly string[], parts: readonly string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    if (part.startsWith('*')) return { ...params, [part.slice(1)]: parts.slice(index).map(decodeURIComponent).join('/') };
    const given = parts[index];
    if (given === undefined || (!part.startsWith(':') && part !== given)) return undefined;
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(given);
  }
  return parts.length === pattern.length ? params : undefined;
}

/** Cuts a list into the asked page, with the Link header (RFC 8288) that all three forges give. */
function toReply(dialect: Dialect, answer: Answer, url: URL, headers: Readonly<Record<string, string>>): Reply {
  if (!answer.list) return { status: answer.status, headers, text: answer.body === undefined ? '' : JSON.stringify(answer.body) };
  const { size, standard, most } = dialect.pages;
  const per = Math.min(Math.max(Number(url.searchParams.get(size) ?? standard) || standard, 1), most);
  const page = Math.max(Number(url.searchParams.get('page') ?? 1) || 1, 1);
  const last = Math.max(Math.ceil(answer.list.length / per), 1);
  const linkTo = (target: number, rel: string) => {
    const link = new URL(url);
    link.searchParams.set('page', String(target));
    link.searchParams.set(size, String(per));
    return `<${link.href}>; rel="${rel}"`;
  };
  const links = [...(page > 1 ? [linkTo(page - 1, 'prev')] : []), ...(page < last ? [linkTo(page + 1, 'next'), linkTo(last, 'last')] : [])];
  const paged = { ...headers, 'x-total-count': String(answer.list.length), ...(links.length > 0 ? { link: links.join(', ') } : {}) };
  return { status: answer.status, headers: paged, text: JSON.stringify(answer.list.slice((page - 1) * per, page * per)) };
}
