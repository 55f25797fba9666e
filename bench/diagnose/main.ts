import { join, resolve } from 'node:path';
import { Random } from '../../scenarios/author/random.ts';
import { spreadOf } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Ratio, type Row, toRecord } from '../frame/record.ts';
import { judgeScenario, type ScenarioResult, scenarioFolders } from './accuracy.ts';
import { calibrate } from './calibration.ts';
import { binOf, hitRates, hitRateTable, type Named } from './hit-rates.ts';
import { measureK8sgpt } from './k8sgpt.ts';
import { countRequests } from './live-requests.ts';
import { placeboRows, tryPlacebos } from './placebo.ts';
import { recordingLine, recordingRows } from './recording-rows.ts';
import { judgeRecording, type Recording, type RecordingResult, readRecording, recordingFolders } from './recordings.ts';
import { measureSpeed } from './speed.ts';
import { type Variant, type VariantTally, variantsOf, variantTable } from './variants.ts';

/**
 * `--part accuracy|placebo|speed` runs one part; `--data DIR` judges the scenario folders there instead of ours; `--scenario NAME` one of them.
 * `--part recordings` judges recordings (our scenarios, or those of real clusters with `expected.json` in `--data DIR`, which may be given more
 * than once), with `--make N --seed S` also N variants of each, of one `--group` or of all: what a recording may lack (loss), when it was taken
 * (age), which kind of workload it tells of (workload), and what stands around it (surroundings).
 */
const options = readOptions(['part', 'pods', 'rounds', 'scenario', 'make', 'seed', 'group']);
const context = { signal: new AbortController().signal, now: () => Date.now() };
const say = (line: string) => process.stderr.write(`bench diagnose: ${line}\n`);
const part = options.value('part');
const rows: Row[] = [];
const ratios: Ratio[] = [];
const notes: string[] = [];

if (part === undefined || part === 'accuracy') await measureAccuracy();
if (part === undefined || part === 'placebo') await measurePlacebos();
if (part === 'recordings') await measureRecordings();
if (part === undefined || part === 'speed') {
  const sizes = options.value('pods') === undefined ? [1000, 10_000, 50_000] : [options.count('pods', 10_000)];
  const speed = measureSpeed(sizes, options.count('rounds', 5), say);
  rows.push(...speed.rows);
  ratios.push(...speed.ratios);
  notes.push(...speed.notes);
  rows.push(...(await countRequests(context)));
}
publish(toRecord('diagnose', { rows, ratios, notes }), options.json);

async function measurePlacebos(): Promise<void> {
  const root = options.data === undefined ? join(import.meta.dirname, '../../scenarios') : resolve(options.data);
  say('trying useless edits');
  const result = await tryPlacebos(scenarioFolders(root), context);
  for (const one of result.passed) process.stdout.write(`PASSED ${one.scenario} (${one.road}, ${one.kind}): ${one.edit}: ${one.reason}\n`);
  for (const [kind, count] of result.byKind) notes.push(`useless edits tried, ${kind}: ${count}`);
  rows.push(...placeboRows(result));
}

async function measureRecordings(): Promise<void> {
  const wanted = options.value('scenario');
  const roots = options.folders.length === 0 ? [join(import.meta.dirname, '../../scenarios')] : options.folders.map((one) => resolve(one));
  const folders = roots.flatMap(recordingFolders).filter((folder) => wanted === undefined || folder.endsWith(`/${wanted}`));
  const recordings: Recording[] = [];
  for (const folder of folders) recordings.push(await readRecording(folder, context));
  const before = new Map<Recording, RecordingResult>();
  for (const recording of recordings) before.set(recording, await judgeRecording(recording, context));
  const chosen = chooseVariants(recordings);
  const tallies: VariantTally[] = [];
  for (const variant of chosen) tallies.push(await tally(variant, before));
  const asTheyAre = [...before.values()];
  if (chosen.length === 0) for (const result of asTheyAre) process.stdout.write(recordingLine('as it is', result));
  rows.push(...recordingRows('as it is', asTheyAre));
  for (const { variant, results } of tallies) rows.push(...recordingRows(variant.name, results));
  if (tallies.length > 0) process.stdout.write(`\n${variantTable(tallies)}\n`);
  sayHitRates(asTheyAre);
}

/** As many as asked for, in their own order; which ones is a matter of the seed where not all are. */
function chooseVariants(recordings: readonly Recording[]): readonly Variant[] {
  if (options.value('make') === undefined) return [];
  const group = options.value('group');
  const calm = recordings.filter(({ truth }) => truth.rootCauses.length === 0);
  const all = variantsOf(calm).filter((variant) => variant.name !== 'as it is' && (group === undefined || variant.group === group));
  const picked = new Set(new Random(options.count('seed', 1)).shuffle(all).slice(0, options.count('make', all.length)));
  return all.filter((variant) => picked.has(variant));
}

async function tally(variant: Variant, before: ReadonlyMap<Recording, RecordingResult>): Promise<VariantTally> {
  const random = new Random(options.count('seed', 1));
  const [results, same, leftOut] = [[] as RecordingResult[], [] as RecordingResult[], new Map<string, number>()];
  for (const [recording, known] of before) {
    const varied = variant.apply(recording, random);
    if ('why' in varied) {
      leftOut.set(varied.why, (leftOut.get(varied.why) ?? 0) + 1);
      continue;
    }
    const result = await judgeRecording(varied.recording, context);
    results.push(result);
    same.push(known);
    if (known.isExact && !result.isExact) process.stdout.write(recordingLine(variant.name, result));
  }
  say(`${variant.name}: ${results.filter(({ isExact }) => isExact).length} of ${results.length} exact`);
  return { variant, results, before: same, leftOut };
}

/** How far what is stated can be believed, by code, by kind of proof and by what was stated. */
function sayHitRates(results: readonly RecordingResult[]): void {
  const named = results.flatMap(({ name, maker, judged }) =>
    judged.map(
      ({ confidence, basis, proof, isTrue }): Named => ({ recording: name, maker, code: basis, proof, stated: confidence, isTrue }),
    ),
  );
  if (named.length === 0) return;
  const byBin = hitRates(named, binOf).toSorted((a, b) => (a.name < b.name ? 1 : -1));
  process.stdout.write(`\n${hitRateTable('By stated confidence', byBin)}`);
  process.stdout.write(
    `\n${hitRateTable(
      'By kind of proof',
      hitRates(named, ({ proof }) => proof),
    )}`,
  );
  process.stdout.write(
    `\n${hitRateTable(
      'By code',
      hitRates(named, ({ code }) => code),
    )}\n`,
  );
}

async function measureAccuracy(): Promise<void> {
  const root = options.data === undefined ? join(import.meta.dirname, '../../scenarios') : resolve(options.data);
  const wanted = options.value('scenario');
  const folders = scenarioFolders(root).filter((folder) => wanted === undefined || folder.endsWith(`/${wanted}`));
  const results: ScenarioResult[] = [];
  for (const folder of folders) results.push(await judgeScenario(folder, context));
  for (const result of results) printResult(result);
  const faults = results.filter((result) => !result.isControl);
  const controls = results.filter((result) => result.isControl);
  const sum = (list: readonly ScenarioResult[], pick: (result: ScenarioResult) => number) =>
    list.reduce((total, result) => total + pick(result), 0);
  const share = (measure: string, of: number, out: number) =>
    rows.push({ measure, subject: 'tier0', unit: `of ${out}`, ...spreadOf([out === 0 ? 0 : of / out]), n: out });
  const right = sum(faults, ({ score }) => score.right);
  const named = right + sum(results, ({ score }) => score.wrong);
  share('exact-root-causes', faults.filter(({ score }) => score.isExact).length, faults.length);
  share('precision', right, named);
  share('recall', right, right + sum(faults, ({ score }) => score.missed));
  const silent = sum(faults, ({ withoutEvents }) => withoutEvents.right);
  share('recall-without-events', silent, silent + sum(faults, ({ withoutEvents }) => withoutEvents.missed));
  share(
    'path-match',
    sum(faults, ({ score }) => score.pathsRight),
    sum(faults, ({ score }) => score.pathsAsked),
  );
  share('controls-left-alone', controls.filter(({ score }) => score.accusations === 0).length, controls.length);
  share(
    'innocents-accused-in-faults',
    sum(faults, ({ score }) => score.accusations),
    faults.length,
  );
  share('remedy-passes-rehearsal', faults.filter(({ remedy }) => remedy.passed).length, faults.length);
  share('remedy-is-an-accepted-fix', faults.filter(({ remedy }) => remedy.right).length, faults.length);
  const mendable = faults.filter(({ remedy }) => remedy.hasFix);
  share('remedy-passes-where-an-edit-exists', mendable.filter(({ remedy }) => remedy.passed).length, mendable.length);
  share('accepted-fix-where-an-edit-exists', mendable.filter(({ remedy }) => remedy.right).length, mendable.length);
  const calibration = calibrate(results.flatMap(({ name, judged }) => judged.map((one) => ({ ...one, scenario: name }))));
  for (const [measure, value] of [
    ['calibration-brier', calibration.brier],
    ['calibration-brier-leave-one-out', calibration.leaveOneOutBrier],
    ['calibration-error', calibration.error],
  ] as const) {
    rows.push({ measure, subject: 'tier0', unit: '0 is perfect', ...spreadOf([value]), n: calibration.n });
  }
  rows.push(...(await measureK8sgpt(folders, notes, context)));
  const failed = results.filter(({ score }) => !score.isExact).map(({ name }) => name);
  notes.push(failed.length === 0 ? 'Every scenario was answered exactly.' : `Not answered exactly: ${failed.join(', ')}.`);
}

function printResult({ name, score, document, remedy, isControl }: ScenarioResult): void {
  const mark = score.isExact ? 'ok  ' : 'MISS';
  const causes = document.rootCauses.map(({ cause, subject, code }) => `${cause} @ ${subject.kind} ${subject.name} (${code})`).join('; ');
  const fix = isControl ? '' : `  [remedy ${remedy.right ? 'right' : remedy.passed ? 'passes' : 'none'}]`;
  process.stdout.write(`${mark} ${name}: ${causes || 'nothing'}${fix}\n`);
}
