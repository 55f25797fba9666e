import { type EvidenceQuery, makeEvidence, type Observation, redact } from '@tier0/core';

export type LogsQuery = Extract<EvidenceQuery, { kind: 'logs' }>;

/** The query as the command that a person can run again. */
export function formatLogCommand(query: LogsQuery): string {
  const previous = query.previous ? ' --previous' : '';
  return `kubectl logs -n ${query.namespace} ${query.pod} -c ${query.container}${previous}`;
}

/** Makes the observation of a log text: the newest bytes, redacted. */
export function observeLog(source: string, query: LogsQuery, text: string, atMs: number): Observation {
  const command = formatLogCommand(query);
  const newest = newestBytes(text, query.limitBytes);
  if (newest.trim() === '') return { state: 'no-data', query: command };
  const lines = redact(newest)
    .split('\n')
    .filter((line) => line !== '');
  // The newest lines matter most, and an excerpt is cut at its end.
  const evidence = makeEvidence({ source, query: command, fromMs: atMs, toMs: atMs, text: newestBytes(newest, 4000) });
  return { state: 'observed', evidence, series: [], lines };
}

function newestBytes(text: string, limit: number): string {
  const encoded = new TextEncoder().encode(text);
  if (encoded.length <= limit) return text;
  const cut = new TextDecoder().decode(encoded.subarray(encoded.length - limit));
  const firstBreak = cut.indexOf('\n');
  return firstBreak === -1 ? cut : cut.slice(firstBreak + 1);
}
