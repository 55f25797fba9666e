import { createHttpClient } from '@tier0/core/http';
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
  const client = createHttpClient({
    name: 'The API server',
    baseUrl: apiUrl,
    headers: { 'user-agent': MANAGER },
    timeoutMs: 10_000,
    hints: { refused: 'Correct the manifest in the repository.', unreachable: 'Check that it is running.' },
  });
  return {
    async apply(object, context) {
      const { apiVersion, kind, metadata } = object as { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } };
      await client.send(
        {
          method: 'PATCH',
          path: pathOf({ apiVersion, kind, namespace: metadata.namespace, name: metadata.name }),
          query: { fieldManager: MANAGER, force: 'true' },
          headers: { 'content-type': 'application/apply-patch+yaml' },
          body: JSON.stringify(object),
          // Applying the same object twice changes nothing the second time.
          repeatable: true,
        },
        context,
      );
    },
    async get(address, context) {
      const answer = await client.send({ path: pathOf(address), answers: [404] }, context);
      return answer.status === 404 ? undefined : (answer.json() as object);
    },
  };
}

function pathOf({ apiVersion, kind, namespace, name }: ObjectAddress): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const resource = PLURALS[kind] ?? `${kind.toLowerCase()}s`;
  const scope = CLUSTER_SCOPED.has(kind) ? '' : `/namespaces/${encodeURIComponent(namespace ?? 'default')}`;
  return `${root}${scope}/${resource}/${encodeURIComponent(name)}`;
}
