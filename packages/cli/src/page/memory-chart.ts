import { formatBytes, timeOfDay } from '../terminal/format.ts';
import { type Html, html } from './html.ts';
import type { IncidentPageData, PodMemorySeries } from './page-data.ts';

const WIDTH = 1040;
const HEIGHT = 350;
const LEFT = 62;
const RIGHT = 18;
/** The labels of the marks have the rows above the plot to themselves. */
const MARKS = 12;
const TOP = 48;
const BOTTOM = 34;

interface Scale {
  readonly x: (atMs: number) => number;
  readonly y: (bytes: number) => number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly maxBytes: number;
}

/** Memory against the limit, with the forecast band of each pod. Empty when nothing was measured. */
export function memoryChart(data: IncidentPageData): Html {
  const series = data.memory.filter((pod) => pod.points.length > 1);
  if (series.length === 0) return html``;
  const scale = scaleOf(series);
  return html`<section><h2>Memory of ${data.container ?? 'the container'}</h2>
<p class="hint">Dots are samples of resident memory. The band is where memory is heading: the line is the median slope, its edges the 99&nbsp;% interval.</p>
<div class="wide"><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Memory over time with limit and forecast">
${gridOf(scale)}${series.map((pod, index) => podOf(pod, scale, index, series[index + 1]))}${marksOf(data, scale)}
</svg></div>
<p class="legend"><span class="key dot0"></span>before the change${series.length > 1 ? html` <span class="key dot1"></span>after it` : undefined} <span class="key band"></span>forecast <span class="key limit"></span>limit</p></section>`;
}

function scaleOf(series: readonly PodMemorySeries[]): Scale {
  const times = series.flatMap((pod) => pod.points.map(([at]) => at));
  const first = Math.min(...times);
  const measured = Math.max(...times) - first;
  // Forecasts reach far: what was measured keeps a good part of the width.
  const ends = series.map((pod) => pod.band.find((point) => point.middle >= pod.limitBytes)?.atMs ?? first);
  const last = Math.min(Math.max(...times, ...ends), first + measured * 7);
  const maxBytes = 1.12 * Math.max(...series.map((pod) => pod.limitBytes));
  return {
    fromMs: first,
    toMs: last,
    maxBytes,
    x: (atMs) => LEFT + ((atMs - first) / Math.max(1, last - first)) * (WIDTH - LEFT - RIGHT),
    y: (bytes) => HEIGHT - BOTTOM - (Math.max(0, bytes) / maxBytes) * (HEIGHT - TOP - BOTTOM),
  };
}

function gridOf(scale: Scale): Html {
  const levels = [0, 0.25, 0.5, 0.75, 1].map((part) => part * niceCeiling(scale.maxBytes / 1.12));
  const times = [0, 0.2, 0.4, 0.6, 0.8, 1].map((part) => scale.fromMs + part * (scale.toMs - scale.fromMs));
  return html`${levels.map((bytes) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${scale.y(bytes)}" y2="${scale.y(bytes)}"/><text class="axis" x="${LEFT - 8}" y="${scale.y(bytes) + 4}" text-anchor="end">${formatBytes(bytes)}</text>`)}
${times.map((at, index) => html`<text class="axis" x="${scale.x(at)}" y="${HEIGHT - 10}" text-anchor="${index === 0 ? 'start' : index === 5 ? 'end' : 'middle'}">${timeOfDay(new Date(at).toISOString()).slice(0, 5)}</text>`)}`;
}

function niceCeiling(bytes: number): number {
  const step = 2 ** Math.floor(Math.log2(bytes) - 2);
  return Math.ceil(bytes / step) * step;
}

function podOf(pod: PodMemorySeries, scale: Scale, index: number, next: PodMemorySeries | undefined): Html {
  const untilMs = next?.points[0]?.[0] ?? scale.toMs;
  const fromMs = pod.points[0]?.[0] ?? scale.fromMs;
  const clip = `clip${index}`;
  const upper = pod.band.map((point) => `${scale.x(point.atMs).toFixed(1)},${scale.y(point.high).toFixed(1)}`);
  const lower = pod.band.map((point) => `${scale.x(point.atMs).toFixed(1)},${scale.y(point.low).toFixed(1)}`).reverse();
  const middle = pod.band.map((point) => `${scale.x(point.atMs).toFixed(1)},${scale.y(point.middle).toFixed(1)}`);
  const label = next ? 'start' : 'end';
  const labelX = next ? scale.x(fromMs) + 6 : WIDTH - RIGHT - 4;
  return html`<clipPath id="${clip}"><rect x="${LEFT}" y="${TOP}" width="${WIDTH - LEFT - RIGHT}" height="${HEIGHT - TOP - BOTTOM}"/></clipPath>
<g clip-path="url(#${clip})"><polygon class="band band${index}" points="${[...upper, ...lower].join(' ')}"/><polyline class="forecast" points="${middle.join(' ')}"/></g>
${next && html`<line class="limit faded" x1="${scale.x(untilMs)}" x2="${scale.x(scale.toMs)}" y1="${scale.y(pod.limitBytes)}" y2="${scale.y(pod.limitBytes)}"/>`}<line class="limit" x1="${scale.x(fromMs)}" x2="${scale.x(untilMs)}" y1="${scale.y(pod.limitBytes)}" y2="${scale.y(pod.limitBytes)}"/>
<text class="limitLabel" x="${labelX}" y="${scale.y(pod.limitBytes) - 6}" text-anchor="${label}">limit ${formatBytes(pod.limitBytes)}</text>
${pod.points.map(([at, bytes]) => html`<circle class="dot${index === 0 ? 0 : 1}" cx="${scale.x(at).toFixed(1)}" cy="${scale.y(bytes).toFixed(1)}" r="2.4"><title>${formatBytes(bytes)} at ${timeOfDay(new Date(at).toISOString())}, ${pod.pod}</title></circle>`)}`;
}

/** Where a label would leave the picture. */
function isNearRight(x: number): boolean {
  return x > WIDTH - RIGHT - 70;
}

/** Vertical marks where the loop did something. */
function marksOf(data: IncidentPageData, scale: Scale): Html {
  const marks = data.entries.flatMap((entry) => {
    if (entry.phase !== 'done') return [];
    const label = { open: 'detected', reconcile: 'live', verify: 'verified' }[entry.step as string];
    return label ? [{ label, atMs: Date.parse(entry.at) }] : [];
  });
  return html`${marks.map(({ label, atMs }, index) => html`<line class="mark" x1="${scale.x(atMs)}" x2="${scale.x(atMs)}" y1="${MARKS + 13 * (index % 3) - 9}" y2="${HEIGHT - BOTTOM}"/><text class="markLabel" ${isNearRight(scale.x(atMs)) ? html`text-anchor="end" x="${scale.x(atMs) - 4}"` : html`x="${scale.x(atMs) + 4}"`} y="${MARKS + 13 * (index % 3)}">${label}</text>`)}`;
}
