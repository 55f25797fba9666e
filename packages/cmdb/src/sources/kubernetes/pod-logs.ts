import { Tier0Error } from '@tier0/core';
import { type ApiConnection, connect } from './connection.ts';

/** Which API server logs are read from, and as whom. */
export interface PodLogReaderOptions {
  /** Kubeconfig as YAML text. */
  readonly kubeconfig: string;
  readonly context?: string | undefined;
  /** Milliseconds one request may take. Default 15,000. */
  readonly requestTimeoutMs?: number | undefined;
}

/** Which container's log is wanted, and how much of it. */
export interface PodLogRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** The previous, crashed instance of the container. */
  readonly previous: boolean;
  /** Newest bytes wanted at most. */
  readonly limitBytes: number;
  readonly signal: AbortSignal;
}

const REQUEST_TIMEOUT_MS = 15_000;
/** Lines asked for; the API counts `limitBytes` from the oldest line, and the newest are wanted. */
const TAIL_LINES = 500;

/** Reads container logs: `undefined` when there is none. Throws PERMISSION_DENIED or UNAVAILABLE. */
export function createPodLogReader(options: PodLogReaderOptions): (request: PodLogRequest) => Promise<string | undefined> {
  let connection: Promise<ApiConnection> | undefined;
  return async (request) => {
    connection ??= connect({ ...options, requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS, maxBytes: 4 * 1024 * 1024 });
    const { namespace, pod, container, previous, limitBytes, signal } = request;
    const query = new URLSearchParams({ container, tailLines: String(TAIL_LINES), ...(previous ? { previous: 'true' } : {}) });
    const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log?${query}`;
    const answer = await (await connection).get(path, signal);
    if (answer.status === 200) return answer.body.slice(-limitBytes);
    if (answer.status === 404 || answer.status === 400) return undefined;
    throw new Tier0Error({
      code: answer.status === 403 || answer.status === 401 ? 'PERMISSION_DENIED' : 'UNAVAILABLE',
      message: `The log of ${namespace}/${pod}, container ${container}, cannot be read: the API server answered ${answer.status}.`,
      hint: 'Grant "get" on "pods/log" in that namespace.',
    });
  };
}
