import type { Calibration, CalibrationBin } from '../arena/calibration.ts';
import type { ArenaReport } from './evaluation-report.ts';
import { html, type Markup } from './markup.ts';
import { numberText, percentText } from './number-text.ts';

const SIZE = 200;
const LEFT = 34;
const BOTTOM = 28;

/** For each tool that states a confidence: how often it was right when it said so. */
export function calibrationPictures({ summary, tools }: ArenaReport): Markup {
  const stated = summary.tools.flatMap(({ tool, rootCause }) =>
    rootCause?.calibration ? [{ tool, calibration: rootCause.calibration }] : [],
  );
  if (stated.length === 0) return html``;
  return html`<h3 id="calibration">When it says 90 %, is it right in 90 %?</h3>
    <p class="hint">A point on the diagonal is honest, above it modest, below it boastful. The area of a point is how often that confidence was stated. Tools that state none are not drawn.</p>
    <div class="plots">${stated.map(({ tool, calibration }) => picture(tools.find(({ id }) => id === tool)?.name ?? tool, calibration))}</div>`;
}

function picture(name: string, { bins, brier, stated }: Calibration): Markup {
  const ticks = [0, 0.5, 1];
  const most = Math.max(...bins.map(({ count }) => count));
  return html`<figure><svg viewBox="0 0 ${SIZE + LEFT + 24} ${SIZE + BOTTOM + 22}" role="img" aria-label="Stated confidence of ${name} against the share that was right">
    ${ticks.map((tick) => html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${y(0)}" y2="${y(1)}"/><line class="grid" x1="${x(0)}" x2="${x(1)}" y1="${y(tick)}" y2="${y(tick)}"/><text class="axis" x="${x(tick)}" y="${y(0) + 16}" text-anchor="middle">${percentText(tick)}</text><text class="axis" x="${LEFT - 5}" y="${y(tick) + 4}" text-anchor="end">${numberText(100 * tick)}</text>`)}
    <line class="whisker" x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" stroke-dasharray="4 4"/>
    ${bins.map((bin) => point(bin, most))}
    </svg><figcaption><b>${name}</b> Brier ${numberText(brier, 3)}, ${stated} stated</figcaption></figure>`;
}

function point({ meanConfidence, right, count }: CalibrationBin, most: number): Markup {
  const radius = 4 + 9 * Math.sqrt(count / most);
  return html`<g><title>said ${percentText(meanConfidence)}, right in ${percentText(right)} of ${count}</title><circle class="share" fill-opacity="0.75" cx="${x(meanConfidence)}" cy="${y(right)}" r="${numberText(radius, 1)}"/></g>`;
}

function x(share: number): number {
  return Math.round((LEFT + share * SIZE) * 10) / 10;
}

function y(share: number): number {
  return Math.round((18 + (1 - share) * SIZE) * 10) / 10;
}
