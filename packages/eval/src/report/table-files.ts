import type { ToolSummary } from '../arena/summarize-trials.ts';
import type { ManifestScenario, TrialRecord } from '../arena/trial.ts';
import type { ArenaReport } from './evaluation-report.ts';

const COLUMNS = [
  'tool',
  'suite',
  'scenario',
  'what_happened',
  'repeat',
  'error',
  'exact',
  'points',
  'place_named',
  'false_alarm',
  'gates',
  'root_causes',
  'fix_first_holds',
  'places_reached',
  'api_reads',
  'api_writes',
  'api_bytes',
  'model_calls',
  'wall_ms',
  'cpu_ms',
] as const;

/** Every trial as a line of comma-separated values (RFC 4180). A field that a spreadsheet would take for a formula is led by an apostrophe. */
export function trialsCsv({ trials, manifest }: Pick<ArenaReport, 'trials' | 'manifest'>): string {
  const scenarioOf = new Map(manifest.scenarios.map((scenario) => [scenario.name, scenario]));
  const rows = trials.map((trial) => fieldsOf(trial, scenarioOf.get(trial.scenario)));
  return [COLUMNS, ...rows].map((row) => `${row.map(csvField).join(',')}\r\n`).join('');
}

function fieldsOf(trial: TrialRecord, scenario: ManifestScenario | undefined): readonly (string | number | boolean)[] {
  const { score, requests, fix, evidence, modelCost } = trial;
  return [
    trial.tool,
    scenario?.suite ?? '',
    trial.scenario,
    scenario?.title ?? '',
    trial.repeat,
    trial.error ?? '',
    score.exact,
    score.points,
    score.placeNamed,
    score.falseAlarm,
    score.gates.join(' '),
    trial.rootCauses.map(({ cause, countedAs }) => `${cause ?? '?'}@${countedAs.kind}/${countedAs.name}`).join(' '),
    fix?.firstHolds ?? '',
    evidence === undefined ? '' : `${evidence.places} of ${evidence.of}`,
    requests.reads,
    requests.writes,
    requests.bytes,
    modelCost?.calls ?? '',
    trial.wallMs,
    trial.cpuMs,
  ];
}

function csvField(value: string | number | boolean): string {
  const text = String(value).replace(/[\r\n]+/g, ' ');
  const safe = typeof value === 'string' && /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * The run as JUnit XML, one suite a tool and one case a scenario, for CI systems that draw it. A healthy or broken cluster that was answered wrongly is
 * a failure; a tool that did not answer is an error; a tool that was not run is a skipped case.
 */
export function junitXml(arena: ArenaReport): string {
  const suites = arena.tools.map((tool) => {
    const summary = arena.summary.tools.find((one) => one.tool === tool.id);
    if (summary === undefined) {
      const reason = tool.ran === 'replayed' ? 'recorded on other clusters' : (tool.reason ?? 'not run');
      return `  <testsuite name="${xml(tool.name)}" tests="1" failures="0" errors="0" skipped="1"><testcase name="all" classname="${xml(tool.id)}"><skipped message="${xml(reason)}"/></testcase></testsuite>`;
    }
    return suiteOf(arena, { id: tool.id, name: tool.name, summary });
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>\n`;
}

function suiteOf(
  arena: ArenaReport,
  { id, name, summary }: { readonly id: string; readonly name: string; readonly summary: ToolSummary },
): string {
  const cases = arena.manifest.scenarios.map(({ name: scenario, title, purpose }) => {
    const repeats = arena.trials.filter((trial) => trial.tool === id && trial.scenario === scenario);
    return {
      title: `${title} (${scenario})`,
      seconds: repeats.reduce((sum, { wallMs }) => sum + wallMs, 0) / 1000,
      ...outcomeOf(repeats, { purpose, asked: summary.asked }),
    };
  });
  const count = (state: string) => cases.filter((one) => one.state === state).length;
  const lines = cases.map(
    ({ title, seconds, state, message }) =>
      `    <testcase name="${xml(title)}" classname="${xml(id)}" time="${seconds.toFixed(3)}">${state === 'passed' ? '' : `<${state} message="${xml(message)}"/>`}</testcase>`,
  );
  const head = `name="${xml(name)}" tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
  return `  <testsuite ${head}>\n${lines.join('\n')}\n  </testsuite>`;
}

interface Outcome {
  readonly state: 'passed' | 'failure' | 'error' | 'skipped';
  readonly message: string;
}

function outcomeOf(
  repeats: readonly TrialRecord[],
  { purpose, asked }: { readonly purpose: string; readonly asked: ToolSummary['asked'] },
): Outcome {
  const [first] = repeats;
  if (first === undefined) return { state: 'skipped', message: 'not asked' };
  const failed = repeats.find(({ error }) => error !== undefined);
  if (failed) return { state: 'error', message: failed.error ?? '' };
  const broken = repeats.flatMap(({ score }) => score.gates);
  if (broken.length > 0) return { state: 'failure', message: `gate broken: ${broken.join(', ')}` };
  if (asked === 'evidence') {
    if (purpose === 'control') return { state: 'skipped', message: 'nothing to find' };
    return first.evidence !== undefined && first.evidence.places === first.evidence.of
      ? PASSED
      : { state: 'failure', message: 'the true object was not reached' };
  }
  if (repeats.every(({ score }) => score.exact)) return PASSED;
  return { state: 'failure', message: first.score.falseAlarm ? 'false alarm' : `points ${first.score.points}` };
}

const PASSED: Outcome = { state: 'passed', message: '' };

function xml(text: string): string {
  return [...text]
    .map((character) => {
      const code = character.codePointAt(0) ?? 0;
      if (code < 32 || (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff) return '\ufffd';
      return '<>&"\''.includes(character) ? `&#${code};` : character;
    })
    .join('');
}
