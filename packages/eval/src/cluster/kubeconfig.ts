import { stringify } from 'yaml';

/** A kubeconfig for a loopback API. `insecure-skip-tls-verify` is what makes client-node accept plain http. */
export function toKubeconfig(url: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'embedded', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'embedded', user: {} }],
    contexts: [{ name: 'embedded', context: { cluster: 'embedded', user: 'embedded', namespace: 'default' } }],
    'current-context': 'embedded',
  });
}
