import type { RequestOptions } from 'node:https';
import { Tier0Error } from '@tier0/core';
import type { Credentials } from './credentials.ts';
import { isEntry, type KubeconfigContext, textIn } from './kubeconfig.ts';

/** Credentials that only the official client knows how to get. It is loaded by the first request. */
export function borrowCredentials(context: KubeconfigContext, kubeconfig: string, load = loadClient): Credentials {
  let config: Promise<{ applyToHTTPSOptions(options: RequestOptions): Promise<void> }> | undefined;
  return async () => {
    config ??= openConfig(context, kubeconfig, load);
    const options: RequestOptions = {};
    try {
      await (await config).applyToHTTPSOptions(options);
      return options;
    } catch (cause) {
      if (cause instanceof Tier0Error) throw cause;
      throw new Tier0Error({
        code: 'PERMISSION_DENIED',
        message: `The credentials of context "${context.name}" cannot be had: ${(cause as Error).message}.`,
        hint: `Log in anew: "kubectl --context ${context.name} get namespaces" has to work.`,
        cause,
      });
    }
  };
}

async function openConfig(context: KubeconfigContext, kubeconfig: string, load: typeof loadClient) {
  const { name } = context;
  const { KubeConfig } = await load().catch((cause) => {
    throw missing(context, cause);
  });
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  config.setCurrentContext(name);
  return config;
}

/** A bundler that sees the try knows that the package may be absent. */
async function loadClient() {
  try {
    return await import('@kubernetes/client-node');
  } catch (cause) {
    throw new Error('@kubernetes/client-node cannot be loaded', { cause });
  }
}

function missing({ name, user, cluster }: KubeconfigContext, cause: unknown): Tier0Error {
  const provider = isEntry(user['auth-provider']) ? user['auth-provider'] : undefined;
  const what = provider
    ? `the auth-provider "${textIn(provider, 'name') ?? ''}"`
    : `the proxy ${textIn(cluster, 'proxy-url')?.replace(/\/\/[^@/]*@/, '//')}`;
  return new Tier0Error({
    code: 'MISSING_DEPENDENCY',
    message: `Context "${name}" of the kubeconfig needs ${what}, which the package "@kubernetes/client-node" knows and which is not installed.`,
    hint: 'Install it beside tier0: npm install @kubernetes/client-node. Or use a kubeconfig with a token, a certificate or an exec plugin.',
    cause,
  });
}
