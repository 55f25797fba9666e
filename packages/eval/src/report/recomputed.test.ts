import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { absentTool, fakeTool, newFile, RIGHT, smallScenario, WRONG } from '../arena/fixtures/small-run.ts';
import { runArena } from '../arena/run-arena.ts';
import { scoreRecording } from '../arena/score-recording.ts';
import { missedThresholds } from '../arena/thresholds.ts';
import type { Suite } from '../arena/trial.ts';
import { verifyRun } from '../arena/verify-run.ts';
import { readBuildingBlocks } from '../scorecard/building-blocks.ts';
import { readCapabilities } from '../scorecard/read-capabilities.ts';
import { createOwnerBaseline } from '../tools/owner-baseline.ts';
import type { Recording } from '../tools/recording.ts';
import { buildReport } from './build-report.ts';
import { diffReports, readReport } from './diff-reports.ts';
import { writeReport } from './write-report.ts';

/** The cause is told in words of the tool's own; "pulled" is one of them. */
function recordedScenario(name: string) {
  const scenario = smallScenario(name);
  const rootCauses = scenario.expected.rootCauses.map((truth) => ({ ...truth, cause: 'bad-change', telling: ['PULLED'] }));
  return { ...scenario, meta: { ...scenario.meta, origin: 'recorded' as const }, expected: { ...scenario.expected, rootCauses } };
}

async function reportOf({ lanes = 1, wrong = [WRONG] }: { readonly lanes?: number; readonly wrong?: readonly (typeof WRONG)[] } = {}) {
  const logFile = newFile('trials.jsonl');
  const tools = [fakeTool('ours', [RIGHT], 'own'), fakeTool('theirs', wrong), createOwnerBaseline(), absentTool('absent')];
  const scenarios = [smallScenario('one'), smallScenario('two'), smallScenario('quiet', true), recordedScenario('alive')];
  await runArena({ tools, scenarios, logFile, repeats: 2, seed: 7, lanes }, testContext());
  const run = await verifyRun(logFile);
  const [capabilities, stack] = [await readCapabilities(), await readBuildingBlocks()];
  const report = buildReport({ capabilities, stack, run, logDigest: 'a'.repeat(64), seed: 7, now: Date.parse('2026-11-30T00:00:00Z') });
  return { report, files: await writeReport(report, dirname(logFile)), logFile };
}

const { report, files } = await reportOf();

interface Recomputed {
  readonly stars: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly totals: Readonly<Record<string, number>>;
  readonly suites: Readonly<Record<Suite, Readonly<Record<'exact' | 'alarms', Readonly<Record<string, number>>>>>>;
}

const SCRIPT = join(import.meta.dirname, 'fixtures/recompute.mjs');

/** Runs the script in a process of its own. */
function recompute(file: string): Recomputed {
  const { stdout, stderr } = spawnSync(process.execPath, [SCRIPT, file], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

test('a script that knows nothing of this package comes to the same numbers from report.json', () => {
  const written = JSON.parse(readFileSync(files.json, 'utf8'));
  const { stars, totals, suites } = recompute(files.json);
  for (const { tool, criteria, total } of written.scorecard.entries) {
    expect(totals[tool.id]).toBeCloseTo(total, 9);
    for (const score of criteria) expect(stars[tool.id]?.[score.criterion]).toBeCloseTo(score.stars, 9);
  }
  for (const suite of ['written', 'recorded'] as const) {
    const { tools } = suite === 'written' ? written.arena.summary : written.arena.summary.recorded;
    expect(tools).toHaveLength(3);
    for (const { tool, rootCause } of tools) {
      expect(suites[suite].exact[tool]).toBe(rootCause.exact.solved);
      expect(suites[suite].alarms[tool]).toBe(rootCause.falseAlarms.raised);
    }
  }
  expect(suites.recorded.exact).toMatchObject({ ours: 1, theirs: 0 });
  expect(readFileSync(SCRIPT, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(50);
});

test('a recorded answer stands beside what live tools said of the same clusters, and beside nothing when one of them is missing', () => {
  const truth = { faults: [{ subjects: [{ kind: 'Deployment', namespace: 'app', name: 'web' }], telling: ['pulled'] }] };
  const entry = (scenario: string) => ({ title: scenario, scenario, truth, rootCauses: [] });
  const recording = (...scenarios: readonly string[]): Recording => ({
    schema: 'tier0.recording/v1',
    tool: { id: 'old', name: 'Old', version: '1' },
    date: '2026-11-01',
    machine: 'elsewhere',
    command: 'old analyze',
    worlds: 'ours',
    entries: scenarios.map(entry),
  });
  const { sameClusters, named } = scoreRecording(recording('alive'), report.arena);
  expect([named.count, named.faults]).toEqual([0, 1]);
  expect(sameClusters.map(({ tool, named: live, accusationsPerFault }) => [tool, live.count, accusationsPerFault])).toEqual([
    ['ours', 1, 1],
    ['theirs', 0, 1],
    ['by-owner', 0, 1],
  ]);
  expect(scoreRecording(recording('alive', 'gone'), report.arena).sameClusters).toEqual([]);
});

test('a changed cell changes what the script computes: it can disagree', () => {
  const written = JSON.parse(readFileSync(files.json, 'utf8'));
  const before = recompute(files.json).totals.k8sgpt;
  const row = written.scorecard.rows.find(({ cells }: { cells: Record<string, { value: string }> }) => cells.k8sgpt?.value === 'no');
  row.cells.k8sgpt.value = 'yes';
  const changed = newFile('report.json');
  writeFileSync(changed, JSON.stringify(written));
  expect(recompute(changed).totals.k8sgpt).toBeGreaterThan(before ?? 9);
});

test('two runs with the same seed differ in the fields that are listed as volatile and in no other byte', async () => {
  const again = await reportOf({ lanes: 2 });
  const bare = (file: string) => JSON.stringify(withoutVolatile(JSON.parse(readFileSync(file, 'utf8'))));
  expect(bare(again.files.json)).toBe(bare(files.json));
});

/** Takes away exactly what `volatile` names. */
function withoutVolatile(document: Record<string, unknown>): unknown {
  for (const path of document.volatile as readonly string[])
    remove(
      document,
      path
        .replace(/ \(.*$/, '')
        .replaceAll('[]', '.*')
        .split('.'),
    );
  return document;
}

function remove(value: unknown, [key = '', ...rest]: readonly string[]): void {
  if (typeof value !== 'object' || value === null) return;
  const holder = value as Record<string, unknown>;
  const keys = key === '*' ? Object.keys(holder) : [key];
  for (const one of keys) {
    if (rest.length === 0) delete holder[one];
    else remove(holder[one], rest);
  }
}

test('the difference of two runs names what was lost and says that it is worse; a run and itself do not differ', async () => {
  const better = await reportOf({ wrong: [RIGHT] as never });
  const [before, after] = [await readReport(better.files.json), await readReport(files.json)];
  const { lines, isWorse } = diffReports(before, after);
  expect(isWorse).toBe(true);
  expect(lines.join('\n')).toMatch(
    /theirs: 1: 2\/2 exact.*->.*0\/2 exact[\s\S]*theirs: exact -> place: Image not found: Deployment app\/web \(one\)/,
  );
  expect(diffReports(after, before).isWorse).toBe(false);
  expect(diffReports(after, after)).toEqual({ lines: [], isWorse: false });
});

test('a threshold that is missed is said with what was reached; a tool that did not run misses its own', () => {
  const missed = missedThresholds(report.arena.summary, {
    ours: { exactAtLeast: 1, falseAlarmsAtMost: 0 },
    theirs: { exactAtLeast: 0.5, gatesBrokenAtMost: 0 },
    absent: { exactAtLeast: 0 },
  });
  expect(missed).toEqual([
    'ours: false alarms is 1, wanted at most 0.',
    'theirs: share of exact incidents is 0, wanted at least 0.5.',
    'absent was not run, so its thresholds are missed.',
  ]);
});

test('the table for spreadsheets has a line for each trial and no formula; the one for CI has a suite for each tool', () => {
  const csv = readFileSync(files.csv, 'utf8').trimEnd().split('\r\n');
  expect(csv).toHaveLength(1 + report.arena.trials.length);
  expect(csv[1]?.split(',')).toHaveLength(csv[0]?.split(',').length ?? 0);
  const junit = readFileSync(files.junit, 'utf8');
  expect(junit).toContain('<testsuite name="theirs" tests="4" failures="4" errors="0" skipped="0">');
  expect(junit).toContain(
    '<testsuite name="absent" tests="1" failures="0" errors="0" skipped="1"><testcase name="all" classname="absent"><skipped message="not installed"/>',
  );
});

test('every tool has an id, a version, and whether it ran', () => {
  expect(report.arena.tools.map(({ id, version, ran }) => [id, version, ran])).toEqual([
    ['ours', '1', 'live'],
    ['theirs', '1', 'live'],
    ['by-owner', '2', 'live'],
    ['absent', '1', 'not-run'],
  ]);
});
