import { formatBytes, timeOfDay } from '../terminal/format.ts';
import { type Html, html } from './html.ts';
import type { IncidentPageData, PodMemorySeries } from './page-data.ts';

/** Size of a picture in its own units, which are pixels where it is shown whole; a telephone gets one of its own, with letters as large. */
interface Frame {
  readonly name: 'broad' | 'slim';
  readonly width: number;
  readonly height: number;
  /** Times along the axis. */
  readonly times: number;
}

const FRAMES: readonly Frame[] = [
  { name: 'broad', width: 1040, height: 380, times: 6 },
  { name: 'slim', width: 340, height: 300, times: 3 },
];
const LEFT = 62;
const RIGHT = 18;
/** The labels of the marks have the rows above the plot to themselves. */
const MARKS = 12;
const TOP = 48;
const BOTTOM = 34;

interface Scale extends Frame {
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
  return html`<section><h2>Memory of ${data.container ?? 'the container'}</h2>
<p class="hint">Dots are samples of resident memory. The band is where memory is heading: the line is the median slope, its edges the 99&nbsp;% interval.</p>
${FRAMES.map((frame) => pictureOf(data, series, scaleOf(series, frame)))}
<p class="legend">${keysOf(series.length).map(([look, word]) => html`<span class="entry"><span class="key ${look}"></span>${word}</span> `)}</p></section>`;
}

function keysOf(pods: number): readonly (readonly [string, string])[] {
  const measured: readonly (readonly [string, string])[] =
    pods > 1
      ? [
          ['dot0', 'before the change'],
          ['dot1', 'after it'],
        ]
      : [['dot0', 'measured']];
  return [...measured, ['band', 'forecast'], ['limit', 'limit']];
}

function pictureOf(data: IncidentPageData, series: readonly PodMemorySeries[], scale: Scale): Html {
  const { name, width, height } = scale;
  return html`<svg class="${name}" viewBox="0 0 ${width} ${height}" role="img" aria-label="Memory over time with limit and forecast">
${gridOf(scale)}${marksOf(data, scale)}${series.map((pod, index) => podOf(pod, scale, index, series[index + 1]))}
</svg>`;
}

function scaleOf(series: readonly PodMemorySeries[], frame: Frame): Scale {
  const times = series.flatMap((pod) => pod.points.map(([at]) => at));
  const first = Math.min(...times);
  const measured = Math.max(...times) - first;
  // The story is how the first limit would have been reached; forecasts and limits beyond it end at the edge of the picture.
  const [before] = series;
  const reached = before?.band.find((point) => point.middle >= before.limitBytes)?.atMs ?? first;
  const last = first + Math.max(measured * 1.4, Math.min(1.06 * (reached - first), measured * 7));
  const peak = Math.max(...series.flatMap((pod) => pod.points.map(([, bytes]) => bytes)));
  const maxBytes = 1.12 * Math.max(before?.limitBytes ?? 0, peak);
  const { width, height } = frame;
  return {
    ...frame,
    fromMs: first,
    toMs: last,
    maxBytes,
    x: (atMs) => LEFT + ((atMs - first) / Math.max(1, last - first)) * (width - LEFT - RIGHT),
    y: (bytes) => height - BOTTOM - (Math.max(0, bytes) / maxBytes) * (height - TOP - BOTTOM),
  };
}

function gridOf(scale: Scale): Html {
  const { width, height } = scale;
  const levels = [0, 0.25, 0.5, 0.75, 1]
    .map((part) => part * niceCeiling(scale.maxBytes / 1.12))
    .filter((bytes) => bytes <= scale.maxBytes);
  const steps = scale.times - 1;
  const times = Array.from({ length: scale.times }, (_, step) => scale.fromMs + (step / steps) * (scale.toMs - scale.fromMs));
  return html`${levels.map((bytes) => html`<line class="grid" x1="${LEFT}" x2="${width - RIGHT}" y1="${scale.y(bytes)}" y2="${scale.y(bytes)}"/><text class="axis" x="${LEFT - 8}" y="${scale.y(bytes) + 4}" text-anchor="end">${formatBytes(bytes)}</text>`)}
${times.map((at, index) => html`<text class="axis" x="${scale.x(at)}" y="${height - 10}" text-anchor="${index === 0 ? 'start' : index === steps ? 'end' : 'middle'}">${timeOfDay(new Date(at).toISOString()).slice(0, 5)}</text>`)}`;
}

function niceCeiling(bytes: number): number {
  const step = 2 ** Math.floor(Math.log2(bytes) - 2);
  return Math.ceil(bytes / step) * step;
}

function podOf(pod: PodMemorySeries, scale: Scale, index: number, next: PodMemorySeries | undefined): Html {
  const { width, height } = scale;
  const clip = `clip-${scale.name}-${index}`;
  const upper = pod.band.map((point) => `${scale.x(point.atMs).toFixed(1)},${scale.y(point.high).toFixed(1)}`);
  const lower = pod.band.map((point) => `${scale.x(point.atMs).toFixed(1)},${scale.y(point.low).toFixed(1)}`).reverse();
  const middle = pod.band.map((point) => `${scale.x(point.atMs).toFixed(1)},${scale.y(point.middle).toFixed(1)}`);
  return html`<clipPath id="${clip}"><rect x="${LEFT}" y="${TOP}" width="${width - LEFT - RIGHT}" height="${height - TOP - BOTTOM}"/></clipPath>
<g clip-path="url(#${clip})"><polygon class="band band${index}" points="${[...upper, ...lower].join(' ')}"/><polyline class="forecast" points="${middle.join(' ')}"/></g>
${limitOf(pod, scale, { isFirst: index === 0, next })}
${pod.points.map(([at, bytes]) => html`<circle class="dot${index === 0 ? 0 : 1}" cx="${scale.x(at).toFixed(1)}" cy="${scale.y(bytes).toFixed(1)}" r="2.4"><title>${formatBytes(bytes)} at ${timeOfDay(new Date(at).toISOString())}, ${pod.pod}</title></circle>`)}`;
}

/** The limit while it held, faded afterwards; one that lies above the picture is said at its upper edge. */
function limitOf(
  pod: PodMemorySeries,
  scale: Scale,
  { isFirst, next }: { readonly isFirst: boolean; readonly next: PodMemorySeries | undefined },
): Html {
  const isAbove = pod.limitBytes > scale.maxBytes;
  const y = isAbove ? TOP : scale.y(pod.limitBytes);
  const from = scale.x(pod.points[0]?.[0] ?? scale.fromMs);
  const until = scale.x(next?.points[0]?.[0] ?? scale.toMs);
  const right = scale.width - RIGHT;
  const label = `${isFirst ? 'limit' : 'limit now'} ${formatBytes(pod.limitBytes)}${isAbove ? ', above' : ''}`;
  return html`${next && html`<line class="limit faded" x1="${until}" x2="${right}" y1="${y}" y2="${y}"/>`}<line class="limit" x1="${from}" x2="${next ? until : right}" y1="${y}" y2="${y}"/>
<text class="limitLabel" x="${isFirst ? LEFT + 6 : right - 4}" y="${y + 15}" text-anchor="${isFirst ? 'start' : 'end'}">${label}</text>`;
}

/** Where a label would leave the picture. */
function isNearRight(x: number, { width }: Frame): boolean {
  return x > width - RIGHT - 70;
}

/** Vertical marks where the loop did something. */
function marksOf(data: IncidentPageData, scale: Scale): Html {
  const marks = data.entries.flatMap((entry) => {
    if (entry.phase !== 'done') return [];
    const label = { open: 'detected', reconcile: 'live', verify: 'verified' }[entry.step as string];
    return label ? [{ label, atMs: Date.parse(entry.at) }] : [];
  });
  return html`${marks.map(({ label, atMs }, index) => html`<line class="mark" x1="${scale.x(atMs)}" x2="${scale.x(atMs)}" y1="${MARKS + 13 * (index % 3) - 9}" y2="${scale.height - BOTTOM}"/><text class="markLabel" ${isNearRight(scale.x(atMs), scale) ? html`text-anchor="end" x="${scale.x(atMs) - 4}"` : html`x="${scale.x(atMs) + 4}"`} y="${MARKS + 13 * (index % 3)}">${label}</text>`)}`;
}
