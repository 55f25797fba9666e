import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Oidc } from './oidc.ts';

/** What a caller may do: look; decide on pull requests; stop and start tier0; hand in alerts. */
export type Scope = 'read' | 'approve' | 'operate' | 'alerts';

/** Who is speaking. */
export interface Caller {
  /** The account that an approval is given by. */
  readonly name: string;
  readonly scopes: readonly Scope[];
}

/** A bearer token and whom it stands for. */
export interface Token extends Caller {
  readonly token: string;
}

/** Knows callers by bearer token, and by the session that a person at a browser began with one. */
export interface Callers {
  /** Asks the issuer's keys about a bearer token, once for each request; `of` knows the answer from then on. */
  recognise(request: Request): Promise<void>;
  /** Undefined when nothing fits. Every token is compared, in the same time. */
  of(request: Request): Caller | undefined;
  /** Begins a session; the value of its cookie. Undefined when no token fits. */
  begin(token: string): Promise<string | undefined>;
  end(request: Request): void;
  /** Whether a token is needed to look. */
  readonly needsToken: boolean;
}

/** Name of the cookie that holds a session. */
export const SESSION_COOKIE = 'tier0_session';
/** Sessions end after this long, milliseconds. */
const SESSION_MS = 12 * 3_600_000;
const MAX_SESSIONS = 1_000;

/** Who may look where no token is named at all: whoever is on this machine. */
const ON_THIS_MACHINE: Caller = { name: 'somebody on this machine', scopes: ['read'] };

export function createCallers(tokens: readonly Token[], now: () => number, oidc?: Oidc): Callers {
  const recognised = new WeakMap<Request, Caller>();
  const sessions = new Map<string, { readonly caller: Caller; readonly endsMs: number }>();
  const byToken = (given: string): Caller | undefined => {
    const wanted = digest(given);
    let found: Caller | undefined;
    for (const { token, name, scopes } of tokens) if (timingSafeEqual(digest(token), wanted)) found = { name, scopes };
    return found;
  };
  const bySession = (request: Request): Caller | undefined => {
    const session = sessions.get(sessionIdOf(request));
    return session && session.endsMs > now() ? session.caller : undefined;
  };
  const needsToken = tokens.length > 0 || oidc !== undefined;
  return {
    needsToken,
    async recognise(request) {
      const given = bearerOf(request);
      if (oidc === undefined || given === undefined || byToken(given) !== undefined) return;
      const known = await oidc.callerOf(given);
      if (known) recognised.set(request, known.caller);
    },
    of(request) {
      if (request.headers.has('authorization')) return recognised.get(request) ?? byToken(bearerOf(request) ?? '');
      return bySession(request) ?? (needsToken ? undefined : ON_THIS_MACHINE);
    },
    async begin(token) {
      const own = byToken(token);
      const known = own ? { caller: own, endsMs: Number.POSITIVE_INFINITY } : await oidc?.callerOf(token);
      if (known === undefined) return undefined;
      for (const [id, session] of sessions) if (session.endsMs <= now() || sessions.size >= MAX_SESSIONS) sessions.delete(id);
      const id = randomBytes(24).toString('base64url');
      sessions.set(digest(id).toString('hex'), { caller: known.caller, endsMs: Math.min(known.endsMs, now() + SESSION_MS) });
      return id;
    },
    end(request) {
      sessions.delete(sessionIdOf(request));
    },
  };
}

function bearerOf(request: Request): string | undefined {
  return /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];
}

/** Sessions are kept by the digest of their id: looking one up says nothing about the others. */
function sessionIdOf(request: Request): string {
  const cookie = request.headers.get('cookie') ?? '';
  const id =
    cookie
      .split(/; */)
      .find((part) => part.startsWith(`${SESSION_COOKIE}=`))
      ?.slice(SESSION_COOKIE.length + 1) ?? '';
  return digest(id).toString('hex');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
