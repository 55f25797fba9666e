import { readFile } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import { stringify } from 'yaml';

/** Where Kubernetes mounts the service account of a pod. Source: kubernetes.io/docs/tasks/run-application/access-api-from-pod. */
const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Which kubeconfig is read; without a file the pod's own service account. */
export interface KubeconfigPlace {
  readonly kubeconfig?: string | undefined;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Default: where Kubernetes mounts it. */
  readonly accountFolder?: string | undefined;
}

/** Text of the kubeconfig. Throws NOT_FOUND, with what was looked for. */
export async function kubeconfigText({ kubeconfig, variables, accountFolder = ACCOUNT_FOLDER }: KubeconfigPlace): Promise<string> {
  if (kubeconfig !== undefined) {
    return readFile(kubeconfig, 'utf8').catch((cause) => {
      throw new Tier0Error({
        code: 'NOT_FOUND',
        message: `There is no kubeconfig ${kubeconfig}.`,
        hint: 'Correct "kubeconfig" of the cluster in the configuration; leave it out inside a pod.',
        cause,
      });
    });
  }
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = variables;
  const isThere = host !== undefined && (await readFile(`${accountFolder}/ca.crt`).catch(() => undefined)) !== undefined;
  if (isThere) return serviceAccountConfig({ host, port, accountFolder });
  throw new Tier0Error({
    code: 'NOT_FOUND',
    message: 'No kubeconfig is named, and this process does not run in a pod with a service account.',
    hint: 'Name one in the configuration: kubeconfig: ./kubeconfig.',
  });
}

/** The token is named by its file: it is renewed every hour, and read anew then. */
function serviceAccountConfig({
  host,
  port,
  accountFolder,
}: {
  readonly host: string;
  readonly port: string;
  readonly accountFolder: string;
}): string {
  const address = host.includes(':') ? `[${host}]` : host;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'own', cluster: { server: `https://${address}:${port}`, 'certificate-authority': `${accountFolder}/ca.crt` } }],
    users: [{ name: 'own', user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile: `${accountFolder}/token` } } } }],
    contexts: [{ name: 'own', context: { cluster: 'own', user: 'own' } }],
    'current-context': 'own',
  });
}
