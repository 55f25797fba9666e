import { type CallContext, type EvidenceSource, type Observation, readField, type TimeSeries, toTier0Error } from '@tier0/core';
import { createHttpClient, fetchTransport, type HttpClient } from '@tier0/core/http';
import { formatSelector, type MetricsQuery, observeSeries } from './metrics-evidence.ts';

/** Which Prometheus is asked, and how. */
export interface PrometheusEvidenceOptions {
  /** Address of the server, e.g. `http://prometheus:9090`. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Replaces the global fetch, e.g. to go through a proxy. */
  readonly fetch?: typeof fetch | undefined;
  /** Milliseconds one query may take. Default 30,000. */
  readonly timeoutMs?: number | undefined;
}

/** Prometheus refuses a range query with more points per series than this. */
const MAX_POINTS = 11_000;
const MAX_BYTES = 32 * 1024 * 1024;

/** Metrics from the HTTP API of Prometheus and of what speaks like it (Thanos, Mimir, VictoriaMetrics). */
export function createPrometheusEvidence(options: PrometheusEvidenceOptions): EvidenceSource {
  const client = clientOf(options);
  return {
    name: 'prometheus',
    kinds: ['metrics'],
    async observe(query, context) {
      if (query.kind !== 'metrics') return { state: 'unavailable', query: query.kind, reason: 'Prometheus holds metrics only' };
      try {
        return await ask(client, query, context);
      } catch (error) {
        context.signal.throwIfAborted();
        const { message, hint } = toTier0Error(error);
        return unavailable(query, `Prometheus cannot be reached: ${message} ${hint}`);
      }
    },
  };
}

function clientOf({ url, headers, fetch, timeoutMs = 30_000 }: PrometheusEvidenceOptions): HttpClient {
  const transport = fetch && fetchTransport(fetch);
  return createHttpClient({
    name: 'Prometheus',
    baseUrl: url,
    headers,
    timeoutMs,
    deadlineMs: 2 * timeoutMs,
    maxBytes: MAX_BYTES,
    transport,
  });
}

async function ask(client: HttpClient, query: MetricsQuery, context: CallContext): Promise<Observation> {
  const response = await client.send(
    {
      method: 'POST',
      path: '/api/v1/query_range',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: rangeForm(query).toString(),
      // A query changes nothing.
      repeatable: true,
      answers: 'any',
    },
    context,
  );
  const body = parseJson(response.text());
  if (readField(body, ['status']) === 'error' || response.status >= 300) {
    const error = readField(body, ['error']);
    const said = typeof error === 'string' ? `: ${error.slice(0, 300)}` : '';
    return unavailable(query, `Prometheus answered ${response.status}${said}${whatToDo(response.status)}`);
  }
  const result = readField(body, ['data', 'result']);
  if (!Array.isArray(result)) return unavailable(query, 'Prometheus answered something that is not a matrix');
  return observeSeries('prometheus', query, result.map(toSeries));
}

/** What to do about a status, as a sentence that follows it. */
function whatToDo(status: number): string {
  if (status === 401 || status === 403) return '. Name an address that answers without credentials, or a proxy that adds them';
  if (status === 404) return '. Name the address below which /api/v1/query answers';
  if (status === 429) return '. It is asked too often: raise its limit, or ask a replica that has time';
  if (status >= 500) return '. Look into its log: it may be starting, or short of memory';
  return '';
}

function rangeForm(query: MetricsQuery): URLSearchParams {
  const seconds = (query.toMs - query.fromMs) / 1000;
  const step = Math.max(1, query.stepMs / 1000, Math.ceil(seconds / (MAX_POINTS - 1)));
  return new URLSearchParams({
    query: formatSelector(query),
    start: String(query.fromMs / 1000),
    end: String(query.toMs / 1000),
    step: String(step),
  });
}

/** Values arrive as text; what is no finite number is a gap. */
function toSeries(entry: unknown): TimeSeries {
  const labels = readField(entry, ['metric']);
  const values = readField(entry, ['values']);
  const points = (Array.isArray(values) ? values : []).flatMap((pair): (readonly [number, number])[] => {
    const at = Number(readField(pair, [0])) * 1000;
    const value = Number.parseFloat(String(readField(pair, [1])));
    return Number.isFinite(at) && Number.isFinite(value) ? [[Math.round(at), value]] : [];
  });
  const { __name__: _name, ...rest } = (typeof labels === 'object' && labels !== null ? labels : {}) as Record<string, string>;
  return { labels: rest, points };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unavailable(query: MetricsQuery, reason: string): Observation {
  return { state: 'unavailable', query: formatSelector(query), reason };
}
