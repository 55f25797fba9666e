import type { ScorecardEntry } from './evaluation-report.ts';
import { html, type Markup } from './markup.ts';
import { numberText, percentText } from './number-text.ts';

const NAME_WIDTH = 158;
const ROW = 30;
const WIDTH = 520;

/** How often each tool came first, second, ... when the weights were drawn anew. */
export function rankPicture(entries: readonly ScorecardEntry[]): Markup {
  const column = (WIDTH - NAME_WIDTH) / entries.length;
  const height = ROW * (entries.length + 1) + 6;
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Share of weight draws in which each tool took each rank">
    ${entries.map((_, rank) => html`<text class="axis" x="${NAME_WIDTH + column * (rank + 0.5)}" y="18" text-anchor="middle">${rank + 1}.</text>`)}
    ${entries.map((entry, row) => rankRow(entry, row, column))}
  </svg>`;
}

function rankRow({ tool, own, stability }: ScorecardEntry, row: number, column: number): Markup {
  const top = ROW * (row + 1);
  return html`<text class="${own ? 'own' : ''}" x="${NAME_WIDTH - 10}" y="${top + 19}" text-anchor="end">${tool.name}</text>
    ${stability.rankProbabilities.map((share, rank) => {
      const x = NAME_WIDTH + column * rank + 1.5;
      const label =
        share >= 0.005 &&
        html`<text class="${share > 0.7 ? 'inverse' : ''}" x="${x + (column - 3) / 2}" y="${top + 18}" text-anchor="middle">${numberText(100 * share)}</text>`;
      return html`<g><title>${tool.name}: rank ${rank + 1} in ${percentText(share)} of the draws</title><rect class="slot" x="${x}" y="${top}" width="${column - 3}" height="${ROW - 3}" rx="4"/><rect class="share" x="${x}" y="${top}" width="${column - 3}" height="${ROW - 3}" rx="4" fill-opacity="${share.toFixed(3)}"/>${label}</g>`;
    })}`;
}

/** The weighted stars with their range over the weight draws, and over what "partial" may be worth. */
export function totalPicture(entries: readonly ScorecardEntry[]): Markup {
  const height = ROW * (entries.length + 1) + 6;
  const ticks = [1, 2, 3, 4, 5];
  return html`<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Weighted stars and how far they move">
    ${ticks.map((stars) => html`<line class="grid" x1="${starX(stars)}" x2="${starX(stars)}" y1="24" y2="${height - 6}"/><text class="axis" x="${starX(stars)}" y="18" text-anchor="middle">${stars} ★</text>`)}
    ${entries.map(totalRow)}
  </svg>`;
}

function totalRow({ tool, own, total, stability }: ScorecardEntry, row: number): Markup {
  const middle = ROW * (row + 1) + 14;
  const [low, high] = stability.totalInterval;
  const [least, most] = stability.partialRange;
  const title = `${tool.name}: ${numberText(total, 2)} stars; ${numberText(low, 2)} to ${numberText(high, 2)} over the weights; ${numberText(least, 2)} to ${numberText(most, 2)} when partial is worth 0.25 to 0.75`;
  return html`<g><title>${title}</title><text class="${own ? 'own' : ''}" x="${NAME_WIDTH - 10}" y="${middle + 5}" text-anchor="end">${tool.name}</text>
    <line class="whisker" x1="${starX(least)}" x2="${starX(most)}" y1="${middle}" y2="${middle}"/>
    <rect class="range" x="${starX(low)}" y="${middle - 6}" width="${starX(high) - starX(low)}" height="12" rx="6"/>
    <circle class="dot" cx="${starX(total)}" cy="${middle}" r="4.5"/></g>`;
}

function starX(stars: number): number {
  const right = 22;
  return Math.round((NAME_WIDTH + 8 + ((stars - 1) / 4) * (WIDTH - NAME_WIDTH - right - 8)) * 10) / 10;
}
