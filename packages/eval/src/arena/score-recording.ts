import type { SubjectRef } from '../scenario/scenario.ts';
import type { Interval } from '../statistics/interval.ts';
import { wilsonInterval } from '../statistics/wilson.ts';
import type { RecordedAnswer, Recording } from '../tools/recording.ts';
import { distinct, isTrueCause } from './score-answer.ts';
import type { ManifestScenario, RunManifest, TrialRecord } from './trial.ts';

/** What a recording of a tool on clusters elsewhere shows. It stands in a table of its own. */
export interface RecordedResult {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly date: string;
  readonly machine: string;
  readonly command: string;
  readonly worlds: string;
  readonly note?: string | undefined;
  /** Faults whose object was accused with a telling text, of all faults, with the Wilson interval. */
  readonly named: { readonly count: number; readonly faults: number; readonly rate: Interval };
  /** Accusations for each fault, mean over the worlds with faults. */
  readonly accusationsPerFault: number;
  /** Healthy worlds about which something was said. */
  readonly falseAlarms: { readonly raised: number; readonly controls: number; readonly rate: Interval };
  readonly entries: readonly RecordedEntryResult[];
  /** What the live tools of this run said about the same clusters at the same moment, by the same rule. Empty when none of them was in the run. */
  readonly sameClusters: readonly LiveOnSameClusters[];
}

/** A live tool on the clusters of a recording. */
export interface LiveOnSameClusters extends Pick<RecordedResult, 'named' | 'accusationsPerFault' | 'falseAlarms'> {
  /** `ManifestTool.id`. */
  readonly tool: string;
}

/** One world. */
export interface RecordedEntryResult {
  readonly title: string;
  readonly faults: number;
  readonly named: number;
  readonly accusations: number;
  readonly remarks: number;
  /** The accusations, shortened, for people. */
  readonly said: readonly string[];
}

/**
 * The rule for tools that name objects and no causes: every result is an accusation; a fault is named when an accepted object of it is accused in a text
 * that one of its telling words matches; remarks about security are counted apart and neither help nor harm.
 */
export function scoreRecording({ tool, date, machine, command, worlds, entries }: Recording, run?: LiveRun): RecordedResult {
  const judged = entries.filter(({ truth }) => truth !== undefined).map(judgeEntry);
  return {
    ...tool,
    date,
    machine,
    command,
    worlds,
    ...talliesOf(judged),
    entries: judged,
    sameClusters: run === undefined ? [] : liveOnSameClusters(entries, run),
  };
}

/** The run that a recording is put beside. */
export interface LiveRun {
  readonly manifest: RunManifest;
  readonly trials: readonly TrialRecord[];
}

function talliesOf(judged: readonly Pick<RecordedEntryResult, 'faults' | 'named' | 'accusations'>[]) {
  const ill = judged.filter(({ faults }) => faults > 0);
  const calm = judged.filter(({ faults }) => faults === 0);
  const faults = sum(ill, ({ faults: count }) => count);
  const named = sum(ill, ({ named: count }) => count);
  const alarmed = calm.filter(({ accusations }) => accusations > 0).length;
  return {
    named: { count: named, faults, rate: wilsonInterval(named, faults) },
    accusationsPerFault: faults === 0 ? 0 : sum(ill, ({ accusations }) => accusations) / faults,
    falseAlarms: { raised: alarmed, controls: calm.length, rate: wilsonInterval(alarmed, calm.length) },
  };
}

/** Only where all of the recorded clusters were in the run: fewer would be another question. */
function liveOnSameClusters(entries: readonly RecordedAnswer[], { manifest, trials }: LiveRun): readonly LiveOnSameClusters[] {
  const scenarios = entries.flatMap(({ scenario }) => manifest.scenarios.find(({ name }) => name === scenario) ?? []);
  if (entries.length === 0 || scenarios.length < entries.length) return [];
  const live = manifest.tools.filter(
    ({ asked, notRun, recorded }) => asked === 'root-cause' && notRun === undefined && recorded === undefined,
  );
  return live.map(({ id }) => {
    const judged = scenarios.flatMap((scenario) => {
      const trial = trials.find((one) => one.tool === id && one.scenario === scenario.name && one.repeat === 1);
      return trial === undefined ? [] : [judgeTrial(trial, scenario)];
    });
    return { tool: id, ...talliesOf(judged) };
  });
}

function judgeTrial({ rootCauses }: TrialRecord, { expected }: ManifestScenario) {
  const said = distinct(rootCauses);
  const named = expected.rootCauses.filter((truth) => said.some((cause) => isTrueCause(cause, { rootCauses: [truth] }))).length;
  return { faults: expected.rootCauses.length, named, accusations: said.length };
}

function judgeEntry({ title, truth, rootCauses, remarks = 0 }: RecordedAnswer): RecordedEntryResult {
  const faults = truth?.faults ?? [];
  const isNamed = (fault: (typeof faults)[number]) =>
    rootCauses.some(({ subject, text }) => fault.subjects.some((one) => isSame(subject, one)) && tells(text, fault.telling));
  const said = rootCauses.map(({ subject, text }) => `${subject.kind} ${subject.namespace ?? ''}/${subject.name}: ${text.slice(0, 300)}`);
  return { title, faults: faults.length, named: faults.filter(isNamed).length, accusations: rootCauses.length, remarks, said };
}

/** Without telling words, the right object is enough. */
function tells(text: string, telling: readonly string[]): boolean {
  return telling.length === 0 || telling.some((word) => new RegExp(word, 'i').test(text));
}

/** An accepted name may end in `*`: pods and jobs of a schedule are numbered. */
function isSame(named: SubjectRef, accepted: SubjectRef): boolean {
  const isName = accepted.name.endsWith('*') ? named.name.startsWith(accepted.name.slice(0, -1)) : named.name === accepted.name;
  const isPlace = named.namespace === undefined || accepted.namespace === undefined || named.namespace === accepted.namespace;
  return named.kind === accepted.kind && isName && isPlace;
}

function sum<T>(values: readonly T[], value: (one: T) => number): number {
  return values.reduce((total, one) => total + value(one), 0);
}
