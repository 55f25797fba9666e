import { readFile } from 'node:fs/promises';
import { Agent, type AgentOptions, type RequestOptions } from 'node:https';
import { Tier0Error } from '@tier0/core';
import { borrowCredentials } from './borrow-credentials.ts';
import { createExecCredential, type ExecCredential } from './exec-credential.ts';
import { isEntry, type KubeconfigContext, type KubeconfigEntry, textIn } from './kubeconfig.ts';
import { createProxyAgent } from './proxy-agent.ts';

/** TLS and credentials of one request, as `node:https` takes them. Asked anew for each: tokens and certificates are renewed. */
export type Credentials = () => Promise<RequestOptions>;

type Tls = Pick<AgentOptions, 'ca' | 'cert' | 'key' | 'rejectUnauthorized' | 'servername'>;

/**
 * How a context signs its requests: certificates, tokens, passwords and credential plugins, directly or through an HTTP proxy. What is rarer
 * (`auth-provider`, other proxies) is borrowed from `@kubernetes/client-node`. Throws INVALID_INPUT for credentials that would go in the clear.
 */
export function createCredentials(context: KubeconfigContext, kubeconfig: string): Credentials {
  const { server, cluster, user } = context;
  if (server.protocol !== 'https:' && cluster['insecure-skip-tls-verify'] !== true) throw inTheClear(server);
  if (isEntry(user['auth-provider']) || !isOwnProxy(context)) return borrowCredentials(context, kubeconfig);
  const plugin = isEntry(user.exec) ? createExecCredential(user.exec, cluster) : undefined;
  const agentFor = keepAgent(context);
  return async () => {
    try {
      const given = await plugin?.();
      const headers = await headersOf(user, given);
      return server.protocol === 'https:' ? { headers, agent: agentFor(await tlsOf(context, given)) } : { headers };
    } catch (cause) {
      throw unusable(server, cause);
    }
  };
}

/** HTTPS through a proxy that is asked in HTTP or HTTPS: one CONNECT. */
function isOwnProxy({ server, cluster }: KubeconfigContext): boolean {
  const proxy = textIn(cluster, 'proxy-url');
  return proxy === undefined || (/^https?:/.test(proxy) && server.protocol === 'https:');
}

/** One agent for as long as the certificates are the same, so that connections of an old identity are not used by the new one. */
function keepAgent({ cluster }: KubeconfigContext): (tls: Tls) => Agent {
  const proxy = textIn(cluster, 'proxy-url');
  let kept: { readonly identity: string; readonly agent: Agent } | undefined;
  return (tls) => {
    const identity = JSON.stringify(tls);
    if (kept?.identity !== identity) {
      kept?.agent.destroy();
      kept = { identity, agent: proxy === undefined ? new Agent(tls) : createProxyAgent(new URL(proxy), tls) };
    }
    return kept.agent;
  };
}

async function tlsOf({ cluster, user }: KubeconfigContext, given: ExecCredential | undefined): Promise<Tls> {
  const ca = await dataOrFile(cluster, 'certificate-authority');
  const cert = given?.certificate ?? (await dataOrFile(user, 'client-certificate'));
  const key = given?.key ?? (await dataOrFile(user, 'client-key'));
  const servername = textIn(cluster, 'tls-server-name');
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === undefined ? {} : { servername }),
    ...(cluster['insecure-skip-tls-verify'] === true ? { rejectUnauthorized: false } : {}),
  };
}

/** What stands in the kubeconfig itself counts before the file that it names. Source: "AuthInfo" and "Cluster" of client-go's clientcmd API v1. */
async function dataOrFile(entry: KubeconfigEntry, field: string): Promise<string | undefined> {
  const data = textIn(entry, `${field}-data`);
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  const file = textIn(entry, field);
  return file === undefined ? undefined : await readFile(file, 'utf8');
}

async function headersOf(user: KubeconfigEntry, given: ExecCredential | undefined): Promise<Record<string, string | string[]>> {
  const authorization = await authorizationOf(user, given);
  return { ...(authorization === undefined ? {} : { authorization }), ...impersonation(user) };
}

/** A token file is read each time, and counts before a token that was written down beside it. */
async function authorizationOf(user: KubeconfigEntry, given: ExecCredential | undefined): Promise<string | undefined> {
  const file = textIn(user, 'tokenFile');
  const written = file === undefined ? textIn(user, 'token') : (await readFile(file, 'utf8')).trim();
  const token = written ?? given?.token;
  if (token !== undefined) return `Bearer ${token}`;
  const name = textIn(user, 'username');
  return name === undefined ? undefined : `Basic ${Buffer.from(`${name}:${textIn(user, 'password') ?? ''}`).toString('base64')}`;
}

/** On whose behalf is asked. Source: kubernetes.io/docs/reference/access-authn-authz/user-impersonation. */
function impersonation(user: KubeconfigEntry): Record<string, string | string[]> {
  const name = textIn(user, 'as');
  if (name === undefined) return {};
  const groups = Array.isArray(user['as-groups']) ? user['as-groups'].map(String) : [];
  const uid = textIn(user, 'as-uid');
  const extra = isEntry(user['as-user-extra']) ? Object.entries(user['as-user-extra']) : [];
  return {
    'impersonate-user': name,
    ...(groups.length === 0 ? {} : { 'impersonate-group': groups }),
    ...(uid === undefined ? {} : { 'impersonate-uid': uid }),
    ...Object.fromEntries(
      extra.map(([key, values]) => [`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`, [values].flat().map(String)]),
    ),
  };
}

function inTheClear(server: URL): Tier0Error {
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The kubeconfig's credentials are not sent to ${server.protocol}//${server.host}: that is no https.`,
    hint: 'Use https; for a local test server over plain http, set "insecure-skip-tls-verify: true" on its cluster.',
  });
}

function unusable(server: URL, cause: unknown): Tier0Error {
  if (cause instanceof Tier0Error) return cause;
  return new Tier0Error({
    code: 'INVALID_INPUT',
    message: `The kubeconfig's credentials for ${server.protocol}//${server.host} cannot be used: ${(cause as Error).message}.`,
    hint: 'Check the certificate files and the token file of the context; paths count from the folder of the kubeconfig.',
    cause,
  });
}
