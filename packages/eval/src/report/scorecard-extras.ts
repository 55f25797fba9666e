import type { BuildingBlock, Need, Stack } from '../scorecard/building-blocks.ts';
import { PROBES, type ProbeFinding } from '../scorecard/probes.ts';
import type { ArenaTool, ScorecardEntry, ScorecardReport, StackReport } from './evaluation-report.ts';
import { html, type Markup } from './markup.ts';
import { numberText } from './number-text.ts';

/** The rows seen by dimension instead of by criterion: stars without weights. */
export function dimensionTable({ dimensions, entries }: ScorecardReport): Markup {
  if (dimensions.length === 0) return html``;
  return html`<h3>The same rows by dimension</h3><p class="hint">A second way to look at them, without weights and without a sum.</p>
    <div class="wide"><table class="sortable"><thead><tr><th class="stick">Tool</th>${dimensions.map(({ name }) => html`<th>${name}</th>`)}</tr></thead><tbody>${entries.map(
      ({ tool, own, dimensions: scores }) =>
        html`<tr class="${own ? 'own' : ''}"><th class="stick" scope="row">${tool.name}</th>${scores.map(({ stars, cells }) => html`<td data-sort="${numberText(stars ?? 0, 3)}">${bar(stars)}<small>${cells} rows</small></td>`)}</tr>`,
    )}</tbody></table></div>`;
}

/** One small chart for each tool: a bar for each criterion. */
export function toolCharts({ criteria, entries }: ScorecardReport): Markup {
  return html`<h3>Tool by tool</h3><div class="charts">${entries.map(
    ({ tool, own, criteria: scores }: ScorecardEntry) =>
      html`<figure class="chart ${own ? 'own' : ''}"><figcaption><b>${tool.name}</b></figcaption>${scores.map(
        ({ criterion, stars }) =>
          html`<div class="chart-row"><span>${criteria.find(({ id }) => id === criterion)?.name}</span>${bar(stars)}</div>`,
      )}</figure>`,
  )}</div>`;
}

function bar(stars: number | undefined): Markup {
  if (stars === undefined) return html`<span class="soft">does not apply</span>`;
  return html`<span class="meter"><span style="width:${numberText((100 * (stars - 1)) / 4, 1)}%"></span></span> <span class="value">${numberText(stars, 1)}</span>`;
}

/** What programs looked at. */
export function probeTable({ probes }: Pick<ScorecardReport, 'probes'>, tools: readonly ArenaTool[]): Markup {
  if (probes.length === 0) return html``;
  const looked = probes.filter(({ row }) => row !== undefined);
  const ids = [...new Set(probes.filter(({ row }) => row === undefined).map(({ tool }) => tool))];
  const nameOf = (id: string) => tools.find((tool) => tool.id === id)?.name ?? id;
  return html`<h3 id="probes">Probes</h3><p class="hint">Checks that a program made in this run. Where one decides a cell, the cell says “measured”.</p>
    <div class="wide"><table class="probes"><thead><tr><th class="stick">Probe</th>${ids.map((id) => html`<th>${nameOf(id)}</th>`)}</tr></thead><tbody>${PROBES.map(
      ({ id, motivation, implementation }) =>
        html`<tr><th class="stick" scope="row">${id.replaceAll('-', ' ')}<small class="wrap">${motivation} ${implementation}</small></th>${ids.map((tool) => outcomeCell(probes.find((one) => one.probe === id && one.tool === tool)))}</tr>`,
    )}</tbody></table></div>${lookedTable(looked)}`;
}

/** Probes of programs, servers and manifests. */
function lookedTable(looked: readonly ProbeFinding[]): Markup {
  if (looked.length === 0) return html``;
  return html`<p class="hint">And of programs, servers and manifests; what is not on this machine decides nothing.</p>
    <div class="wide"><table class="probes"><thead><tr><th class="stick">Probe</th><th>Decides</th><th>Seen</th></tr></thead><tbody>${looked.map(
      (finding) =>
        html`<tr><th class="stick" scope="row">${finding.probe.replaceAll('-', ' ')}<small class="wrap">${finding.motivation}</small></th><td>${finding.tool}<small>${finding.row}</small></td>${outcomeCell(finding)}</tr>`,
    )}</tbody></table></div>`;
}

const OUTCOMES = { True: ['good', 'yes'], False: ['bad', 'no'], NotAvailable: ['soft', 'nothing to look at'] } as const;

function outcomeCell(finding: ProbeFinding | undefined): Markup {
  if (finding === undefined) return html`<td></td>`;
  // A dry run is an ability; a tool without one has broken nothing.
  const isAbility = finding.probe === 'tries-dry-run' || finding.row !== undefined;
  const [tone, word] = OUTCOMES[finding.outcome];
  return html`<td class="${isAbility && finding.outcome === 'False' ? 'soft' : tone}">${word}<small class="wrap">${finding.message}</small></td>`;
}

/** The blocks a platform is put together from, and which set covers the needs with the least integration. */
export function stackSection({ needs, blocks, stacks }: StackReport): Markup {
  return html`<section id="stack"><h2>What to put together</h2>
    <p class="hint">No tool above is a platform. These blocks stand beside them; ${blocks.filter(({ connected }) => connected !== undefined).length} of ${blocks.length} are connected to tier0 today. Read from documentation: a hint, not a measurement. <code>tier0 eval stack --need ID</code> composes for needs of your own.</p>
    <div class="wide"><table><thead><tr><th class="stick">Need</th>${blocks.map(({ name, effort }) => html`<th class="mid">${name}<small>effort ${effort}</small></th>`)}</tr></thead><tbody>${needs.map(
      ({ id, name }) =>
        html`<tr><th class="stick" scope="row">${name}</th>${blocks.map(({ covers }) => html`<td class="mid">${coverMark(covers[id])}</td>`)}</tr>`,
    )}<tr><th class="stick" scope="row">tier0 connects</th>${blocks.map(({ connected }) => html`<td class="mid">${connected === undefined ? html`<span class="soft">no</span>` : html`<span class="good" title="${connected}">yes</span>`}</td>`)}</tr></tbody></table></div>
    <h3>For all needs together</h3><ul class="pairs">${stacks.map((stack) => html`<li>${stackText(stack, needs)}</li>`)}</ul></section>`;
}

function coverMark(cover: BuildingBlock['covers'][string] | undefined): Markup {
  if (cover === undefined) return html``;
  return html`<span class="cell ${cover}">${cover === 'yes' ? '●' : '◐'}</span>`;
}

/** One set as a sentence. */
export function stackText({ blocks, partial, missing, integration }: Stack, needs: readonly Need[]): string {
  const names = (ids: readonly string[]) => ids.map((id) => needs.find((need) => need.id === id)?.name ?? id).join(', ');
  const connected = blocks.filter(({ connected: path }) => path !== undefined).map(({ name }) => name);
  const open = [partial.length > 0 && `in part only: ${names(partial)}`, missing.length > 0 && `not covered: ${names(missing)}`].filter(
    Boolean,
  );
  const told = open.length > 0 ? ` ${open.join('; ')}.` : ' Everything is covered.';
  const set = blocks.length === 0 ? 'nothing' : blocks.map(({ name }) => name).join(' + ');
  return `${set}: integration ${integration}${connected.length > 0 ? `, of which tier0 already reads ${connected.join(' and ')}` : ''}.${told}`;
}
