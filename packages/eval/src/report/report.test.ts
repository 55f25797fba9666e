import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { absentTool, fakeTool, newFile, RIGHT, smallScenario } from '../arena/fixtures/small-run.ts';
import { runArena } from '../arena/run-arena.ts';
import { verifyRun } from '../arena/verify-run.ts';
import { runEvaluation } from '../evaluate.ts';
import { readBuildingBlocks } from '../scorecard/building-blocks.ts';
import { readCapabilities } from '../scorecard/read-capabilities.ts';
import { buildReport } from './build-report.ts';
import { EvaluationReportSchema } from './evaluation-report.ts';
import { evaluationMarkdown } from './markdown.ts';
import { escapeMarkup } from './markup.ts';
import { bytesText, percentText } from './number-text.ts';
import { evaluationPage } from './page.ts';
import { PAGE_SCRIPT } from './page-script.ts';
import { writeReport } from './write-report.ts';

const HOSTILE = `</p><script>alert(1)</script><img src=x onerror="alert(2)">' \u202e | \`x\``;

const capabilities = await readCapabilities();
const stack = await readBuildingBlocks();

async function hostileReport() {
  const logFile = newFile('trials.jsonl');
  const tools = [fakeTool('ours', [{ ...RIGHT, text: HOSTILE, subject: { kind: HOSTILE, name: HOSTILE } }], 'own'), absentTool(HOSTILE)];
  const options = { tools, scenarios: [smallScenario('one'), smallScenario('two', true)], logFile, repeats: 1, seed: 1 };
  await runArena(options, testContext());
  const [row, ...rest] = capabilities.rows;
  const dot = row!.cells['dot-ai']!;
  const hostile = {
    ...capabilities,
    rows: [{ ...row!, text: HOSTILE, cells: { ...row!.cells, 'dot-ai': { ...dot, note: HOSTILE } } }, ...rest],
  };
  const run = await verifyRun(logFile);
  return buildReport({ capabilities: hostile, stack, run, logDigest: 'a'.repeat(64), seed: 1, now: Date.parse('2026-11-22T00:00:00Z') });
}

const report = await hostileReport();
const page = evaluationPage(report);

test('hostile text from answers, names and notes stays text', () => {
  expect(page.replace(PAGE_SCRIPT, '').match(/<script/g)).toHaveLength(1);
  expect(page).not.toMatch(/<img|onerror="/i);
  expect(page).not.toContain('\u202e');
  expect(page).toContain('&#60;script&#62;alert(1)');
  expect(evaluationMarkdown(report)).not.toMatch(/(^|[^\\])<script/);
});

test('the page loads nothing: a policy forbids it and no address is fetched', () => {
  expect(page).toContain(`default-src 'none'`);
  expect(page).not.toMatch(/<link|<iframe|@import|url\(/i);
  expect([...page.matchAll(/(?:src|href)="([^"]*)"/g)].every(([, address]) => address!.startsWith('https://github.com/'))).toBe(true);
});

test('the two tracks stand in two tables and no number joins them', () => {
  expect(page.indexOf('id="arena"')).toBeLessThan(page.indexOf('id="scorecard"'));
  expect(JSON.stringify(Object.keys(report))).not.toMatch(/total|overall|score"/);
});

test('the page says who made it, what was not run, and what the numbers cannot say', () => {
  expect(page).toContain('field one of the contestants');
  expect(page).toContain('install it');
  for (const limit of report.limits) expect(page).toContain(escapeMarkup(limit));
  expect(page).toContain('snapshot 366 days old');
  expect(page).toMatch(/\d–\d<small>tie/);
});

test('the report has its schema and loses nothing on the way through JSON', async () => {
  const files = await writeReport(report, dirname(newFile('x')));
  const read = EvaluationReportSchema.parse(JSON.parse(readFileSync(files.json, 'utf8')));

  expect(read.schema).toBe('tier0.evaluation/v3');
  expect(read.scorecard.entries.map(({ total }) => total)).toEqual(report.scorecard.entries.map(({ total }) => total));
  expect(readFileSync(files.html, 'utf8')).toBe(page);
});

test('the same input gives the same page', () => {
  const { manifest, trials, summary } = report.arena;
  const build = () => buildReport({ capabilities, stack, run: { manifest, trials, summary }, logDigest: 'a'.repeat(64), seed: 1, now: 0 });
  expect(evaluationPage(build())).toBe(evaluationPage(build()));
});

test('shares and sizes never round to a claim', () => {
  expect([0, 0.001, 0.5, 0.999, 1].map(percentText)).toEqual(['0 %', '< 1 %', '50 %', '> 99 %', '100 %']);
  expect(percentText(Number.NaN)).toBe('–');
  expect([12, 22_800, 3_400_000].map(bytesText)).toEqual(['12 B', '22.8 kB', '3.4 MB']);
});

test('an evaluation refuses what it cannot read before it runs or writes anything', async () => {
  const outDirectory = dirname(newFile('x'));
  const options = { tools: [fakeTool('a', [])], outDirectory, now: () => 0, signal: new AbortController().signal };

  await expect(runEvaluation({ ...options, scenarios: ['/no/such/folder'] })).rejects.toThrow(
    'There is no scenario folder /no/such/folder',
  );
  await expect(runEvaluation({ ...options, scenarios: [] })).rejects.toThrow('No scenario was given');
  await expect(runEvaluation({ ...options, scenarios: ['x'], repeats: 0 })).rejects.toThrow('Cannot repeat every trial 0 times');
  expect(existsSync(`${outDirectory}/trials.jsonl`)).toBe(false);
});
