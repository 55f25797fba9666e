import { join, resolve } from 'node:path';
import { Random } from '../../scenarios/author/random.ts';
import { spreadOf } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Ratio, type Row, toRecord } from '../frame/record.ts';
import { judgeScenario, type ScenarioResult, scenarioFolders } from './accuracy.ts';
import { calibrate } from './calibration.ts';
import { measureK8sgpt } from './k8sgpt.ts';
import { countRequests } from './live-requests.ts';
import { LOSSES } from './losses.ts';
import { placeboRows, tryPlacebos } from './placebo.ts';
import { recordingLine, recordingRows } from './recording-rows.ts';
import { judgeRecording, type Recording, type RecordingResult, readRecording, recordingFolders } from './recordings.ts';
import { measureSpeed } from './speed.ts';

/**
 * `--part accuracy|placebo|speed` runs one part; `--data DIR` judges the scenario folders there instead of ours; `--scenario NAME` one of them.
 * `--part recordings` judges recordings (our scenarios, or those of real clusters with `expected.json` in `--data DIR`), with `--make N --seed S` also
 * N variants of each: what a recording may lack, and how the same cluster may look otherwise.
 */
const options = readOptions(['part', 'pods', 'rounds', 'scenario', 'make', 'seed']);
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
  const root = options.data === undefined ? join(import.meta.dirname, '../../scenarios') : resolve(options.data);
  const folders = recordingFolders(root).filter((folder) => wanted === undefined || folder.endsWith(`/${wanted}`));
  const recordings: Recording[] = [];
  for (const folder of folders) recordings.push(await readRecording(folder, context));
  const losses = LOSSES.slice(0, options.value('make') === undefined ? 1 : 1 + options.count('make', LOSSES.length));
  for (const loss of losses) {
    const random = new Random(options.count('seed', 1));
    const results: RecordingResult[] = [];
    for (const recording of recordings) results.push(await judgeRecording(loss.apply(recording, random), context));
    for (const result of results) if (losses.length === 1 || !result.isExact) process.stdout.write(recordingLine(loss.name, result));
    rows.push(...recordingRows(loss.name, results));
    say(`${loss.name}: ${results.filter(({ isExact }) => isExact).length} of ${results.length} exact`);
  }
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
