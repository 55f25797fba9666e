import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Answer, Call, Dialect, Route } from './dialect.ts';
import { Refusal, type World } from './world.ts';

/** One request to the API, its body read. */
export interface ApiRequest {
  readonly request: IncomingMessage;
  readonly url: URL;
  readonly body: Buffer;
  /** Whether lists are as they were before the last write. */
  readonly stale: boolean;
}

/** What goes back over the wire. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** Answers as the dialect does: headers, then who asks, how often, for what, may they, and is it well-formed. */
export function createApi(options: {
  readonly dialect: Dialect;
  readonly world: World;
  readonly hourlyRequests: number | undefined;
}): (asked: ApiRequest) => Promise<Reply> {
  const { dialect, world, hourlyRequests } = options;
  const used = new Map<string, number>();
  return async ({ request, url, body, stale }) => {
    const reply = (answer: Answer, headers: Readonly<Record<string, string>> = {}) => toReply(dialect, answer, url, headers);
    const flaw = dialect.headerFlaw(request.headers);
    if (flaw) return reply(flaw);
    const account = world.accounts.find((one) => sameToken(one.token, dialect.tokenOf(request.headers)));
    if (!account) return reply(dialect.unauthorized());
    const count = (used.get(account.login) ?? 0) + 1;
    used.set(account.login, count);
    if (hourlyRequests !== undefined && count > hourlyRequests) {
      const limited = dialect.rateLimited(Date.now() + 3_600_000);
      return reply(limited.answer, limited.headers);
    }
    const found = findRoute(dialect, request.method ?? 'GET', url.pathname);
    if (!found || !isThisRepository(found.params, world)) return reply(dialect.notFound());
    const { route, params } = found;
    if (route.method !== 'GET' && account.scope !== 'write') return reply(dialect.forbidden());
    const query = Object.fromEntries(url.searchParams);
    const unknown = Object.keys(query).find((key) => ![...(route.query ?? []), 'page', dialect.pages.size].includes(key));
    if (unknown) return reply(dialect.invalid(`"${unknown}" is not a query parameter of ${route.method} ${route.path}`));
    const parsed = parseBody(route, request, body);
    if ('flaw' in parsed) return reply(dialect.invalid(parsed.flaw));
    const call: Call = {
      world,
      visible: stale ? world.before : world.pulls,
      account,
      params,
      query,
      body: parsed.body,
      origin: url.origin,
    };
    try {
      return reply(await route.handle(call));
    } catch (error) {
      if (error instanceof Refusal) return reply(dialect.refuse(error));
      throw error;
    }
  };
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
export function toReply(dialect: Dialect, answer: Answer, url: URL, headers: Readonly<Record<string, string>>): Reply {
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
function isThisRepository({ owner, repo, project }: Readonly<Record<string, string>>, world: World): boolean {
  if (project !== undefined) return project === '1' || project === `${world.owner}/${world.name}`;
  return owner === undefined || (owner === world.owner && repo === world.name);
}

function sameToken(token: string, given: string | undefined): boolean {
  const [a, b] = [Buffer.from(token), Buffer.from(given ?? '')];
  return a.length === b.length && timingSafeEqual(a, b);
}
