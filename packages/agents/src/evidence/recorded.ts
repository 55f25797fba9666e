import type { EvidenceSource } from '@tier0/core';
import { observeLog } from './logs-evidence.ts';
import { hasLabels, observeSeries, pointsWithin } from './metrics-evidence.ts';

/** One recorded time series; times are milliseconds since the epoch or ISO 8601. */
export interface RecordedSeries {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [number | string, number])[];
}

/** The log of one container. */
export interface RecordedLog {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** The log is of the previous, crashed instance. */
  readonly previous?: boolean | undefined;
  readonly text: string;
}

/** A recording, and the moment at which it is played. */
export interface RecordedEvidenceOptions {
  readonly metrics: readonly RecordedSeries[];
  readonly logs: readonly RecordedLog[];
  /** Milliseconds since the epoch; samples after it have not happened yet. Default: the clock of the call. */
  readonly now?: (() => number) | undefined;
}

/** Evidence from a recording: what tests, examples and evaluations replay. */
export function createRecordedEvidence(options: RecordedEvidenceOptions): EvidenceSource {
  const recorded = options.metrics.map(({ metric, labels, points }) => ({ metric, labels, points: points.map(toPoint) }));
  return {
    name: 'recorded',
    kinds: ['metrics', 'logs'],
    async observe(query, context) {
      const now = (options.now ?? context.now)();
      if (query.kind === 'logs') {
        const isAsked = (log: RecordedLog) =>
          log.namespace === query.namespace &&
          log.pod === query.pod &&
          log.container === query.container &&
          (log.previous ?? false) === query.previous;
        return observeLog('recorded', query, options.logs.find(isAsked)?.text ?? '', now);
      }
      const window = { ...query, toMs: Math.min(query.toMs, now) };
      const series = recorded
        .filter((one) => one.metric === query.metric && hasLabels(one.labels, query.labels))
        .map((one) => ({ labels: one.labels, points: pointsWithin(one.points, window) }));
      return observeSeries('recorded', query, series);
    },
  };
}

function toPoint([at, value]: readonly [number | string, number]): readonly [number, number] {
  return [typeof at === 'number' ? at : Date.parse(at), value];
}
