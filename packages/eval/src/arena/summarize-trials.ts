import { clusteredBootstrap, pairedBootstrap, quantile } from '../statistics/bootstrap.ts';
import type { Interval } from '../statistics/interval.ts';
import { mcnemarExact } from '../statistics/mcnemar.ts';
import { wilsonInterval } from '../statistics/wilson.ts';
import { type Calibration, calibrate } from './calibration.ts';
import { distinct, isTrueCause } from './score-answer.ts';
import {
  type ManifestScenario,
  type ManifestTool,
  type RunManifest,
  SAFETY_GATES,
  type SafetyGate,
  type Suite,
  type TrialRecord,
} from './trial.ts';

/** How a tool did at naming root causes. Incidents and healthy controls are counted apart, each once however often it was repeated. */
export interface RootCauseSummary {
  /** Incidents whose root causes were exact in every repeat (pass^k), of all incidents, with the Wilson interval. */
  readonly exact: { readonly solved: number; readonly incidents: number; readonly rate: Interval };
  /** Incidents whose every true cause was named in every repeat, whatever else was said, with the Wilson interval. */
  readonly found: { readonly count: number; readonly rate: Interval };
  /** Mean share of repeats that were exact (pass@1), interval by a bootstrap over incidents. */
  readonly passAt1: Interval;
  /** Incidents that were exact in at least one repeat. */
  readonly exactOnce: number;
  /** Mean points over the incidents (rule of ITBench-AA), interval by a bootstrap over incidents. */
  readonly points: Interval;
  /** Incidents whose place was named in every repeat. */
  readonly placeNamed: number;
  /** Healthy clusters about which something was reported in any repeat. */
  readonly falseAlarms: { readonly raised: number; readonly controls: number; readonly rate: Interval };
  /** Things put before a person for each true root cause, mean over the incident trials. */
  readonly findingsPerRootCause: number;
  /** Distinct root causes named in an incident trial, mean. */
  readonly rootCausesNamed: number;
  /** Root causes told in words that stand in the recording, of all that were named. */
  readonly claims: { readonly made: number; readonly grounded: number };
  /** Absent when no confidence was stated. */
  readonly calibration?: Calibration | undefined;
  /** Absent when it proposes no repair, by design. */
  readonly fixes?: FixSummary | undefined;
}

/** Incidents for which an edit is known that people would accept: what the proposals did on copies of them. */
export interface FixSummary {
  readonly incidents: number;
  /** For which something was proposed. */
  readonly offered: number;
  /** Whose first proposal is an acceptable repair, with the Wilson interval. */
  readonly firstHolds: { readonly count: number; readonly rate: Interval };
  readonly anyHolds: number;
}

/** What a set of tools without a model could have shown to one, over the incidents. */
export interface EvidenceSummary {
  readonly incidents: number;
  /** Incidents whose every true place was named in what was returned. */
  readonly places: { readonly count: number; readonly rate: Interval };
  /** Incidents whose every true cause was told in words that map to it. */
  readonly words: { readonly count: number; readonly rate: Interval };
  /** Characters that a model would have to read, mean. */
  readonly characters: number;
}

/** Gates: a single break is a break. */
export interface SafetySummary {
  readonly trials: number;
  readonly broken: Readonly<Record<SafetyGate, number>>;
  /** Trials with an instruction planted in the text of the cluster. */
  readonly planted: number;
}

/** Numbers of one tool over a run. */
export interface ToolSummary {
  readonly tool: string;
  readonly asked: 'root-cause' | 'evidence';
  readonly trials: number;
  readonly failedTrials: number;
  readonly rootCause?: RootCauseSummary | undefined;
  readonly evidence?: EvidenceSummary | undefined;
  readonly safety: SafetySummary;
  /** Means over all trials. */
  readonly requests: {
    readonly reads: number;
    readonly writes: number;
    readonly dryRuns: number;
    readonly secretReads: number;
    readonly bytes: number;
  };
  /** Means over all trials; absent when no model was asked or the tool does not tell. */
  readonly model?:
    | { readonly calls: number; readonly inputTokens: number; readonly outputTokens: number; readonly costUsd: number }
    | undefined;
  /** Medians over all trials. */
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** Two tools on the same incidents. */
export interface ToolComparison {
  readonly first: string;
  readonly second: string;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Exact McNemar test over incidents. */
  readonly probability: number;
  /** Mean difference of the points, interval by a paired bootstrap over incidents. */
  readonly difference: Interval;
}

/** What one suite showed: each tool by itself, and each pair side by side. */
export interface SuiteSummary {
  readonly tools: readonly ToolSummary[];
  readonly comparisons: readonly ToolComparison[];
}

/** What a run showed: the written clusters and, apart from them, those that were recorded. */
export interface ArenaSummary extends SuiteSummary {
  /** Absent when the run had none. */
  readonly recorded?: SuiteSummary | undefined;
}

/** Everything the report says about a run, computed from its log and nothing else. */
export function summarizeTrials(manifest: RunManifest, trials: readonly TrialRecord[]): ArenaSummary {
  const written = summarizeSuite(manifest, trials, 'written');
  const hasRecorded = manifest.scenarios.some(({ suite }) => suite === 'recorded');
  return hasRecorded ? { ...written, recorded: summarizeSuite(manifest, trials, 'recorded') } : written;
}

function summarizeSuite(run: RunManifest, all: readonly TrialRecord[], suite: Suite): SuiteSummary {
  const manifest = { ...run, scenarios: run.scenarios.filter((scenario) => scenario.suite === suite) };
  const names = new Set(manifest.scenarios.map(({ name }) => name));
  const trials = all.filter(({ scenario }) => names.has(scenario));
  const running = manifest.tools.filter(({ notRun }) => notRun === undefined);
  const cases = running.map((tool) => toolCases(manifest, trials, tool));
  const asked = cases.filter(({ tool }) => tool.asked === 'root-cause' && tool.recorded === undefined);
  const first = asked.find(({ tool }) => tool.kind === 'own');
  return {
    tools: cases.map((one) => summarizeTool(one, manifest.seed)),
    comparisons: first ? asked.filter((other) => other !== first).map((second) => compare(first, second, manifest.seed)) : [],
  };
}

/** The trials of a tool, in the manifest's order, the repeats of a scenario together. */
interface ToolCases {
  readonly tool: ManifestTool;
  readonly trials: readonly TrialRecord[];
  readonly incidents: readonly ScenarioCases[];
  readonly controls: readonly ScenarioCases[];
}

interface ScenarioCases {
  readonly scenario: ManifestScenario;
  readonly repeats: readonly TrialRecord[];
}

function toolCases(manifest: RunManifest, all: readonly TrialRecord[], tool: ManifestTool): ToolCases {
  const trials = all.filter((trial) => trial.tool === tool.id);
  const casesOf = (purpose: ManifestScenario['purpose']) =>
    manifest.scenarios
      .filter((scenario) => scenario.purpose === purpose)
      .map((scenario) => ({
        scenario,
        repeats: trials.filter((trial) => trial.scenario === scenario.name).sort((a, b) => a.repeat - b.repeat),
      }));
  return { tool, trials, incidents: casesOf('incident'), controls: casesOf('control') };
}

function summarizeTool({ tool, trials, incidents, controls }: ToolCases, seed: number): ToolSummary {
  const seen = incidents.filter(({ repeats }) => repeats.length > 0);
  const isEvidence = tool.asked === 'evidence';
  const model = modelOf(trials);
  return {
    tool: tool.id,
    asked: tool.asked,
    trials: trials.length,
    failedTrials: trials.filter(({ error }) => error !== undefined).length,
    ...(isEvidence ? { evidence: evidenceOf(seen) } : { rootCause: rootCauseOf(seen, controls, seed) }),
    safety: safetyOf(trials),
    requests: {
      reads: mean(trials, ({ requests }) => requests.reads),
      writes: mean(trials, ({ requests }) => requests.writes),
      dryRuns: mean(trials, ({ requests }) => requests.dryRuns),
      secretReads: mean(trials, ({ requests }) => requests.secretReads),
      bytes: mean(trials, ({ requests }) => requests.bytes),
    },
    ...(model === undefined ? {} : { model }),
    wallMs: median(trials, ({ wallMs }) => wallMs),
    cpuMs: median(trials, ({ cpuMs }) => cpuMs),
  };
}

function rootCauseOf(incidents: readonly ScenarioCases[], controls: readonly ScenarioCases[], seed: number): RootCauseSummary {
  const trials = incidents.flatMap(({ repeats }) => repeats);
  const solved = incidents.filter(isSolved).length;
  const alarmed = controls.filter(({ repeats }) => repeats.some(({ score }) => score.falseAlarm)).length;
  const heard = controls.filter(({ repeats }) => repeats.length > 0).length;
  const found = incidents.filter(({ repeats }) => repeats.length > 0 && repeats.every(({ score }) => score.points > 0)).length;
  const causes = trials.flatMap(({ rootCauses }) => rootCauses);
  const trueCauses = incidents.reduce((sum, { scenario, repeats }) => sum + scenario.expected.rootCauses.length * repeats.length, 0);
  const calibration = calibrate(incidents.concat(controls).flatMap(statedConfidences));
  const fixes = fixesOf(incidents);
  return {
    exact: { solved, incidents: incidents.length, rate: wilsonInterval(solved, incidents.length) },
    found: { count: found, rate: wilsonInterval(found, incidents.length) },
    passAt1: overIncidents(incidents, ({ score }) => (score.exact ? 1 : 0), seed),
    exactOnce: incidents.filter(({ repeats }) => repeats.some(({ score }) => score.exact)).length,
    points: overIncidents(incidents, ({ score }) => score.points, seed),
    placeNamed: incidents.filter(({ repeats }) => repeats.every(({ score }) => score.placeNamed)).length,
    falseAlarms: { raised: alarmed, controls: heard, rate: wilsonInterval(alarmed, heard) },
    findingsPerRootCause: ratio(total(trials, shown), trueCauses),
    rootCausesNamed: ratio(
      total(trials, ({ rootCauses }) => distinct(rootCauses).length),
      trials.length,
    ),
    claims: { made: causes.length, grounded: causes.filter(({ grounded }) => grounded).length },
    ...(calibration === undefined ? {} : { calibration }),
    ...(fixes === undefined ? {} : { fixes }),
  };
}

function isSolved({ repeats }: ScenarioCases): boolean {
  return repeats.length > 0 && repeats.every(({ score }) => score.exact);
}

function overIncidents(incidents: readonly ScenarioCases[], value: (trial: TrialRecord) => number, seed: number): Interval {
  return clusteredBootstrap(
    incidents.map(({ repeats }) => repeats.map(value)),
    { seed },
  );
}

/** Of the first repeat only: saying the same thing again adds nothing. */
function statedConfidences({ scenario, repeats }: ScenarioCases) {
  return distinct(repeats[0]?.rootCauses ?? []).flatMap((cause) =>
    cause.confidence === undefined ? [] : [{ confidence: cause.confidence, isTrue: isTrueCause(cause, scenario.expected) }],
  );
}

/** Also of the first repeat. A tool that never says anything about repairs proposes none by design. */
function fixesOf(incidents: readonly ScenarioCases[]): FixSummary | undefined {
  const withFix = incidents.filter(({ scenario }) => scenario.hasFix);
  const outcomes = withFix.flatMap(({ repeats }) => repeats[0]?.fix ?? []);
  if (outcomes.length === 0) return undefined;
  const held = outcomes.filter(({ firstHolds }) => firstHolds).length;
  return {
    incidents: withFix.length,
    offered: outcomes.filter(({ offered }) => offered > 0).length,
    firstHolds: { count: held, rate: wilsonInterval(held, withFix.length) },
    anyHolds: outcomes.filter(({ anyHolds }) => anyHolds).length,
  };
}

function evidenceOf(incidents: readonly ScenarioCases[]): EvidenceSummary {
  const reached = incidents.map(({ repeats }) => repeats[0]?.evidence);
  const places = reached.filter((one) => one !== undefined && one.places === one.of).length;
  const words = reached.filter((one) => one !== undefined && one.words === one.of).length;
  return {
    incidents: incidents.length,
    places: { count: places, rate: wilsonInterval(places, incidents.length) },
    words: { count: words, rate: wilsonInterval(words, incidents.length) },
    characters: ratio(
      reached.reduce((sum, one) => sum + (one?.characters ?? 0), 0),
      incidents.length,
    ),
  };
}

function safetyOf(trials: readonly TrialRecord[]): SafetySummary {
  const brokenTimes = (gate: SafetyGate) => trials.filter(({ score }) => score.gates.includes(gate)).length;
  return {
    trials: trials.length,
    broken: Object.fromEntries(SAFETY_GATES.map((gate) => [gate, brokenTimes(gate)])) as Record<SafetyGate, number>,
    planted: trials.filter(({ scenario }) => scenario.endsWith('--planted-instruction')).length,
  };
}

function modelOf(trials: readonly TrialRecord[]): ToolSummary['model'] {
  if (!trials.some(({ modelCost }) => modelCost !== undefined)) return undefined;
  return {
    calls: mean(trials, ({ modelCost }) => modelCost?.calls ?? 0),
    inputTokens: mean(trials, ({ modelCost }) => modelCost?.inputTokens ?? 0),
    outputTokens: mean(trials, ({ modelCost }) => modelCost?.outputTokens ?? 0),
    costUsd: total(trials, ({ modelCost }) => modelCost?.costUsd ?? 0),
  };
}

function compare(first: ToolCases, second: ToolCases, seed: number): ToolComparison {
  const pairs = first.incidents.map((one, index) => [one, second.incidents[index]!] as const);
  const onlyFirst = pairs.filter(([a, b]) => isSolved(a) && !isSolved(b)).length;
  const onlySecond = pairs.filter(([a, b]) => !isSolved(a) && isSolved(b)).length;
  const points = pairs.map(([a, b]) =>
    a.repeats.slice(0, b.repeats.length).map((trial, index) => [trial.score.points, b.repeats[index]!.score.points] as const),
  );
  return {
    first: first.tool.id,
    second: second.tool.id,
    onlyFirst,
    onlySecond,
    probability: mcnemarExact(onlyFirst, onlySecond),
    difference: pairedBootstrap(points, { seed }),
  };
}

/** What a person has to read: never less than the root causes themselves. */
function shown({ findings, rootCauses }: TrialRecord): number {
  return Math.max(findings, distinct(rootCauses).length);
}

function total(trials: readonly TrialRecord[], value: (trial: TrialRecord) => number): number {
  return trials.reduce((sum, trial) => sum + value(trial), 0);
}

function mean(trials: readonly TrialRecord[], value: (trial: TrialRecord) => number): number {
  return ratio(total(trials, value), trials.length);
}

function ratio(sum: number, count: number): number {
  return count === 0 ? 0 : sum / count;
}

function median(trials: readonly TrialRecord[], value: (trial: TrialRecord) => number): number {
  if (trials.length === 0) return 0;
  return quantile(
    trials.map(value).sort((a, b) => a - b),
    0.5,
  );
}
