import { type EvidenceQuery, makeEvidence, type Observation, type TimeSeries } from '@tier0/core';
import { describeBytes } from '../kubernetes/objects/quantity.ts';

export type MetricsQuery = Extract<EvidenceQuery, { kind: 'metrics' }>;

/** Series quoted in one excerpt, and samples quoted of each. */
const MAX_SERIES = 8;
const QUOTED_SAMPLES = 6;

/** The query in PromQL, which a person can run again. */
export function formatSelector(query: MetricsQuery): string {
  const labels = Object.entries(query.labels).sort(([a], [b]) => (a < b ? -1 : 1));
  if (labels.length === 0) return query.metric;
  return `${query.metric}{${labels.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}}`;
}

/** Makes the observation of a metrics query: a readable summary as evidence, the samples for computing. */
export function observeSeries(source: string, query: MetricsQuery, series: readonly TimeSeries[]): Observation {
  const filled = series.filter((one) => one.points.length > 0);
  const selector = formatSelector(query);
  if (filled.length === 0) return { state: 'no-data', query: selector };
  const times = filled.flatMap((one) => [one.points[0]?.[0] ?? 0, one.points.at(-1)?.[0] ?? 0]);
  const evidence = makeEvidence({
    source,
    query: selector,
    fromMs: times.reduce((a, b) => Math.min(a, b)),
    toMs: times.reduce((a, b) => Math.max(a, b)),
    text: summarise(filled, query.metric.endsWith('_bytes') ? describeBytes : round),
  });
  return { state: 'observed', evidence, series: filled, lines: [] };
}

type Show = (value: number) => string;

function summarise(series: readonly TimeSeries[], show: Show): string {
  const shown = series.slice(0, MAX_SERIES).map((one) => summariseOne(one, show));
  return [...shown, ...(series.length > MAX_SERIES ? [`... and ${series.length - MAX_SERIES} more series`] : [])].join('\n');
}

function summariseOne({ labels, points }: TimeSeries, show: Show): string {
  const first = points[0] ?? [0, 0];
  const last = points.at(-1) ?? first;
  const hours = (last[0] - first[0]) / 3_600_000;
  const change = hours > 0 ? `${show((last[1] - first[1]) / hours)} an hour` : 'one sample';
  const every = Math.max(1, Math.ceil((points.length - 1) / (QUOTED_SAMPLES - 1)));
  const samples = points.filter((_, index) => index % every === 0 || index === points.length - 1);
  const name = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(' ');
  const quoted = samples.map(([at, value]) => `${new Date(at).toISOString().slice(0, 19)}Z ${show(value)}`).join('; ');
  return `${points.length} samples from ${show(first[1])} to ${show(last[1])}, ${change}, of ${name}\n${quoted}`;
}

function round(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}

/** Points of a series inside the query's window. */
export function pointsWithin(points: readonly (readonly [number, number])[], query: MetricsQuery): readonly (readonly [number, number])[] {
  return points.filter(([at]) => at >= query.fromMs && at <= query.toMs);
}

/** Whether a series carries every label the query asks for. */
export function hasLabels(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}
