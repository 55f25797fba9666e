import { type EvidenceSource, toTier0Error } from '@tier0/core';
import { formatLogCommand, observeLog } from './logs-evidence.ts';

/** Which log is wanted. */
export interface LogRequest {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
  readonly limitBytes: number;
  readonly signal: AbortSignal;
}

/** How a log is fetched: the one thing this source cannot do by itself. */
export interface KubernetesLogsEvidenceOptions {
  /** Reads one log from the API server; undefined when there is none. Built from a client by whoever composes the parts. */
  readonly readLog: (request: LogRequest) => Promise<string | undefined>;
}

/** Container logs from the Kubernetes API. */
export function createKubernetesLogsEvidence(options: KubernetesLogsEvidenceOptions): EvidenceSource {
  return {
    name: 'kubernetes-logs',
    kinds: ['logs'],
    async observe(query, { signal, now }) {
      if (query.kind !== 'logs') return { state: 'unavailable', query: query.kind, reason: 'the API server holds logs only' };
      const { namespace, pod, container, previous, limitBytes } = query;
      try {
        const text = await options.readLog({ namespace, pod, container, previous, limitBytes, signal });
        return observeLog('kubernetes-logs', query, text ?? '', now());
      } catch (error) {
        signal.throwIfAborted();
        return { state: 'unavailable', query: formatLogCommand(query), reason: toTier0Error(error).message };
      }
    },
  };
}
