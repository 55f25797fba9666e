import { clusteredBootstrap, pairedBootstrap, quantile } from '../statistics/bootstrap.ts';
import type { Interval } from '../statistics/interval.ts';
import { mcnemarExact } from '../statistics/mcnemar.ts';
import { wilsonInterval } from '../statistics/wilson.ts';
import { distinct } from './score-answer.ts';
import type { RunManifest, TrialRecord } from './trial.ts';

/** Numbers of one tool over a run. Incidents and healthy controls are counted apart. */
export interface ToolSummary {
  readonly tool: string;
  readonly trials: number;
  readonly failedTrials: number;
  /** Incidents whose root causes were exact in every repeat, of all incidents, with the Wilson interval. */
  readonly exact: { readonly solved: number; readonly incidents: number; readonly rate: Interval };
  /** Incidents that were exact in at least one repeat. */
  readonly exactOnce: number;
  /** Mean points over the incidents (rule of ITBench-AA), interval by a bootstrap over incidents. */
  readonly points: Interval;
  /** Incidents whose place was named in every repeat. */
  readonly placeNamed: number;
  /** Trials on healthy clusters in which something was reported. */
  readonly falseAlarms: { readonly raised: number; readonly trials: number };
  /** Things put before a person for each true root cause, mean over the incident trials. */
  readonly findingsPerRootCause: number;
  /** Distinct root causes named in an incident trial, mean. */
  readonly rootCausesNamed: number;
  /** Means over all trials. */
  readonly requests: { readonly reads: number; readonly writes: number; readonly secretReads: number; readonly bytes: number };
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

/** What a run showed: each tool by itself, and each pair side by side. */
export interface ArenaSummary {
  readonly tools: readonly ToolSummary[];
  readonly comparisons: readonly ToolComparison[];
}

/** Everything the report says about a run, computed from its log and nothing else. */
export function summarizeTrials(manifest: RunManifest, trials: readonly TrialRecord[]): ArenaSummary {
  const running = manifest.tools.filter(({ notRun }) => notRun === undefined).map(({ name }) => name);
  const cases = running.map((tool) => ({ tool, byIncident: byIncident(manifest, trials, tool) }));
  const own = manifest.tools.find(({ kind, notRun }) => kind === 'own' && notRun === undefined)?.name;
  const first = cases.find(({ tool }) => tool === own);
  return {
    tools: running.map((tool) =>
      summarizeTool(
        manifest,
        trials.filter((trial) => trial.tool === tool),
        tool,
      ),
    ),
    comparisons: first ? cases.filter((other) => other !== first).map((second) => compare(first, second, manifest.seed)) : [],
  };
}

interface ToolCases {
  readonly tool: string;
  readonly byIncident: readonly (readonly TrialRecord[])[];
}

/** The trials of a tool, one list for each incident of the run, in the manifest's order. */
function byIncident(manifest: RunManifest, trials: readonly TrialRecord[], tool: string): readonly (readonly TrialRecord[])[] {
  return manifest.scenarios
    .filter(({ expected }) => !expected.healthy)
    .map(({ name }) => trials.filter((trial) => trial.tool === tool && trial.scenario === name).sort((a, b) => a.repeat - b.repeat));
}

function summarizeTool(manifest: RunManifest, trials: readonly TrialRecord[], tool: string): ToolSummary {
  const incidents = byIncident(manifest, trials, tool).filter((repeats) => repeats.length > 0);
  const onIncidents = incidents.flat();
  const onControls = trials.filter(({ scenario }) => manifest.scenarios.find(({ name }) => name === scenario)?.expected.healthy);
  const solved = incidents.filter((repeats) => repeats.every(({ score }) => score.exact)).length;
  const trueCauses = onIncidents.reduce((sum, { scenario }) => sum + causesOf(manifest, scenario), 0);
  return {
    tool,
    trials: trials.length,
    failedTrials: trials.filter(({ error }) => error !== undefined).length,
    exact: { solved, incidents: incidents.length, rate: wilsonInterval(solved, incidents.length) },
    exactOnce: incidents.filter((repeats) => repeats.some(({ score }) => score.exact)).length,
    points: clusteredBootstrap(
      incidents.map((repeats) => repeats.map(({ score }) => score.points)),
      { seed: manifest.seed },
    ),
    placeNamed: incidents.filter((repeats) => repeats.every(({ score }) => score.placeNamed)).length,
    falseAlarms: { raised: onControls.filter(({ score }) => score.falseAlarm).length, trials: onControls.length },
    findingsPerRootCause: ratio(total(onIncidents, shown), trueCauses),
    rootCausesNamed: ratio(
      total(onIncidents, ({ rootCauses }) => distinct(rootCauses).length),
      onIncidents.length,
    ),
    requests: {
      reads: mean(trials, ({ requests }) => requests.reads),
      writes: mean(trials, ({ requests }) => requests.writes),
      secretReads: mean(trials, ({ requests }) => requests.secretReads),
      bytes: mean(trials, ({ requests }) => requests.bytes),
    },
    wallMs: median(trials, ({ wallMs }) => wallMs),
    cpuMs: median(trials, ({ cpuMs }) => cpuMs),
  };
}

function causesOf(manifest: RunManifest, scenario: string): number {
  return manifest.scenarios.find(({ name }) => name === scenario)?.expected.rootCauses.length ?? 0;
}

function compare(first: ToolCases, second: ToolCases, seed: number): ToolComparison {
  const solves = (repeats: readonly TrialRecord[]) => repeats.length > 0 && repeats.every(({ score }) => score.exact);
  const pairs = first.byIncident.map((repeats, index) => [repeats, second.byIncident[index]!] as const);
  const onlyFirst = pairs.filter(([a, b]) => solves(a) && !solves(b)).length;
  const onlySecond = pairs.filter(([a, b]) => !solves(a) && solves(b)).length;
  const points = pairs.map(([a, b]) => a.slice(0, b.length).map((trial, index) => [trial.score.points, b[index]!.score.points] as const));
  return {
    first: first.tool,
    second: second.tool,
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
