import { Tier0Error } from '@tier0/core';
import { createRemoteJWKSet, customFetch, type JWTPayload, jwtVerify } from 'jose';
import type { Caller, Scope } from './callers.ts';

/** Whose tokens are taken, and what in them says who it is and what that one may do. */
export interface OidcOptions {
  /** As it stands in the tokens' `iss`, e.g. `https://login.example.com/realms/ops`. Its keys are found by OpenID Connect Discovery. */
  readonly issuer: string;
  /** A token must be meant for this one (`aud`): one that was given for another service is refused. */
  readonly audience: string;
  /** Claim that holds the account an approval is given by. Default `sub`. */
  readonly nameClaim?: string | undefined;
  /** Claim that holds scopes: words parted by spaces, or a list. Default `scope`. */
  readonly scopesClaim?: string | undefined;
  /** What stands before a scope of tier0 in that claim. Default `tier0:`. */
  readonly scopesPrefix?: string | undefined;
}

/** A caller who was known by a token of an issuer, and until when. */
export interface OidcCaller {
  readonly caller: Caller;
  /** End of the token, milliseconds since the epoch. */
  readonly endsMs: number;
}

/** Knows callers by the tokens of one issuer. */
export interface Oidc {
  /** Undefined for everything that is not a valid token for us, and where the issuer's keys cannot be had: what cannot be checked is refused. */
  callerOf(token: string): Promise<OidcCaller | undefined>;
}

/** Only signatures with a private key: with a shared one whoever checks could also forge, and "none" is no signature. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const SCOPES: readonly Scope[] = ['read', 'approve', 'operate', 'alerts'];
/** How far the clocks of two machines may be apart, seconds. */
const CLOCK_TOLERANCE_S = 30;
const FETCH_MS = 5_000;
/** Longest token that is looked at, characters. */
const MAX_TOKEN = 16_384;
/** After an issuer could not be asked, it is left alone this long, real milliseconds. */
const AGAIN_MS = 10_000;

/** Sets it up; the issuer is asked when the first token comes. Throws INVALID_INPUT for an issuer that is reached without TLS. */
export function createOidc(options: OidcOptions, now: () => number = Date.now): Oidc {
  const { issuer, audience } = options;
  requireSafe(issuer);
  let keys: Promise<ReturnType<typeof createRemoteJWKSet>> | undefined;
  let failedMs = Number.NEGATIVE_INFINITY;
  const keysOf = () => {
    if (keys === undefined && now() - failedMs < AGAIN_MS) return Promise.reject(new Error('the issuer could not be asked'));
    keys ??= discover(issuer);
    keys.catch(() => {
      keys = undefined;
      failedMs = now();
    });
    return keys;
  };
  return {
    async callerOf(token) {
      // Three parts: anything else is a token of another kind, and no reason to ask an issuer.
      if (token.length > MAX_TOKEN || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) return undefined;
      try {
        const checks = { issuer, audience, algorithms: ALGORITHMS, clockTolerance: CLOCK_TOLERANCE_S, requiredClaims: ['exp', 'sub'] };
        const { payload } = await jwtVerify(token, await keysOf(), { ...checks, currentDate: new Date(now()) });
        return toCaller(payload, options);
      } catch {
        return undefined;
      }
    },
  };
}

function toCaller(payload: JWTPayload, { nameClaim = 'sub', scopesClaim = 'scope', scopesPrefix = 'tier0:' }: OidcOptions) {
  const name = payload[nameClaim];
  if (typeof name !== 'string' || name.trim() === '' || payload.exp === undefined) return undefined;
  // An address that nobody has shown to be theirs is no account.
  if (nameClaim === 'email' && payload.email_verified !== true) return undefined;
  const said = payload[scopesClaim];
  const words = typeof said === 'string' ? said.split(' ') : Array.isArray(said) ? said : [];
  const scopes = SCOPES.filter((scope) => words.includes(`${scopesPrefix}${scope}`));
  return { caller: { name, scopes }, endsMs: payload.exp * 1000 };
}

async function discover(issuer: string) {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const answer = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(FETCH_MS) });
  const document = (await answer.json()) as { readonly issuer?: unknown; readonly jwks_uri?: unknown };
  // OpenID Connect Discovery 1.0, section 4.3: another issuer than the one that was asked is refused.
  if (!answer.ok || document.issuer !== issuer || typeof document.jwks_uri !== 'string') throw new Error(`${url} describes another issuer`);
  requireSafe(document.jwks_uri);
  const refuseRedirects: typeof fetch = (input, init) => fetch(input, { ...init, redirect: 'error' });
  return createRemoteJWKSet(new URL(document.jwks_uri), { timeoutDuration: FETCH_MS, [customFetch]: refuseRedirects });
}

function requireSafe(text: string): void {
  const url = URL.parse(text);
  const isHere = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)) return;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${text.slice(0, 200)}" is no address keys may come from: it is not https.`,
    hint: 'Name the issuer by its https address.',
  });
}
