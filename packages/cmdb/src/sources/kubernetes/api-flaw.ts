import { Tier0Error } from '@tier0/core';
import type { ApiAnswer } from './connection.ts';

/**
 * What the answer to the first question, `/version`, says of all further ones; undefined where it says nothing against them. A server that
 * tells nobody its version (403) may tell its objects.
 */
export function flawOf(server: string, { status, retryAfterMs }: Pick<ApiAnswer, 'status' | 'retryAfterMs'>): Tier0Error | undefined {
  const said = `${server} answered ${status} to GET /version`;
  if (status === 401) {
    return new Tier0Error({
      code: 'PERMISSION_DENIED',
      message: `The API server does not know who asks: ${said}.`,
      hint: 'Log in again, or renew the token or client certificate of the kubeconfig ("kubectl auth whoami" says whom it takes you for).',
    });
  }
  if (status === 404 || (status >= 300 && status < 400)) {
    return new Tier0Error({
      code: 'NOT_FOUND',
      message: `That is no Kubernetes API: ${said}.`,
      hint: 'Correct the server of the kubeconfig: the address of the API server, with the path of its proxy if there is one.',
    });
  }
  if (status === 429) {
    return new Tier0Error({
      code: 'RATE_LIMITED',
      message: `The API server is busy: ${said}${retryAfterMs === undefined ? '' : ` and asks for ${Math.ceil(retryAfterMs / 1000)} s of patience`}.`,
      hint: 'Try again later; if it stays, look at its priority and fairness settings ("kubectl get flowschemas").',
    });
  }
  if (status < 500) return undefined;
  return new Tier0Error({
    code: 'UNAVAILABLE',
    message: `The API server is not well: ${said}.`,
    hint: 'Look at "kubectl get --raw /readyz?verbose", its log and that of etcd, then try again.',
  });
}
