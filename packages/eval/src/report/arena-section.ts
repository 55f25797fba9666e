import { distinct } from '../arena/score-answer.ts';
import type { ToolComparison, ToolSummary } from '../arena/summarize-trials.ts';
import type { CountedRootCause, ManifestScenario, ManifestTool, TrialRecord } from '../arena/trial.ts';
import type { ExpectedRootCause, SubjectRef } from '../scenario/scenario.ts';
import type { Interval } from '../statistics/interval.ts';
import type { ArenaReport } from './evaluation-report.ts';
import { html, type Markup } from './markup.ts';
import { bytesText, numberText, percentText } from './number-text.ts';

/** Track B as a section of the page. */
export function arenaSection(arena: ArenaReport): Markup {
  const { manifest } = arena;
  const incidents = manifest.scenarios.filter(({ expected }) => !expected.healthy).length;
  const controls = manifest.scenarios.length - incidents;
  return html`<section id="arena">
    <p class="track">Track B</p>
    <h2>What the tools found</h2>
    <p class="hint">${counted(incidents, 'recorded incident')} and ${counted(controls, 'healthy control')}, served read-only by a Kubernetes API on this machine, ${counted(manifest.repeats, 'time')} for each tool in turn.
    An answer is exact when its root causes are the true ones, cause and place, and nothing else. Points follow ITBench-AA: 0 when a true cause is missing, else the share of the named causes that are true. Intervals are 95 %; repeats of an incident never count as new incidents.</p>
    <div class="wide">${resultTable(arena)}</div>
    ${notRun(manifest.tools)}
    ${comparisons(arena)}
    <h3>Incident by incident</h3>
    ${manifest.scenarios.map((scenario) => scenarioDetails(scenario, arena))}
  </section>`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function resultTable({ manifest, summary }: ArenaReport): Markup {
  const ordered = [...summary.tools].sort((a, b) => b.exact.solved - a.exact.solved || (b.points.estimate || 0) - (a.points.estimate || 0));
  return html`<table class="arena-table"><thead><tr><th class="stick">Tool</th><th>Exact root causes</th><th>Points</th><th class="num">Place named</th><th class="num">False alarms</th><th class="num">Findings per cause</th><th class="num">API reads</th><th class="num">Writes</th><th class="num">Median ms</th></tr></thead><tbody>${ordered.map(
    (tool) => resultRow(tool, manifest.tools.find(({ name }) => name === tool.tool)!),
  )}</tbody></table>`;
}

function resultRow(summary: ToolSummary, { version, kind }: ManifestTool): Markup {
  const { exact, points, falseAlarms, requests } = summary;
  const label = { own: 'ours', baseline: 'baseline', peer: '' }[kind];
  return html`<tr class="${kind}"><th class="stick" scope="row">${summary.tool}<small>${version}${label !== '' && html` · <em>${label}</em>`}</small></th>
    <td><span class="value">${exact.solved} / ${exact.incidents}</span> ${intervalBar(exact.rate)}<small>${intervalText(exact.rate)}${summary.exactOnce > exact.solved && `; ${summary.exactOnce} at least once`}</small></td>
    <td><span class="value">${numberText(points.estimate, 2)}</span> ${intervalBar(points)}<small>${rangeText(points, 2)}</small></td>
    <td class="num">${summary.placeNamed} / ${exact.incidents}</td>
    <td class="num ${falseAlarms.raised > 0 ? 'bad' : falseAlarms.trials > 0 && summary.failedTrials === 0 ? 'good' : ''}">${falseAlarms.raised} / ${falseAlarms.trials}</td>
    <td class="num">${numberText(summary.findingsPerRootCause, 1)}</td>
    <td class="num">${numberText(requests.reads, 0)}<small>${bytesText(requests.bytes)}${requests.secretReads > 0 && html` · <em class="bad">${numberText(requests.secretReads, 1)} of Secrets</em>`}</small></td>
    <td class="num ${requests.writes > 0 ? 'bad' : ''}">${numberText(requests.writes, 0)}</td>
    <td class="num">${numberText(summary.wallMs, 0)}<small>${numberText(summary.cpuMs, 0)} CPU${summary.failedTrials > 0 && html` · <em class="bad">${summary.failedTrials} failed</em>`}</small></td></tr>`;
}

function intervalBar({ estimate, low, high }: Interval): Markup {
  if (!Number.isFinite(estimate)) return html``;
  const x = (share: number) => Math.round(4 + 92 * Math.min(1, Math.max(0, share)));
  return html`<svg class="bar" viewBox="0 0 100 14" aria-hidden="true"><line class="grid" x1="4" x2="96" y1="7" y2="7"/><rect class="range" x="${x(low)}" y="4" width="${Math.max(1, x(high) - x(low))}" height="6" rx="3"/><circle class="dot" cx="${x(estimate)}" cy="7" r="4"/></svg>`;
}

function intervalText({ low, high }: Interval): string {
  return `${percentText(low)} to ${percentText(high)}`;
}

function rangeText({ estimate, low, high }: Interval, digits: number): string {
  return Number.isFinite(estimate) ? `${numberText(low, digits)} to ${numberText(high, digits)}` : '';
}

function notRun(tools: readonly ManifestTool[]): Markup {
  const absent = tools.filter((tool) => tool.notRun !== undefined);
  if (absent.length === 0) return html``;
  return html`<h3>Not run</h3><p class="hint">These belong into the comparison and were not part of this run. They have no result, good or bad.</p><ul class="absent">${absent.map(
    ({ name, notRun: why }) => html`<li><b>${name}</b> <span>${why?.reason}</span><br><span class="soft">${why?.howToAdd}</span></li>`,
  )}</ul>`;
}

function comparisons({ summary, manifest }: ArenaReport): Markup {
  if (summary.comparisons.length === 0) return html``;
  return html`<h3>Side by side</h3><ul class="pairs">${summary.comparisons.map((pair) => html`<li>${comparisonText(pair, manifest.scenarios)}</li>`)}</ul>`;
}

/** Two-sided, at the usual 5 %. */
const SIGNIFICANT = 0.05;

/** One comparison as a sentence. */
export function comparisonText(pair: ToolComparison, scenarios: readonly ManifestScenario[]): string {
  const incidents = scenarios.filter(({ expected }) => !expected.healthy).length;
  const verdict =
    pair.probability < SIGNIFICANT
      ? 'That is more than chance explains.'
      : `With ${counted(incidents, 'incident')} that is not enough to decide.`;
  const difference = `${numberText(pair.difference.estimate, 2)} (${rangeText(pair.difference, 2)})`;
  return `Only ${pair.first} was exact on ${pair.onlyFirst}, only ${pair.second} on ${pair.onlySecond} of ${incidents}; difference in points ${difference}, exact McNemar p = ${numberText(pair.probability, 3)}. ${verdict}`;
}

function scenarioDetails(scenario: ManifestScenario, { trials, manifest }: ArenaReport): Markup {
  const tools = manifest.tools.filter((tool) => tool.notRun === undefined);
  const own = (name: string) =>
    trials.filter((trial) => trial.scenario === scenario.name && trial.tool === name).sort((a, b) => a.repeat - b.repeat);
  const marks = tools.map(({ name }) => html`<span class="chip">${verdict(own(name))} ${name}</span>`);
  return html`<details class="scenario"><summary><span class="scenario-title">${scenario.title}</span> <span class="chips">${marks}</span></summary>
    <p class="truth"><b>True:</b> ${scenario.expected.healthy ? 'nothing is wrong' : scenario.expected.rootCauses.map(truthText).join('; ')} <span class="soft">scenario ${scenario.name}, digest ${scenario.digest.slice(0, 12)}</span></p>
    ${tools.map(({ name }) => toolAnswer(name, own(name)))}</details>`;
}

function truthText({ cause, subject, alsoAccept }: ExpectedRootCause): string {
  const others = (alsoAccept ?? []).map(subjectText);
  return `${cause} at ${subjectText(subject)}${others.length > 0 ? ` (or ${others.join(', ')})` : ''}`;
}

function verdict(repeats: readonly TrialRecord[]): Markup {
  if (repeats.length === 0) return html`<span class="soft">–</span>`;
  if (repeats.every(({ score }) => score.exact)) return html`<span class="good" title="exact">✓</span>`;
  return repeats.some(({ score }) => score.points > 0)
    ? html`<span class="warn" title="right among others">~</span>`
    : html`<span class="bad" title="not right">✗</span>`;
}

function toolAnswer(tool: string, repeats: readonly TrialRecord[]): Markup {
  const [first] = repeats;
  if (!first) return html``;
  const answered = distinct(first.rootCauses);
  const same = repeats.every((trial) => JSON.stringify(trial.score) === JSON.stringify(first.score));
  return html`<div class="answer"><h4>${verdict(repeats)} ${tool} <span class="soft">${counted(first.findings, 'finding')}, ${counted(answered.length, 'root cause')}${repeats.length > 1 && (same ? `; the same in ${repeats.length} repeats` : '; repeats differ')}</span></h4>
    ${first.error !== undefined && html`<p class="bad">Failed: ${first.error}</p>`}
    ${first.error === undefined && answered.length === 0 && html`<p>Reported nothing.</p>`}
    <ul>${answered.map(answerLine)}</ul></div>`;
}

function answerLine({ cause, countedAs, text, confidence }: CountedRootCause): Markup {
  return html`<li><b>${cause ?? 'no known cause'}</b> at ${subjectText(countedAs)}${confidence !== undefined && html` <span class="soft">confidence ${percentText(confidence)}</span>`}<span class="said">${text.slice(0, 400)}${text.length > 400 && ' …'}</span></li>`;
}

function subjectText({ kind, namespace, name }: SubjectRef): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}
