import type { FetchLike, OAuthClientProvider } from '@modelcontextprotocol/client';
import { clientSdk } from '../sdk.ts';

/** Who keeps tokens and brings a person to the authorization server and back. */
export interface McpAuthorizer {
  readonly provider: OAuthClientProvider;
  /** What the authorization server sent back to the redirect address. */
  readonly callback: () => Promise<{ readonly code: string; readonly iss?: string | undefined }>;
}

/** A fetch that answers one challenge (401, or 403 for a wider scope) by OAuth and asks once again. A second refusal is the end. */
export function authorizedFetch(serverUrl: string, authorizer: McpAuthorizer, next: FetchLike = fetch): FetchLike {
  const send = async (input: string | URL, init?: RequestInit): Promise<Response> => {
    const headers = new Headers(init?.headers);
    const tokens = await authorizer.provider.tokens();
    if (tokens) headers.set('authorization', `Bearer ${tokens.access_token}`);
    return next(input, { ...init, headers });
  };
  return async (input, init) => {
    const first = await send(input, init);
    if (!isChallenge(first)) return first;
    await authorize(first, serverUrl, { authorizer, next });
    const second = await send(input, init);
    if (isChallenge(second)) throw new (await clientSdk()).UnauthorizedError('The server does not accept the authorization.');
    return second;
  };
}

function isChallenge({ status }: Response): boolean {
  return status === 401 || status === 403;
}

interface Authorizing {
  readonly authorizer: McpAuthorizer;
  readonly next: FetchLike;
}

async function authorize(challenge: Response, serverUrl: string, { authorizer, next }: Authorizing): Promise<void> {
  const sdk = await clientSdk();
  const { provider, callback } = authorizer;
  const { resourceMetadataUrl, scope: asked } = sdk.extractWWWAuthenticateParams(challenge);
  const had = (await provider.tokens())?.scope;
  // A wider scope keeps what was granted; a new start looks again at where the authorization server is.
  const scope = challenge.status === 403 ? sdk.computeScopeUnion(had, asked) : asked;
  if (challenge.status === 401) await provider.invalidateCredentials?.('discovery');
  const options = { serverUrl, resourceMetadataUrl, scope, fetchFn: next };
  const begun = await sdk.auth(provider, { ...options, forceReauthorization: sdk.isStrictScopeSuperset(scope, had) });
  if (begun === 'AUTHORIZED') return;
  const { code, iss } = await callback();
  const ended = await sdk.auth(provider, { ...options, authorizationCode: code, iss });
  if (ended !== 'AUTHORIZED') throw new sdk.UnauthorizedError('The authorization was not completed.');
}
