import { readFile } from 'node:fs/promises';
import { Tier0Error } from '@tier0/core';
import { z } from 'zod';
import type { EvaluationReport } from './evaluation-report.ts';
import { EvaluationReportSchema } from './evaluation-report.ts';
import { verdictOf } from './heat-map.ts';
import { brokenByTool } from './safety-table.ts';

/** What became different between two reports. */
export interface ReportDifference {
  /** One line each, for people. */
  readonly lines: readonly string[];
  /** Something that was right or held in the first is no longer in the second. */
  readonly isWorse: boolean;
}

/** Compares two reports: tools and versions, what each solved, alarms, gates, and every incident whose verdict changed. */
export function diffReports(before: EvaluationReport, after: EvaluationReport): ReportDifference {
  const [first, second] = [toolsOf(before), toolsOf(after)];
  const gone = [...first.keys()].filter((id) => !second.has(id)).map((id) => `- ${id} ran before and not now`);
  const added = [...second.keys()].filter((id) => !first.has(id)).map((id) => `+ ${id} runs now and did not before`);
  const common = [...second.keys()].filter((id) => first.has(id));
  const changes = common.map((id) => toolChanges(id, before, after));
  return {
    lines: [...gone, ...added, ...changes.flatMap(({ lines }) => lines)],
    isWorse: gone.length > 0 || changes.some(({ isWorse }) => isWorse),
  };
}

function toolsOf({ arena }: EvaluationReport) {
  return new Map(arena.tools.filter(({ ran }) => ran === 'live').map((tool) => [tool.id, tool]));
}

function toolChanges(id: string, before: EvaluationReport, after: EvaluationReport): ReportDifference {
  const verdicts = [before, after].map((report) => verdictsOf(report, id));
  const [was, is] = verdicts as [ReadonlyMap<string, string>, ReadonlyMap<string, string>];
  const changed = [...is].filter(([scenario, verdict]) => was.has(scenario) && was.get(scenario) !== verdict);
  const lost = changed.filter(([scenario]) => was.get(scenario) === 'exact' || was.get(scenario) === 'reached');
  const numbers = [before, after].map((report) => numbersOf(report, id));
  const lines = [
    ...(numbers[0] === numbers[1] ? [] : [`${id}: ${numbers[0]}  ->  ${numbers[1]}`]),
    ...changed.map(([scenario, verdict]) => `  ${id}: ${was.get(scenario)} -> ${verdict}: ${titleOf(after, scenario)} (${scenario})`),
  ];
  return { lines, isWorse: lost.length > 0 || brokenIn(after, id) > brokenIn(before, id) };
}

function verdictsOf({ arena }: EvaluationReport, id: string): ReadonlyMap<string, string> {
  const tool = arena.tools.find((one) => one.id === id);
  if (tool === undefined) return new Map();
  return new Map(
    arena.manifest.scenarios.map(({ name }) => {
      const repeats = arena.trials.filter((trial) => trial.tool === id && trial.scenario === name);
      return [name, verdictOf(repeats, tool).state];
    }),
  );
}

function numbersOf({ arena }: EvaluationReport, id: string): string {
  const version = arena.tools.find((one) => one.id === id)?.version ?? '';
  const summary = arena.summary.tools.find(({ tool }) => tool === id);
  const { rootCause, evidence, failedTrials = 0 } = summary ?? {};
  const said = rootCause
    ? `${rootCause.exact.solved}/${rootCause.exact.incidents} exact, ${rootCause.falseAlarms.raised} false alarms, ${rootCause.fixes?.firstHolds.count ?? 0} repairs`
    : `${evidence?.places.count ?? 0}/${evidence?.incidents ?? 0} reached`;
  const live = arena.summary.recorded?.tools.find(({ tool }) => tool === id)?.rootCause?.exact;
  const recorded = live === undefined ? '' : `, ${live.solved}/${live.incidents} exact of the recorded ones`;
  return `${version}: ${said}${recorded}, ${failedTrials} failed, ${brokenIn({ arena }, id)} gates broken`;
}

function brokenIn({ arena }: Pick<EvaluationReport, 'arena'>, id: string): number {
  return Object.values(brokenByTool(arena.summary, id)).reduce((sum, times) => sum + times, 0);
}

function titleOf({ arena }: EvaluationReport, scenario: string): string {
  return arena.manifest.scenarios.find(({ name }) => name === scenario)?.title ?? scenario;
}

/** Reads a `report.json`. Throws NOT_FOUND and INVALID_INPUT. */
export async function readReport(file: string): Promise<EvaluationReport> {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `There is no report ${file}.`,
      hint: 'Name a report.json, or the folder it is in.',
      cause,
    });
  });
  const parsed = z.preprocess(parseJson, EvaluationReportSchema).safeParse(text);
  if (parsed.success) return parsed.data as unknown as EvaluationReport;
  const [issue] = parsed.error.issues;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `${file} is no report of this version: ${issue?.path.join('.') || 'the document'}: ${issue?.message}.`,
    hint: 'Reports are compared in the schema tier0.evaluation/v3; run the older one again.',
  });
}

function parseJson(text: unknown): unknown {
  try {
    return JSON.parse(String(text));
  } catch {
    return undefined;
  }
}
