import { arenaSection } from './arena-section.ts';
import type { EvaluationReport } from './evaluation-report.ts';
import { html, type Markup } from './markup.ts';
import { PAGE_STYLE } from './page-style.ts';
import { scorecardSection } from './scorecard-section.ts';

/** The report as one HTML page that needs nothing else: no script, no request, light and dark. */
export function evaluationPage(report: EvaluationReport): string {
  const body = html`<main>
    <header>
      <h1>Operations tools, compared</h1>
      <p class="lead">${leadText(report)}</p>
      ${tiles(report)}
      <p class="disclosure">${report.disclosure}</p>
    </header>
    ${scorecardSection(report.scorecard)}
    ${arenaSection(report.arena)}
    <section id="limits"><h2>What these numbers cannot say</h2><ul class="limits">${report.limits.map((limit) => html`<li>${limit}</li>`)}</ul></section>
    ${footer(report)}
  </main>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>Operations tools, compared</title>
<style>${PAGE_STYLE}</style>
</head>
<body>${body.markup}</body>
</html>
`;
}

/** What was compared and how, in three sentences. */
export function leadText({ scorecard, arena }: EvaluationReport): string {
  const ran = arena.manifest.tools.filter(({ notRun }) => notRun === undefined).length;
  return [
    `Track A rates ${scorecard.entries.length} tools on ${scorecard.rows.length} capabilities, each cell with the place in the code or the documents where it can be checked.`,
    `Track B gives ${ran} of ${arena.manifest.tools.length} contestants the same ${arena.manifest.scenarios.length} recorded clusters and judges their answers against a truth they never see.`,
    'The two are never merged: covering much and being right are different things.',
  ].join(' ');
}

function tiles({ scorecard, arena }: EvaluationReport): Markup {
  const { manifest, trials } = arena;
  const notRun = manifest.tools.filter((tool) => tool.notRun !== undefined).length;
  const values: readonly (readonly [number, string])[] = [
    [scorecard.entries.length * scorecard.rows.length, 'cells rated'],
    [manifest.scenarios.length, 'recorded clusters'],
    [manifest.tools.length - notRun, 'tools run'],
    [notRun, 'tools not run'],
    [trials.length, 'trials'],
  ];
  return html`<div class="tiles">${values.map(([value, label]) => html`<div class="tile"><b>${value}</b><span>${label}</span></div>`)}</div>`;
}

function footer({ generatedAt, arena: { manifest, logDigest } }: EvaluationReport): Markup {
  const { machine } = manifest;
  return html`<footer>Written ${generatedAt}. Run of ${manifest.startedAt}, seed ${manifest.seed}, ${manifest.repeats} repeats, on ${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, ${machine.platform}, Node ${machine.node}.
  Every number of track B can be computed again from <code>trials.jsonl</code> (SHA-256 <code>${logDigest.slice(0, 16)}…</code>); the same numbers for programs are in <code>report.json</code>.</footer>`;
}
