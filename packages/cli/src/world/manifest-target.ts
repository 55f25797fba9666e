import { type CallContext, Tier0Error } from '@tier0/core';
import type { ManifestTarget } from '@tier0/gitops';

/** Resource names of the kinds whose plural is not the kind in lower case with an s. */
const PLURALS: Readonly<Record<string, string>> = {
  Ingress: 'ingresses',
  NetworkPolicy: 'networkpolicies',
  StorageClass: 'storageclasses',
};
const CLUSTER_SCOPED = new Set(['Namespace', 'Node', 'ClusterRole', 'ClusterRoleBinding', 'PersistentVolume', 'StorageClass']);
const MANAGER = 'local-reconciler';

interface ObjectAddress {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** Applies manifests to a Kubernetes API at a loopback address by server-side apply: the hands of the local reconciler, never of the loop. */
export function createManifestTarget(apiUrl: string): ManifestTarget {
  return {
    async apply(object, context) {
      const { apiVersion, kind, metadata } = object as { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } };
      const url = `${apiUrl}${pathOf({ apiVersion, kind, namespace: metadata.namespace, name: metadata.name })}?fieldManager=${MANAGER}&force=true`;
      await call(
        url,
        { method: 'PATCH', body: JSON.stringify(object), headers: { 'content-type': 'application/apply-patch+yaml' } },
        context,
      );
    },
    async get(address, context) {
      return call(`${apiUrl}${pathOf(address)}`, {}, context);
    },
  };
}

function pathOf({ apiVersion, kind, namespace, name }: ObjectAddress): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const resource = PLURALS[kind] ?? `${kind.toLowerCase()}s`;
  const scope = CLUSTER_SCOPED.has(kind) ? '' : `/namespaces/${encodeURIComponent(namespace ?? 'default')}`;
  return `${root}${scope}/${resource}/${encodeURIComponent(name)}`;
}

async function call(url: string, request: RequestInit, context: CallContext): Promise<object | undefined> {
  const response = await fetch(url, {
    ...request,
    headers: { ...request.headers, 'user-agent': MANAGER },
    signal: AbortSignal.any([context.signal, AbortSignal.timeout(10_000)]),
  }).catch((cause) => {
    throw new Tier0Error({
      code: 'UNAVAILABLE',
      message: `The API server at ${url.split('/').slice(0, 3).join('/')} does not answer.`,
      hint: 'Check that it is running.',
      cause,
    });
  });
  if (response.status === 404 && request.method === undefined) return undefined;
  const body = (await response.json()) as object & { message?: string };
  if (response.ok) return body;
  throw new Tier0Error({
    code: response.status === 409 ? 'CONFLICT' : 'UNAVAILABLE',
    message: `The API server refused ${request.method ?? 'GET'} ${new URL(url).pathname}: ${body.message ?? response.status}.`,
    hint: 'Correct the manifest in the repository.',
    retryable: false,
  });
}
