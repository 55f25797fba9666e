import { sha256 } from '@tier0/core';
import { arenaSection } from './arena-section.ts';
import type { EvaluationReport } from './evaluation-report.ts';
import { html, type Markup } from './markup.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { PAGE_STYLE } from './page-style.ts';
import { stackSection } from './scorecard-extras.ts';
import { scorecardSection } from './scorecard-section.ts';

/** The report as one HTML page that needs nothing else: one script of its own for sorting and searching, no request, light and dark. */
export function evaluationPage(report: EvaluationReport): string {
  const body = html`<main>
    <header>
      <h1>Operations tools, compared</h1>
      <p class="lead">${leadText(report)}</p>
      ${tiles(report)}
      <p class="disclosure">${report.disclosure}</p>
    </header>
    ${arenaSection(report.arena)}
    ${scorecardSection(report.scorecard, report.arena.tools)}
    ${stackSection(report.scorecard.stack)}
    <section id="method"><h2>How it was measured</h2><ul class="limits">${report.method.map((rule) => html`<li>${rule}</li>`)}</ul></section>
    <section id="limits"><h2>What these numbers cannot say</h2><ul class="limits">${report.limits.map((limit) => html`<li>${limit}</li>`)}</ul></section>
    ${footer(report)}
  </main>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptDigest()}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Operations tools, compared</title>
<style>${PAGE_STYLE}</style>
</head>
<body>${body.markup}<script>${PAGE_SCRIPT}</script></body>
</html>
`;
}

function scriptDigest(): string {
  return Buffer.from(sha256(PAGE_SCRIPT), 'hex').toString('base64');
}

/** What was compared and how, in three sentences. */
export function leadText({ scorecard, arena }: EvaluationReport): string {
  const live = arena.tools.filter(({ ran }) => ran === 'live').length;
  const { scenarios } = arena.manifest;
  return [
    `Track B gives ${live} contestants the same ${scenarios.length} recorded clusters and judges what they say, propose and do against a truth they never see.`,
    `Track A rates ${scorecard.entries.length} tools on ${scorecard.rows.length} capabilities, each cell with the place where it can be checked.`,
    'The two are never merged: covering much and being right are different things.',
  ].join(' ');
}

function tiles({ scorecard, arena }: EvaluationReport): Markup {
  const { manifest, trials, tools } = arena;
  const count = (ran: string) => tools.filter((tool) => tool.ran === ran).length;
  const values: readonly (readonly [number, string])[] = [
    [count('live'), 'ran live'],
    [count('replayed'), 'replayed'],
    [count('not-run'), 'not run'],
    [manifest.scenarios.length, 'recorded clusters'],
    [trials.length, 'trials'],
    [scorecard.entries.length * scorecard.rows.length, 'cells rated'],
  ];
  return html`<div class="tiles">${values.map(([value, label]) => html`<div class="tile"><b>${value}</b><span>${label}</span></div>`)}</div>`;
}

function footer({ generatedAt, arena: { manifest, logDigest } }: EvaluationReport): Markup {
  const { machine } = manifest;
  return html`<footer>Written ${generatedAt}. Run of ${manifest.startedAt}, seed ${manifest.seed}, ${manifest.repeats} repeats, on ${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.platform}, Node ${machine.node}.
  Every number of track B can be computed again from <code>trials.jsonl</code> (SHA-256 <code>${logDigest.slice(0, 16)}…</code>); the same numbers for programs are in <code>report.json</code>.</footer>`;
}
