/** Names under which a server on this machine is reached. */
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** By which names a server may be called, and from where. */
export interface GuardOptions {
  /** Host names besides the loopback ones. */
  readonly hosts: readonly string[];
  /** Web origins besides its own. */
  readonly origins: readonly string[];
}

/** Whether an address is this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host) || host === '::1';
}

/**
 * Why a request is not let in; undefined when it is. A page elsewhere must not make a browser speak to us, under this or another name. Who
 * sends a bearer token may call by any name, as monitoring calls a pod by its address: no page can make a browser send one.
 */
export function refusalOf(request: Request, { hosts, origins }: GuardOptions): string | undefined {
  const host = URL.parse(`http://${request.headers.get('host') ?? ''}`);
  const isToken = request.headers.has('authorization');
  if (host === null || (!isToken && ![...LOOPBACK, ...hosts].includes(host.hostname))) return 'the Host header names another server';
  const origin = request.headers.get('origin');
  if (origin === null) return isCrossSite(request) ? 'another site sent it' : undefined;
  const from = URL.parse(origin);
  const isOwn = from !== null && from.host === host.host;
  return isOwn || origins.includes(origin) ? undefined : 'the Origin may not call';
}

/** Browsers say where a request comes from also where they send no Origin. Following a link to a page is no call. */
function isCrossSite(request: Request): boolean {
  return request.headers.get('sec-fetch-site') === 'cross-site' && request.headers.get('sec-fetch-mode') !== 'navigate';
}

/** How much one address may ask. */
export interface RateLimit {
  /** Undefined: go on; else seconds to wait. */
  ask(who: string): number | undefined;
}

/** A bucket of tokens for each asker: `burst` at once, `perSecond` in the long run. */
export function createRateLimit({
  burst,
  perSecond,
  now,
}: {
  readonly burst: number;
  readonly perSecond: number;
  readonly now: () => number;
}): RateLimit {
  const buckets = new Map<string, { left: number; atMs: number }>();
  return {
    ask(who) {
      const nowMs = now();
      if (buckets.size > 10_000) buckets.clear();
      const bucket = buckets.get(who) ?? { left: burst, atMs: nowMs };
      bucket.left = Math.min(burst, bucket.left + (Math.max(0, nowMs - bucket.atMs) / 1000) * perSecond);
      bucket.atMs = nowMs;
      buckets.set(who, bucket);
      if (bucket.left < 1) return Math.ceil((1 - bucket.left) / perSecond);
      bucket.left -= 1;
      return undefined;
    },
  };
}
