import { type EvidenceSource, toTier0Error } from '@tier0/core';
import { createHttpClient } from '@tier0/core/http';
import { parseExposition } from './exposition-text.ts';
import { formatSelector, hasLabels, observeSeries, pointsWithin } from './metrics-evidence.ts';

/** Where samples are scraped from, and how many of them are remembered. */
export interface ExpositionEvidenceOptions {
  /** Address of a text exposition, e.g. `http://127.0.0.1:8080/metrics`. */
  readonly url: string;
  /** Milliseconds of real time between two scrapes. */
  readonly everyMs: number;
  /** Milliseconds since the epoch that samples are stamped with. */
  readonly now: () => number;
  /** Samples kept of each series, newest. Default 720. */
  readonly samplesPerSeries?: number | undefined;
  /** Series kept. Default 5,000; more are counted and dropped. */
  readonly maxSeries?: number | undefined;
}

/** Evidence gathered by scraping one endpoint. Nothing is scraped before `start`. */
export interface ExpositionEvidence extends EvidenceSource {
  /** Begins to scrape; calling it again changes nothing. */
  start(): void;
  /** Scrapes once, now. */
  scrape(): Promise<void>;
  /** What was skipped so far. */
  readonly skipped: () => { readonly malformedLines: number; readonly droppedSeries: number };
  close(): Promise<void>;
}

interface Ring {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly points: (readonly [number, number])[];
}

const MAX_BYTES = 32 * 1024 * 1024;
const SCRAPE_TIMEOUT_MS = 10_000;

/** Keeps a bounded memory of what an endpoint in Prometheus text format says. */
export function createExpositionEvidence(options: ExpositionEvidenceOptions): ExpositionEvidence {
  const { samplesPerSeries = 720, maxSeries = 5_000 } = options;
  const rings = new Map<string, Ring>();
  const closing = new AbortController();
  const client = createHttpClient({
    name: 'The endpoint',
    baseUrl: options.url,
    headers: { accept: 'text/plain;version=0.0.4' },
    timeoutMs: SCRAPE_TIMEOUT_MS,
    maxBytes: MAX_BYTES,
    // The next scrape is the next attempt.
    retry: { attempts: 1 },
  });
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let failure: string | undefined;
  let malformedLines = 0;
  let droppedSeries = 0;

  const remember = (text: string, scrapedAtMs: number) => {
    const exposition = parseExposition(text);
    malformedLines += exposition.malformed;
    for (const { metric, labels, value, atMs = scrapedAtMs } of exposition.samples) {
      const key = JSON.stringify([metric, Object.entries(labels).sort()]);
      const known = rings.get(key);
      if (!known && rings.size >= maxSeries) {
        droppedSeries += 1;
        continue;
      }
      const ring = known ?? { metric, labels, points: [] };
      rings.set(key, ring);
      if (!Number.isFinite(value) || atMs <= (ring.points.at(-1)?.[0] ?? Number.NEGATIVE_INFINITY)) continue;
      ring.points.push([atMs, value]);
      if (ring.points.length > samplesPerSeries) ring.points.shift();
    }
  };
  const scrapeOnce = async () => {
    try {
      const answer = await client.send({ path: options.url }, { signal: closing.signal, now: options.now });
      remember(answer.text(), options.now());
      failure = undefined;
    } catch (error) {
      failure = `cannot scrape ${options.url}: ${toTier0Error(error).message}`;
    }
  };
  const scrape = () => {
    running ??= scrapeOnce().finally(() => {
      running = undefined;
    });
    return running;
  };
  return {
    name: 'exposition',
    kinds: ['metrics'],
    start() {
      if (timer || closing.signal.aborted) return;
      void scrape();
      timer = setInterval(() => void scrape(), options.everyMs);
    },
    scrape,
    skipped: () => ({ malformedLines, droppedSeries }),
    async observe(query) {
      if (query.kind !== 'metrics') return { state: 'unavailable', query: query.kind, reason: 'an exposition holds metrics only' };
      const found = [...rings.values()].filter((ring) => ring.metric === query.metric && hasLabels(ring.labels, query.labels));
      if (found.length === 0 && failure) return { state: 'unavailable', query: formatSelector(query), reason: failure };
      const series = found.map((ring) => ({ labels: ring.labels, points: pointsWithin(ring.points, query) }));
      return observeSeries('exposition', query, series);
    },
    async close() {
      clearInterval(timer);
      timer = undefined;
      closing.abort();
      await running;
    },
  };
}
