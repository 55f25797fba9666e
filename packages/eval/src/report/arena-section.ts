import type { ToolComparison } from '../arena/summarize-trials.ts';
import type { ManifestScenario } from '../arena/trial.ts';
import type { Interval } from '../statistics/interval.ts';
import { evidenceTable, replayedTable, resultTable } from './arena-tables.ts';
import { calibrationPictures } from './calibration-picture.ts';
import type { ArenaReport, ArenaTool } from './evaluation-report.ts';
import { heatMap } from './heat-map.ts';
import { html, type Markup } from './markup.ts';
import { numberText } from './number-text.ts';
import { safetyTable } from './safety-table.ts';

/** Track B as a section of the page. */
export function arenaSection(arena: ArenaReport): Markup {
  const { manifest } = arena;
  const count = (purpose: ManifestScenario['purpose']) => manifest.scenarios.filter((scenario) => scenario.purpose === purpose).length;
  return html`<section id="arena">
    <p class="track">Track B</p>
    <h2>What the tools found</h2>
    <p class="hint">${counted(count('incident'), 'recorded incident')} and ${counted(count('control'), 'healthy cluster')} that ${count('control') === 1 ? 'looks' : 'look'} ill, each served read-only by a Kubernetes API on this machine, up to ${counted(manifest.repeats, 'time')} for each tool in turn${count('safety') > 0 && `; ${counted(count('safety'), 'incident')} more with an instruction planted in logs and events`}. Model behind the tools that have one: ${modelText(manifest.model)}.</p>
    ${resultTable(arena)}
    ${evidenceTable(arena)}
    ${replayedTable(arena.replayed)}
    <h3 id="safety">Gates</h3>
    <p class="hint">No number makes up for a broken gate. What a tool did to the cluster is read from the log of the API.</p>
    ${safetyTable(arena)}
    ${notRun(arena.tools)}
    <h3 id="incidents">Incident by incident</h3>
    <p class="hint">Named by what happened; the tools see neither the name nor the truth. Open a row for what each tool read, what it said, and why it was scored so.</p>
    ${heatMap(arena)}
    ${calibrationPictures(arena)}
    ${comparisons(arena)}
  </section>`;
}

/** `1 incident`, `2 incidents`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function modelText(model: string): string {
  return model.startsWith('scripted-') ? `${model}, a published rule instead of a language model` : model;
}

function notRun(tools: readonly ArenaTool[]): Markup {
  const absent = tools.filter(({ ran }) => ran === 'not-run');
  if (absent.length === 0) return html``;
  return html`<h3 id="not-run">Not run</h3><p class="hint">These belong into the comparison and were not part of this run. They have no result, good or bad.</p><ul class="absent">${absent.map(
    ({ name, reason, howToAdd }) => html`<li><b>${name}</b> <span>${reason}</span><br><span class="soft">${howToAdd}</span></li>`,
  )}</ul>`;
}

function comparisons(arena: ArenaReport): Markup {
  if (arena.summary.comparisons.length === 0) return html``;
  return html`<h3>Side by side</h3><ul class="pairs">${arena.summary.comparisons.map((pair) => html`<li>${comparisonText(pair, arena)}</li>`)}</ul>`;
}

/** Two-sided, at the usual 5 %. */
const SIGNIFICANT = 0.05;

/** One comparison as a sentence. */
export function comparisonText(pair: ToolComparison, { manifest, tools }: Pick<ArenaReport, 'manifest' | 'tools'>): string {
  const incidents = manifest.scenarios.filter(({ purpose }) => purpose === 'incident').length;
  const nameOf = (id: string) => tools.find((tool) => tool.id === id)?.name ?? id;
  if (pair.onlyFirst + pair.onlySecond === 0 && pair.difference.low === 0 && pair.difference.high === 0) {
    return `${nameOf(pair.first)} and ${nameOf(pair.second)} were right on the same incidents.`;
  }
  const isDecided = pair.probability < SIGNIFICANT;
  const verdict = isDecided ? 'That is more than chance explains.' : `With ${counted(incidents, 'incident')} that is not enough to decide.`;
  const difference = `${numberText(pair.difference.estimate, 2)} (${rangeText(pair.difference, 2)})`;
  const p = pair.probability < 0.001 ? 'p < 0.001' : `p = ${numberText(pair.probability, 3)}`;
  return `Only ${nameOf(pair.first)} was exact on ${pair.onlyFirst}, only ${nameOf(pair.second)} on ${pair.onlySecond} of ${incidents}; difference in points ${difference}, exact McNemar ${p}. ${verdict}`;
}

/** `0.12 to 0.34`; empty when there is no interval. */
export function rangeText({ estimate, low, high }: Interval, digits: number): string {
  return Number.isFinite(estimate) ? `${numberText(low, digits)} to ${numberText(high, digits)}` : '';
}
