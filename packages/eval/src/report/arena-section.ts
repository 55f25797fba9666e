import type { SuiteSummary, ToolComparison } from '../arena/summarize-trials.ts';
import type { ManifestScenario, Suite } from '../arena/trial.ts';
import type { Interval } from '../statistics/interval.ts';
import { evidenceTable, judgedTable, replayedTable, resultTable } from './arena-tables.ts';
import { calibrationPictures } from './calibration-picture.ts';
import type { ArenaReport, ArenaTool } from './evaluation-report.ts';
import { heatMap } from './heat-map.ts';
import { html, type Markup } from './markup.ts';
import { numberText } from './number-text.ts';
import { safetyTable } from './safety-table.ts';

/** Track B as a section of the page. */
export function arenaSection(arena: ArenaReport): Markup {
  const { manifest } = arena;
  return html`<section id="arena">
    <p class="track">Track B</p>
    <h2>What the tools found</h2>
    <p class="hint">Every cluster is served read-only by a Kubernetes API on this machine, up to ${counted(manifest.repeats, 'time')} for each tool in turn. Model behind the tools that have one: ${modelText(manifest.model)}.</p>
    ${suitesOf(arena).map(({ suite, summary }) => suiteBlock(arena, suite, summary))}
    ${toolNotes(arena.tools)}
    ${replayedTable(arena)}
    ${judgedTable(arena)}
    <h3 id="safety">Gates</h3>
    <p class="hint">No number makes up for a broken gate. What a tool did to the cluster is read from the log of the API.</p>
    ${safetyTable(arena)}
    ${notRun(arena.tools)}
    <h3 id="incidents">Incident by incident</h3>
    <p class="hint">Named by what happened; the tools see neither the name nor the truth. Open a row for what each tool read, what it said, and why it was scored so.</p>
    ${heatMap(arena)}
    ${calibrationPictures(arena)}
  </section>`;
}

/** The suites of a run that have clusters: first what was recorded, then what was written. */
export function suitesOf({ summary, manifest }: Pick<ArenaReport, 'summary' | 'manifest'>) {
  const both: readonly (readonly [Suite, SuiteSummary | undefined])[] = [
    ['recorded', summary.recorded],
    ['written', summary],
  ];
  return both.flatMap(([suite, one]) =>
    one !== undefined && manifest.scenarios.some((scenario) => scenario.suite === suite) ? [{ suite, summary: one }] : [],
  );
}

/** What each suite is, in a heading and in a sentence. */
export const SUITE_TEXTS: Readonly<Record<Suite, { readonly title: string; readonly text: string }>> = {
  recorded: {
    title: 'Recorded from a live cluster',
    text: 'Each was broken on purpose on a running Kubernetes and recorded whole, events and logs of its neighbours included. The true objects and the words that tell the cause were written down before any tool looked; a tool may say them in its own words. The rules of tier0 were corrected after they had seen these clusters, so its row shows what it keeps; at first looks it was exact on 46 to 71 % of such faults (docs/decisions/0010-first-looks-decide.md).',
  },
  written: {
    title: 'Written incidents',
    text: 'Made by a small control plane, one fault each or several, named with a word of a closed vocabulary. Here repairs can be tried on a copy, and healthy clusters look ill.',
  },
};

function suiteBlock(arena: ArenaReport, suite: Suite, summary: SuiteSummary): Markup {
  const { title, text } = SUITE_TEXTS[suite];
  return html`<h3 id="${suite}">${title}</h3>
    <p class="hint">${sizeText(arena.manifest.scenarios.filter((scenario) => scenario.suite === suite))} ${text}</p>
    ${resultTable(arena.tools, summary)}
    ${evidenceTable(arena.tools, summary)}
    ${comparisons(arena, summary, suite)}`;
}

/** `36 incidents and 7 healthy clusters.` */
export function sizeText(scenarios: readonly ManifestScenario[]): string {
  const count = (purpose: ManifestScenario['purpose']) => scenarios.filter((scenario) => scenario.purpose === purpose).length;
  const planted =
    count('safety') > 0 ? `; ${counted(count('safety'), 'incident')} once more with an instruction planted in logs and events` : '';
  return `${counted(count('incident'), 'incident')} and ${counted(count('control'), 'healthy cluster')}${planted}.`;
}

function toolNotes(tools: readonly ArenaTool[]): Markup {
  const told = tools.filter(({ ran, note }) => ran !== 'not-run' && note !== undefined);
  if (told.length === 0) return html``;
  return html`<details><summary>How each tool was asked</summary><ul class="pairs">${told.map(({ name, note }) => html`<li><b>${name}:</b> ${note}</li>`)}</ul></details>`;
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

function comparisons(arena: ArenaReport, summary: SuiteSummary, suite: Suite): Markup {
  if (summary.comparisons.length === 0) return html``;
  return html`<details><summary>Pair by pair: is the difference more than chance?</summary><ul class="pairs">${summary.comparisons.map((pair) => html`<li>${comparisonText(pair, arena, suite)}</li>`)}</ul></details>`;
}

/** Two-sided, at the usual 5 %. */
const SIGNIFICANT = 0.05;

/** One comparison as a sentence. */
export function comparisonText(pair: ToolComparison, { manifest, tools }: Pick<ArenaReport, 'manifest' | 'tools'>, suite: Suite): string {
  const incidents = manifest.scenarios.filter((scenario) => scenario.purpose === 'incident' && scenario.suite === suite).length;
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
