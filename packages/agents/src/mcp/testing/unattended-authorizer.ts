import type { OAuthClientInformationFull, OAuthClientProvider, OAuthDiscoveryState, OAuthTokens } from '@modelcontextprotocol/client';
import type { McpAuthorizer } from '../client/authorized-fetch.ts';

const REDIRECT = 'http://localhost:3000/callback';

/** An authorizer without a person: it follows the authorization server's redirect itself. For suites whose server says yes at once. */
export function createUnattendedAuthorizer(
  known?: { readonly client_id: string; readonly client_secret?: string },
  clientMetadataUrl?: string,
): McpAuthorizer {
  let information: OAuthClientInformationFull | undefined = known ? { ...known, redirect_uris: [REDIRECT] } : undefined;
  let tokens: OAuthTokens | undefined;
  let verifier = '';
  let discovery: OAuthDiscoveryState | undefined;
  let came: { readonly code: string; readonly iss?: string | undefined } | undefined;
  const provider: OAuthClientProvider = {
    redirectUrl: REDIRECT,
    clientMetadata: { client_name: 'tier0', redirect_uris: [REDIRECT] },
    ...(clientMetadataUrl ? { clientMetadataUrl } : {}),
    clientInformation: () => information,
    saveClientInformation: (given) => {
      information = given as OAuthClientInformationFull;
    },
    tokens: () => tokens,
    saveTokens: (given) => {
      tokens = given;
    },
    codeVerifier: () => verifier,
    saveCodeVerifier: (given) => {
      verifier = given;
    },
    discoveryState: () => discovery,
    saveDiscoveryState: (given) => {
      discovery = given;
    },
    invalidateCredentials(what) {
      if (what === 'all' || what === 'client') information = undefined;
      if (what === 'all' || what === 'tokens') tokens = undefined;
      if (what === 'all' || what === 'discovery') discovery = undefined;
    },
    async redirectToAuthorization(url) {
      const answer = await fetch(url, { redirect: 'manual' });
      const back = new URL(answer.headers.get('location') ?? 'missing:');
      const code = back.searchParams.get('code');
      came = code === null ? undefined : { code, iss: back.searchParams.get('iss') ?? undefined };
    },
  };
  return {
    provider,
    callback: async () => {
      if (!came) throw new Error('the authorization server sent no code');
      return came;
    },
  };
}
