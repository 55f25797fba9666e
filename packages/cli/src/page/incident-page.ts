import { type Evidence, formatItemId, type GateReport, type IncidentEntry, isProposed, reachInWords } from '@tier0/core';
import { stringify } from 'yaml';
import { describeStep } from '../terminal/describe-step.ts';
import { timeOfDay } from '../terminal/format.ts';
import { stepSeconds } from '../terminal/step-seconds.ts';
import { dependencyPicture } from './dependency-picture.ts';
import { type Html, html } from './html.ts';
import { memoryChart } from './memory-chart.ts';
import type { IncidentPageData } from './page-data.ts';
import { STYLE } from './style.ts';

/** The whole incident as one self-contained HTML page: nothing is loaded from anywhere, nothing runs. */
export function incidentPage(data: IncidentPageData): string {
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${data.title} - tier0</title><style>${{ html: STYLE }}</style></head><body><main>
${incidentSections(data)}
<footer>Written by tier0 from the incident's record. This page loads nothing and runs nothing.</footer>
</main></body></html>`;
  return page.html;
}

/** What an incident page shows below its frame, the same as a file and on the wire. `decision` stands where a person is asked. */
export function incidentSections(data: IncidentPageData, decision?: Html): Html {
  const status = data.state.status ?? (data.state.failure ? 'failed' : 'open');
  return html`<header><span class="pill ${status}">${status.replace('-', ' ')}</span><h1>${data.state.results.open?.title ?? data.title}</h1>
<p class="hint">${data.state.incident} · ${data.note}</p></header>
${tiles(data)}${handedOver(data)}${decision}${memoryChart(data)}
<div class="two">${diagnosisOf(data)}${decisionOf(data)}</div>
${dependencyPicture(data)}${changeOf(data)}${timelineOf(data)}${auditOf(data)}`;
}

/** For who takes over: why, and who that is. */
function handedOver({ state }: IncidentPageData): Html {
  const { gate, diagnose, remedy } = state.results;
  const over = state.results['hand-over'];
  if (!over) return html``;
  const cause = diagnose?.diagnosis.rootCauses[0];
  const advice = remedy?.remedies.map((one) => one.title) ?? [];
  return html`<section class="ask"><h2>Needs a person</h2><p class="break">tier0 stopped because ${over.reason}.</p>
<dl><dt>Owner</dt><dd>${gate?.proposal.owner ? formatItemId(gate.proposal.owner) : 'nobody is named'}</dd>${cause && html`<dt>Look at</dt><dd class="break">${formatItemId(cause.subject)}</dd>`}<dt>Reach</dt><dd>${gate ? reachInWords(gate.proposal.blastRadius) : 'not known'}</dd>
${advice.length > 0 && html`<dt>Advice</dt><dd>${advice.map((line) => html`<div class="break">${line}</div>`)}</dd>`}<dt>Ticket</dt><dd>${over.ticket}</dd></dl></section>`;
}

const TILES = [
  ['detect', 'Detect'],
  ['diagnose', 'Diagnose'],
  ['propose', 'Propose'],
  ['decide', 'Approve'],
  ['reconcile', 'Reconcile'],
  ['verify', 'Verify'],
] as const;

function tiles(data: IncidentPageData): Html {
  const seconds: Readonly<Record<string, number | undefined>> = {
    ...stepSeconds(data.entries, data.clockSpeed),
    detect: data.detectSeconds,
  };
  return html`<div class="tiles">${TILES.map(([step, label]) => html`<div class="tile"><b>${seconds[step] === undefined ? '-' : `${seconds[step].toFixed(1)} s`}</b><span>${label}</span></div>`)}</div>`;
}

function diagnosisOf(data: IncidentPageData): Html {
  const diagnosis = data.state.results.diagnose?.diagnosis;
  if (!diagnosis) return html``;
  const [first, ...others] = diagnosis.rootCauses;
  const piece = (id: string) => diagnosis.evidence.find((one) => one.id === id);
  const list = (ids: readonly string[], tone: string) => ids.flatMap((id) => piece(id) ?? []).map((one) => evidenceInWords(one, tone));
  return html`<section><h2>Why</h2>
${
  first
    ? html`<h3>${first.cause.replaceAll('-', ' ')} <span class="soft">${percent(first.confidence)} sure, ${first.basis}</span></h3><p class="break">${first.message}</p>
<div class="evidence">${list(first.evidenceFor, 'for')}${list(first.evidenceAgainst, 'against')}</div>`
    : html`<p>No root cause was found.</p>`
}
${others.length > 0 && html`<h3>What else it could be</h3>${others.map((other) => html`<details><summary class="break">${other.cause.replaceAll('-', ' ')} <span class="soft">${percent(other.confidence)}</span></summary><p class="hint break">${other.message}</p><div class="evidence">${list(other.evidenceFor, 'for')}${list(other.evidenceAgainst, 'against')}</div></details>`)}`}
${diagnosis.narrative && html`<h3>In the words of ${diagnosis.narrative.model}</h3><p>${diagnosis.narrative.text}</p>`}
${diagnosis.unknowns.length > 0 && html`<h3>Not known</h3><ul class="plain">${diagnosis.unknowns.map(({ message }) => html`<li class="break">${message}</li>`)}</ul>`}</section>`;
}

const SOURCES: Readonly<Record<string, string>> = {
  cmdb: 'The cluster says of',
  logs: 'The log says of',
  metrics: 'Measured',
  prometheus: 'Measured',
  exposition: 'Measured',
};
/** Lines of a piece of evidence that are shown at once. */
const LINES = 9;

/** One piece of evidence: where it was seen in words, and what was seen there as a person would write it down. */
function evidenceInWords({ id, source, query, excerpt }: Evidence, tone: string): Html {
  const named = inWords(query);
  const changed = /^whatChanged (.+?) hops=\d+$/.exec(named);
  const where = changed ? `What changed near ${changed[1]}` : `${SOURCES[source] ?? source} ${named}`;
  const lines = excerpt.trim().split('\n').flatMap(readable);
  const rest = lines.slice(LINES);
  return html`<figure id="${id}" class="${tone}"><figcaption class="break">${tone === 'against' ? 'Against it. ' : ''}${where}</figcaption><pre>${lines.slice(0, LINES).join('\n')}</pre>${rest.length > 0 && html`<details><summary class="soft">${rest.length} more ${rest.length === 1 ? 'line' : 'lines'}</summary><pre>${rest.join('\n')}</pre></details>`}</figure>`;
}

/** Samples of a series stand in one line, each with its time. */
const SAMPLES = /^\d{4}-\d\d-\d\dT[\d:]+Z .*; \d{4}-/;

/** JSON of one line as YAML, without what is empty; anything else as it is. Item ids as people say them. */
function readable(line: string): readonly string[] {
  if (SAMPLES.test(line)) return line.split('; ').map((sample) => sample.replace(/^\d{4}-\d\d-\d\dT([\d:]+)Z/, '$1'));
  const json = /^([^{[]*)([{[].*[}\]])$/.exec(line);
  if (!json) return [line.replace(/kubernetes:\S+/g, (item) => formatItemId(item))];
  try {
    const [, head = '', text = ''] = json;
    const body = stringify(
      JSON.parse(text, (_, value: unknown) => (value === '' ? undefined : value)),
      { lineWidth: 0 },
    ).trimEnd();
    return [...(head.trim() ? [head.trim()] : []), ...body.split('\n').map((one) => `  ${one}`)];
  } catch {
    return [line];
  }
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function decisionOf(data: IncidentPageData): Html {
  const { gate, decide } = data.state.results;
  if (!gate) return html``;
  const { proposal } = gate;
  return html`<section><h2>May it?</h2><p class="hint">${gate.gate.decision.reasons.join('; ')}</p>
<table><tr><th>Risk ${proposal.risk.level}</th><th class="num">${proposal.risk.score}</th></tr>
${proposal.risk.factors.map((factor) => html`<tr><td>${factor.reason}</td><td class="num">${factor.points > 0 ? `+${factor.points}` : factor.points}</td></tr>`)}</table>
<h3>Checks</h3>${checksOf(gate.gate.checks)}
${gate.gate.trust.length > 0 && html`<h3>Trust</h3><ul class="plain">${gate.gate.trust.map((reason) => html`<li>${reason}</li>`)}</ul>`}
${decide?.status === 'merged' && html`<h3>Approved by</h3><ul class="plain">${decide.approvals.map((approval) => html`<li class="break">${approval.approver} <span class="soft">at ${timeOfDay(approval.at)}</span></li>`)}</ul>`}
<h3>Way back</h3><p class="hint">${proposal.rollback}${proposal.expiresAt && html` Expires ${proposal.expiresAt.slice(0, 16).replace('T', ' ')} UTC.`}</p>
<h3>What would prove it wrong</h3><p class="hint">${proposal.disproof}</p></section>`;
}

/** What failed stands open; what passed is counted, and can be read. */
function checksOf(checks: GateReport['checks']): Html {
  const failed = checks.filter(({ passed }) => !passed);
  const passed = checks.filter((check) => check.passed);
  return html`${failed.length > 0 && checkList(failed, 'fail')}${passed.length > 0 && html`<details><summary><span class="pass">${passed.length} passed</span> <span class="soft">${passed.map(({ name }) => name).join(', ')}</span></summary>${checkList(passed, 'pass')}</details>`}`;
}

function checkList(checks: GateReport['checks'], tone: 'pass' | 'fail'): Html {
  return html`<ul class="plain">${checks.map(({ name, detail }) => html`<li class="${tone}">${name}: <span class="soft break">${inWords(detail)}</span></li>`)}</ul>`;
}

/** Item ids as people say them. */
function inWords(text: string): string {
  return text.replace(/kubernetes:[^\s,;:]+/g, (item) => formatItemId(item));
}

function changeOf(data: IncidentPageData): Html {
  const proposed = [data.state.results.propose?.result, data.state.results.revert?.result].flatMap((result) =>
    result && isProposed(result) ? [result] : [],
  );
  if (proposed.length === 0) return html``;
  return html`<section><h2>The change</h2>${proposed.map(
    (result) =>
      html`<h3>Pull request #${result.pullRequest.number}: ${result.pullRequest.title}</h3><pre>${result.diff
        .trimEnd()
        .split('\n')
        .map((line) => html`<span class="${lineClass(line)}">${line}</span>\n`)}</pre>`,
  )}</section>`;
}

function lineClass(line: string): string {
  if (/^(diff|index|---|\+\+\+|@@)/.test(line)) return 'at';
  return line.startsWith('+') ? 'add' : line.startsWith('-') ? 'del' : '';
}

function timelineOf(data: IncidentPageData): Html {
  const done = data.entries.filter((entry): entry is Extract<IncidentEntry, { phase: 'done' }> => entry.phase === 'done');
  const failed = data.entries.flatMap((entry) => (entry.phase === 'failed' ? [entry] : []));
  return html`<section><h2>Timeline</h2><ol class="timeline">${done.map((entry) => {
    const step = describeStep(entry);
    return html`<li><time>${timeOfDay(entry.at)}</time><b class="${step.tone === 'good' ? 'pass' : step.tone === 'bad' ? 'fail' : ''}">${step.label}</b><span class="break">${inWords(step.headline)}</span></li>`;
  })}${failed.map((entry) => html`<li><time>${timeOfDay(entry.at)}</time><b class="fail">${entry.step}</b><span>${entry.error.message} ${entry.error.hint}</span></li>`)}</ol></section>`;
}

function auditOf(data: IncidentPageData): Html {
  const { records, verdict } = data.audit;
  return html`<section><h2>Audit chain</h2><p class="hint">${verdict.sound ? html`<span class="pass">sound</span>: ${records.length} records, each holds the hash of the one before.` : html`<span class="fail">broken</span> at record ${verdict.sequence}: ${verdict.reason}`}</p>
<div class="wide"><table><tr><th class="num">#</th><th>Time</th><th>Actor</th><th>Action</th><th>Subject</th><th>Hash</th></tr>
${records.map((record) => html`<tr><td class="num">${record.sequence}</td><td>${timeOfDay(record.at)}</td><td class="break">${record.actor}</td><td>${record.action}</td><td class="break">${shortSubject(record.subject)}</td><td class="mono">${record.hash.slice(0, 12)}</td></tr>`)}</table></div></section>`;
}

function shortSubject(subject: string): string {
  if (/^[0-9a-f]{40,64}$/.test(subject)) return subject.slice(0, 12);
  return formatItemId(subject.replace(/^.*\/(?=[^/]+#)/, ''));
}
