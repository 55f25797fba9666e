import type { LiveOnSameClusters, RecordedResult } from '../arena/score-recording.ts';
import type { EvidenceSummary, RootCauseSummary, SuiteSummary, ToolSummary } from '../arena/summarize-trials.ts';
import { SAFETY_GATES } from '../arena/trial.ts';
import type { Interval } from '../statistics/interval.ts';
import type { ArenaReport, ArenaTool } from './evaluation-report.ts';
import { html, type Markup } from './markup.ts';
import { bytesText, numberText, percentText } from './number-text.ts';

/** Live tools that were asked for root causes, best first. */
export function resultTable(tools: readonly ArenaTool[], suite: SuiteSummary): Markup {
  const rows = liveRows(tools, suite).filter(({ summary }) => summary.rootCause !== undefined);
  rows.sort(
    (a, b) =>
      solved(b.summary) - solved(a.summary) ||
      b.summary.rootCause!.found.count - a.summary.rootCause!.found.count ||
      a.summary.rootCause!.falseAlarms.raised - b.summary.rootCause!.falseAlarms.raised,
  );
  if (rows.length === 0) return html`<p>No tool that names root causes was run.</p>`;
  return html`<div class="wide"><table class="sortable"><thead><tr><th class="stick">Tool</th><th>Exact, every time</th><th>True cause among what it said</th><th>Points</th><th class="num">False alarms</th>${hasRepairs(rows) && html`<th class="num">Repair holds</th>`}<th class="num">Place named</th><th class="num">Shown per cause</th><th class="num">Grounded</th><th class="num">Brier</th><th class="num">Gates</th><th class="num">API reads</th><th class="num">Median ms</th></tr></thead><tbody>${rows.map(
    (row) => resultRow(row, hasRepairs(rows)),
  )}</tbody></table></div>`;
}

interface LiveRow {
  readonly tool: ArenaTool;
  readonly summary: ToolSummary;
}

/** Where no edit is known that people would accept, nothing can be said about repairs. */
function hasRepairs(rows: readonly LiveRow[]): boolean {
  return rows.some(({ summary }) => summary.rootCause?.fixes !== undefined);
}

function liveRows(tools: readonly ArenaTool[], summary: SuiteSummary): LiveRow[] {
  return tools.flatMap((tool) => {
    const own = tool.ran === 'live' ? summary.tools.find((one) => one.tool === tool.id) : undefined;
    return own ? [{ tool, summary: own }] : [];
  });
}

function solved({ rootCause }: ToolSummary): number {
  return rootCause?.exact.solved ?? 0;
}

function resultRow({ tool, summary }: LiveRow, showsRepairs: boolean): Markup {
  const cause = summary.rootCause as RootCauseSummary;
  const { exact, points, falseAlarms, fixes, claims, calibration } = cause;
  const alarm = falseAlarms.raised > 0 ? 'bad' : falseAlarms.controls > 0 ? 'good' : '';
  return html`<tr class="${tool.kind}">${nameCell(tool)}
    <td data-sort="${exact.solved}"><span class="value">${exact.solved} / ${exact.incidents}</span> ${intervalBar(exact.rate)}<small>${intervalText(exact.rate)}${cause.exactOnce > exact.solved && `; ${cause.exactOnce} at least once`}</small></td>
    <td data-sort="${cause.found.count}"><span class="value">${cause.found.count} / ${exact.incidents}</span> ${intervalBar(cause.found.rate)}<small>${intervalText(cause.found.rate)}</small></td>
    <td data-sort="${numberText(points.estimate, 4)}"><span class="value">${numberText(points.estimate, 2)}</span><small>pass@1 ${percentText(cause.passAt1.estimate)}</small></td>
    <td class="num ${alarm}" data-sort="${falseAlarms.raised}">${falseAlarms.raised} / ${falseAlarms.controls}</td>
    ${showsRepairs && html`<td class="num" data-sort="${fixes?.firstHolds.count ?? -1}">${fixes ? html`${fixes.firstHolds.count} / ${fixes.incidents}<small>${fixes.offered} proposed</small>` : html`<span class="soft">proposes none</span>`}</td>`}
    <td class="num" data-sort="${cause.placeNamed}">${cause.placeNamed} / ${exact.incidents}</td>
    <td class="num" data-sort="${numberText(cause.findingsPerRootCause, 3)}">${numberText(cause.findingsPerRootCause, 1)}</td>
    <td class="num" data-sort="${numberText(claims.grounded / Math.max(1, claims.made), 4)}">${claims.made === 0 ? '–' : percentText(claims.grounded / claims.made)}</td>
    <td class="num" data-sort="${numberText(calibration?.brier ?? 9, 4)}">${calibration ? numberText(calibration.brier, 3) : html`<span class="soft">states none</span>`}</td>
    ${gateCell(summary)}${costCells(summary)}</tr>`;
}

function nameCell({ name, version, kind, model }: ArenaTool): Markup {
  const label = { own: 'ours', baseline: 'baseline', peer: '' }[kind];
  return html`<th class="stick" scope="row">${name}<small>${version}${label !== '' && html` · <em>${label}</em>`}${model !== undefined && html` · with model`}</small></th>`;
}

function gateCell({ safety }: ToolSummary): Markup {
  const broken = SAFETY_GATES.filter((gate) => safety.broken[gate] > 0);
  return html`<td class="num ${broken.length > 0 ? 'bad' : 'good'}" data-sort="${broken.length}">${broken.length === 0 ? 'held' : `${broken.length} broken`}</td>`;
}

function costCells({ requests, model, wallMs, cpuMs, failedTrials }: ToolSummary): Markup {
  return html`<td class="num" data-sort="${numberText(requests.reads, 2)}">${numberText(requests.reads, 0)}<small>${bytesText(requests.bytes)}${model && html`<br>${numberText(model.inputTokens / 1000, 1)}k tokens`}</small></td>
    <td class="num" data-sort="${numberText(wallMs, 1)}">${numberText(wallMs, 0)}<small>${numberText(cpuMs, 0)} CPU${failedTrials > 0 && html` · <em class="bad">${failedTrials} failed</em>`}</small></td>`;
}

/** Live sets of tools without a model. */
export function evidenceTable(tools: readonly ArenaTool[], suite: SuiteSummary): Markup {
  const rows = liveRows(tools, suite).filter(({ summary }) => summary.evidence !== undefined);
  if (rows.length === 0) return html``;
  return html`<h4>Sets of tools without a model: what they reach</h4>
    <p class="hint">MCP servers bring tools and no conclusions. Their root cause was not asked; a published call script asks what a model would get to read.</p>
    <div class="wide"><table class="sortable"><thead><tr><th class="stick">Server</th><th>True object in what it returned</th><th>Words that map to the true cause</th><th class="num">Root cause</th><th class="num">Characters to read</th><th class="num">Gates</th><th class="num">API reads</th><th class="num">Median ms</th></tr></thead><tbody>${rows.map(evidenceRow)}</tbody></table></div>
`;
}

function evidenceRow({ tool, summary }: LiveRow): Markup {
  const { places, words, incidents, characters } = summary.evidence as EvidenceSummary;
  const cell = ({ count, rate }: { readonly count: number; readonly rate: Interval }) =>
    html`<td data-sort="${count}"><span class="value">${count} / ${incidents}</span> ${intervalBar(rate)}<small>${intervalText(rate)}</small></td>`;
  return html`<tr>${nameCell(tool)}${cell(places)}${cell(words)}<td class="num soft">not asked</td>
    <td class="num" data-sort="${numberText(characters, 0)}">${numberText(characters / 1000, 1)}k</td>${gateCell(summary)}${costCells(summary)}</tr>`;
}

/** Recorded answers, each with what live tools said about the same clusters. */
export function replayedTable({ replayed, tools }: Pick<ArenaReport, 'replayed' | 'tools'>): Markup {
  if (replayed.length === 0) return html``;
  return html`<h3 id="replayed">Answers that were recorded, replayed</h3>
    <p class="hint">Given when the clusters lived, by a tool that this run need not have. Every result is an accusation; a fault counts as named when an accepted object of it is accused in a text with a telling word. Remarks about security are counted apart. Below each: what the live tools said of the same clusters at the same moment, by the same rule.</p>
    <div class="wide"><table><thead><tr><th class="stick">Tool</th><th>Fault named</th><th class="num">Accusations per fault</th><th class="num">False alarms</th><th>Recorded</th></tr></thead><tbody>${replayed.map((one) => [replayedRow(one), ...one.sameClusters.map((live) => sameClustersRow(live, tools))])}</tbody></table></div>
    ${replayed.map(replayedDetails)}`;
}

function sameClustersRow({ tool: id, ...tallies }: LiveOnSameClusters, tools: readonly ArenaTool[]): Markup {
  const tool = tools.find((one) => one.id === id);
  return html`<tr class="${tool?.kind}"><th class="stick" scope="row">${tool?.name ?? id}<small>live${tool?.kind === 'own' && html` · <em>ours</em>`}</small></th>${tallyCells(tallies)}<td class="soft">this run</td></tr>`;
}

function tallyCells({
  named,
  accusationsPerFault,
  falseAlarms,
}: Pick<RecordedResult, 'named' | 'accusationsPerFault' | 'falseAlarms'>): Markup {
  return html`<td><span class="value">${named.count} / ${named.faults}</span> ${intervalBar(named.rate)}<small>${intervalText(named.rate)}</small></td>
    <td class="num">${numberText(accusationsPerFault, 1)}</td>
    <td class="num ${falseAlarms.raised > 0 ? 'bad' : 'good'}">${falseAlarms.raised} / ${falseAlarms.controls}</td>`;
}

function replayedRow(recording: RecordedResult): Markup {
  const { name, version, date, machine, command } = recording;
  return html`<tr><th class="stick" scope="row">${name}<small>${version} · <em>replayed</em></small></th>${tallyCells(recording)}
    <td class="wrap">${date}<small class="wrap"><code>${command}</code><br>${machine}</small></td></tr>`;
}

function replayedDetails({ name, entries, worlds }: RecordedResult): Markup {
  return html`<details><summary>What ${name} said, world by world</summary><p class="hint">${worlds}</p><ul class="said-list">${entries.map(
    ({ title, faults, named, said, remarks }) => {
      const mark = faults === 0 ? (said.length === 0 ? 'good' : 'bad') : named === faults ? 'good' : 'bad';
      return html`<li><b>${title}</b> <span class="${mark}">${faults === 0 ? (said.length === 0 ? 'silent, as it should be' : 'false alarm') : `${named} of ${faults} named`}</span>${remarks > 0 && html` <span class="soft">${remarks} remarks about security</span>`}${said.map((line) => html`<span class="said">${line}</span>`)}</li>`;
    },
  )}</ul></details>`;
}

/** What a language model thought of the prose: apart from everything else, with its name. */
export function judgedTable({ judged, tools }: Pick<ArenaReport, 'judged' | 'tools'>): Markup {
  if (judged === undefined) return html``;
  return html`<h3 id="judged">Prose, judged by ${judged.judge}</h3>
    <p class="hint">A language model graded how clearly each tool explained what it found, 0 to 1. It is one opinion, decides nothing above, and cannot be computed again.</p>
    <div class="wide"><table><thead><tr><th class="stick">Tool</th><th class="num">Grade by ${judged.judge}</th><th class="num">Explanations</th><th class="num">Not readable</th></tr></thead><tbody>${judged.tools.map(
      ({ tool, mean, judged: count, unreadable }) =>
        html`<tr><th class="stick" scope="row">${tools.find(({ id }) => id === tool)?.name ?? tool}</th><td class="num">${numberText(mean, 2)}</td><td class="num">${count}</td><td class="num">${unreadable}</td></tr>`,
    )}</tbody></table></div>`;
}

/** An estimate with its interval as a small bar from 0 to 1. */
export function intervalBar({ estimate, low, high }: Interval): Markup {
  if (!Number.isFinite(estimate)) return html``;
  const x = (share: number) => Math.round(4 + 92 * Math.min(1, Math.max(0, share)));
  return html`<svg class="bar" viewBox="0 0 100 14" aria-hidden="true"><line class="grid" x1="4" x2="96" y1="7" y2="7"/><rect class="range" x="${x(low)}" y="4" width="${Math.max(1, x(high) - x(low))}" height="6" rx="3"/><circle class="dot" cx="${x(estimate)}" cy="7" r="4"/></svg>`;
}

/** `12 % to 34 %`. */
export function intervalText({ low, high }: Interval): string {
  return `${percentText(low)} to ${percentText(high)}`;
}
