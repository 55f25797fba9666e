import type { CallContext, EvidenceSource, Observation } from '@tier0/core';
import { hasLabels, type MetricsQuery, observeSeries } from './metrics-evidence.ts';

/** How long all questions together may take. */
export interface ByNamespaceOptions {
  /** Real milliseconds from the first question on. */
  readonly deadlineMs: number;
}

/**
 * The same source, asked once for a namespace instead of once for each of its pods. For one look: answers are kept, and what was not reached
 * is not tried again. A namespace that is refused as a whole, e.g. for its size, is asked for pod by pod.
 */
export function askedByNamespace(source: EvidenceSource, { deadlineMs }: ByNamespaceOptions): EvidenceSource {
  const whole = new Map<string, Promise<Observation>>();
  const givenUp = new Map<string, string>();
  let deadline: AbortSignal | undefined;

  const ask = async (query: MetricsQuery, context: CallContext): Promise<Observation> => {
    deadline ??= AbortSignal.timeout(deadlineMs);
    const signal = AbortSignal.any([context.signal, deadline]);
    try {
      signal.throwIfAborted();
      return await source.observe(query, { ...context, signal });
    } catch (error) {
      if (context.signal.aborted || !deadline.aborted) throw error;
      const reason = `${source.name} had not answered everything after ${Math.round(deadlineMs / 1000)} s`;
      return { state: 'unavailable', query: query.metric, reason };
    }
  };

  const askForOne = async (query: MetricsQuery, key: string, context: CallContext): Promise<Observation> => {
    const reason = givenUp.get(key);
    if (reason !== undefined) return { state: 'unavailable', query: query.metric, reason };
    const observation = await ask(query, context);
    if (observation.state === 'unavailable') givenUp.set(key, observation.reason);
    return observation;
  };

  return {
    ...source,
    async observe(query, context) {
      if (query.kind !== 'metrics' || query.labels.namespace === undefined) return source.observe(query, context);
      const all: MetricsQuery = { ...query, labels: { namespace: query.labels.namespace } };
      const key = JSON.stringify(all);
      const asked = whole.get(key) ?? ask(all, context);
      whole.set(key, asked);
      const observation = await asked;
      if (observation.state === 'unavailable') return askForOne(query, key, context);
      if (observation.state === 'no-data') return observation;
      const own = observation.series.filter(({ labels }) => hasLabels(labels, query.labels));
      return observeSeries(source.name, query, own);
    },
  };
}
