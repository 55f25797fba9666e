import { loadKubeconfig, serviceAccountKubeconfig } from '@tier0/cmdb';
import { Tier0Error } from '@tier0/core';

/** Which kubeconfig is read; without a file the pod's own service account. */
export interface KubeconfigPlace {
  readonly kubeconfig?: string | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Default: where Kubernetes mounts it. */
  readonly accountFolder?: string | undefined;
}

/** Text of the kubeconfig. Throws NOT_FOUND, with what was looked for, and INVALID_INPUT. */
export async function kubeconfigText({ kubeconfig, variables, accountFolder }: KubeconfigPlace): Promise<string> {
  if (kubeconfig !== undefined) return await loadKubeconfig({ file: kubeconfig }).catch(sayWhere);
  const own = await serviceAccountKubeconfig({ variables, accountFolder });
  if (own !== undefined) return own;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: 'No kubeconfig is named, and this process does not run in a pod with a service account.',
    hint: 'Name one in the configuration: kubeconfig: ./kubeconfig.',
  });
}

function sayWhere(error: Tier0Error): never {
  if (error.code !== 'NOT_FOUND') throw error;
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: error.message,
    hint: 'Correct "kubeconfig" of the cluster in the configuration; leave it out inside a pod.',
    cause: error,
  });
}
