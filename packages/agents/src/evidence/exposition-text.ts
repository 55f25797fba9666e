/** One sample line of a Prometheus text exposition. */
export interface ExpositionSample {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Milliseconds since the epoch, when the line carries it. */
  readonly atMs?: number | undefined;
}

export interface Exposition {
  readonly samples: readonly ExpositionSample[];
  /** Lines that could not be read; they are skipped. */
  readonly malformed: number;
}

const METRIC = /^[a-zA-Z_:][a-zA-Z0-9_:]*/;
const LABEL = /^\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,?)/;

/**
 * Reads the text format 0.0.4: `name{label="value"} value [timestamp]`. Comments (HELP, TYPE) and empty lines are skipped.
 * Format: https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function parseExposition(text: string): Exposition {
  const samples: ExpositionSample[] = [];
  let malformed = 0;
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const sample = parseSample(trimmed);
    if (sample) samples.push(sample);
    else malformed += 1;
  }
  return { samples, malformed };
}

function parseSample(line: string): ExpositionSample | undefined {
  const metric = METRIC.exec(line)?.[0];
  if (!metric) return undefined;
  const labelled = parseLabels(line.slice(metric.length).trimStart());
  if (!labelled) return undefined;
  const [number, timestamp, ...extra] = labelled.rest.trim().split(/\s+/);
  const value = parseValue(number ?? '');
  if (value === undefined || extra.length > 0) return undefined;
  if (timestamp === undefined) return { metric, labels: labelled.labels, value };
  return /^-?\d+$/.test(timestamp) ? { metric, labels: labelled.labels, value, atMs: Number(timestamp) } : undefined;
}

function parseLabels(text: string): { readonly labels: Readonly<Record<string, string>>; readonly rest: string } | undefined {
  if (!text.startsWith('{')) return { labels: {}, rest: text };
  const labels: [string, string][] = [];
  let rest = text.slice(1);
  for (let match = LABEL.exec(rest); match; match = LABEL.exec(rest)) {
    labels.push([match[1] ?? '', unescapeLabel(match[2] ?? '')]);
    rest = rest.slice(match[0].length);
    if (match[3] === '') break;
  }
  const end = /^\s*\}/.exec(rest);
  return end ? { labels: Object.fromEntries(labels), rest: rest.slice(end[0].length) } : undefined;
}

function unescapeLabel(text: string): string {
  return text.replace(/\\(.)/g, (_, character: string) => (character === 'n' ? '\n' : character));
}

const NAMED_VALUES: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
};

function parseValue(text: string): number | undefined {
  const named = text.toLowerCase();
  if (Object.hasOwn(NAMED_VALUES, named)) return NAMED_VALUES[named];
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}
