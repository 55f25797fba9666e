import type { CapabilityRow, Cell, CellEvidence } from '../scorecard/capabilities.ts';
import { isCapped } from '../scorecard/score-capabilities.ts';
import type { ArenaTool, ScorecardEntry, ScorecardReport } from './evaluation-report.ts';
import { html, type Markup } from './markup.ts';
import { numberText, percentText, placeText } from './number-text.ts';
import { rankPicture, totalPicture } from './rank-picture.ts';
import { dimensionTable, probeTable, toolCharts } from './scorecard-extras.ts';

/** Track A as a section of the page. */
export function scorecardSection(scorecard: ScorecardReport, tools: readonly ArenaTool[]): Markup {
  return html`<section id="scorecard">
    <p class="track">Track A</p>
    <h2>What the tools cover</h2>
    <p class="hint">${scorecard.rows.length} capabilities, rated from code and documents. Stars run from 1 to 5; “checked” is the share of cells that rest on
    code or a measurement. A cell known from documentation alone counts as partial. Places that the evidence cannot tell apart are ties.</p>
    <div class="wide">${starTable(scorecard)}</div>
    ${notes(scorecard.entries)}
    ${toolCharts(scorecard)}
    ${dimensionTable(scorecard)}
    <h3>How firm is the order?</h3>
    <p class="hint">Nobody knows the right weights, so they were drawn anew ${scorecard.draws.toLocaleString('en')} times around the stated ones (seed ${scorecard.seed}).
    Left: how often, in per cent, a tool took a rank. Right: how far its stars move; the band is 95 % of the draws, the thin line is “partial” worth 0.25 to 0.75.</p>
    <div class="two"><div>${rankPicture(scorecard.entries)}</div><div>${totalPicture(scorecard.entries)}</div></div>
    <p class="hint">Rank when one criterion is left out:</p><div class="wide">${leaveOneOut(scorecard)}</div>
    ${probeTable(scorecard, tools)}
    <h3>Cell by cell</h3>
    <p class="hint legend">${cellMark('yes')} yes ${cellMark('partial')} partial ${cellMark('no')} no ${cellMark('not-applicable')} does not apply
    <span class="soft">Open a row for the evidence.</span></p>
    <div class="wide">${scorecard.criteria.map(({ id, name }) => criterionRows(scorecard, id, name))}</div>
  </section>`;
}

function starTable({ criteria, entries }: ScorecardReport): Markup {
  return html`<table class="stars-table sortable"><thead><tr><th class="stick">Tool</th><th class="num">Place</th><th>Weighted</th>${criteria.map(
    ({ name, weight }) => html`<th>${name} <span class="soft">${percentText(weight)}</span></th>`,
  )}</tr></thead><tbody>${entries.map(starRow)}</tbody></table>`;
}

function starRow(entry: ScorecardEntry): Markup {
  const { tool, own, stability, total, coverage, criteria, staleDays } = entry;
  const [first, last] = stability.place;
  return html`<tr class="${own ? 'own' : ''}"><th class="stick" scope="row">${tool.name}<small>${tool.version}${staleDays !== undefined && html` · <em class="stale">snapshot ${staleDays} days old</em>`}${own && html` · <em>ours</em>`}</small></th>
    <td class="num place">${placeText(stability.place)}${first !== last && html`<small>tie</small>`}</td>
    <td>${stars(total)}<small>${percentText(coverage)} checked</small></td>
    ${criteria.map((score) => html`<td>${stars(score.stars)}<small>${percentText(score.coverage)} checked</small></td>`)}</tr>`;
}

function stars(value: number | undefined): Markup {
  if (value === undefined) return html`<span class="soft">does not apply</span>`;
  return html`<span class="value">${numberText(value, 1)}</span> <span class="stars" style="--fill:${numberText((100 * value) / 5, 1)}%" aria-hidden="true">★★★★★</span>`;
}

function notes(entries: readonly ScorecardEntry[]): Markup {
  const changed = entries.filter(({ cappedCells }) => cappedCells > 0);
  if (changed.length === 0) return html``;
  const texts = changed.map(
    ({ tool, cappedCells, total, totalAsRated }) =>
      `${tool.name} ${numberText(totalAsRated, 2)} instead of ${numberText(total, 2)} (${cappedCells} ${cappedCells === 1 ? 'cell' : 'cells'})`,
  );
  return html`<p class="hint">Taking documentation at its word instead would give: ${texts.join(', ')}.</p>`;
}

function leaveOneOut({ criteria, entries }: ScorecardReport): Markup {
  return html`<table><thead><tr><th class="stick">Tool</th>${criteria.map(({ name }) => html`<th class="num">without ${name}</th>`)}</tr></thead><tbody>${entries.map(
    ({ tool, stability }) =>
      html`<tr><th class="stick" scope="row">${tool.name}</th>${criteria.map(({ id }) => html`<td class="num">${stability.rankWithout[id]}</td>`)}</tr>`,
  )}</tbody></table>`;
}

function criterionRows({ rows, entries }: ScorecardReport, criterion: string, name: string): Markup {
  const own = rows.filter((row) => row.criterion === criterion);
  return html`<div class="heat" style="--tools:${entries.length}"><div class="heat-line heat-head"><span class="heat-text">${name}</span>${entries.map(
    ({ tool }) => html`<span class="heat-tool">${shortName(tool.name)}</span>`,
  )}</div>${own.map((row) => heatRow(row, entries))}</div>`;
}

/** Long names break at their hyphens. */
function shortName(name: string): Markup {
  return html`${name.split('-').flatMap((part, index) => (index === 0 ? [part] : [html`-<wbr>`, part]))}`;
}

function heatRow(row: CapabilityRow, entries: readonly ScorecardEntry[]): Markup {
  return html`<details class="heat-row"><summary class="heat-line"><span class="heat-text">${row.text}</span>${entries.map(({ tool }) =>
    cellMark(row.cells[tool.id]!.value, `${tool.name}: ${row.cells[tool.id]!.value}`),
  )}</summary>${row.motivation !== undefined && html`<p class="hint why">${row.motivation} <b>Yes means:</b> ${row.decided}</p>`}<dl class="evidence">${entries.map(({ tool }) => cellEvidence(tool.name, row.cells[tool.id]!))}</dl></details>`;
}

const MARKS = { yes: '●', partial: '◐', no: '○', 'not-applicable': '–', unknown: '?' } as const;

function cellMark(value: Cell['value'], label?: string): Markup {
  return html`<span class="cell ${value}" ${label !== undefined && html`title="${label}"`}>${MARKS[value]}</span>`;
}

function cellEvidence(name: string, cell: Cell): Markup {
  const capped = isCapped(cell) && html` <em>counted as partial: documentation only</em>`;
  const basis = cell.basis === 'absence' ? (cell.value === 'no' ? 'looked for, not found' : '') : cell.basis;
  return html`<dt>${cellMark(cell.value)} ${name}</dt><dd>${cell.note} ${basis !== '' && html`<span class="basis">${basis}</span>`}${capped}
    ${cell.evidence.map((evidence) => html`<span class="source">${evidenceLink(evidence)}</span>`)} <span class="soft rated">${cell.date}, ${cell.rater}</span></dd>`;
}

function evidenceLink({ repository, commit, path }: CellEvidence): Markup {
  if (repository === undefined) return html`<code>${path}</code>`;
  const address = `https://github.com/${repository}/blob/${commit}/${path}`;
  return html`<a href="${address}" rel="noreferrer"><code>${path}</code></a>`;
}
