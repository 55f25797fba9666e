import { spreadOf } from '../frame/measure.ts';
import type { Row } from '../frame/record.ts';
import { calibrate } from './calibration.ts';
import type { RecordingResult } from './recordings.ts';

/** One line for people: what was named beside what is true. */
export function recordingLine(loss: string, { name, isExact, right, wanted, accused, document }: RecordingResult): string {
  const named = document.rootCauses
    .map((cause) => {
      const { kind, name } = cause.subject;
      return `    ${accused.includes(cause) ? 'not true' : 'true'} ${cause.code} ${kind} ${name} ${cause.confidence}: ${cause.message}`;
    })
    .join('\n');
  return `${isExact ? 'ok  ' : 'MISS'} ${name} (${loss}): ${right} of ${wanted}\n${named}${named === '' ? '' : '\n'}`;
}

/** How many were answered exactly, and how many of the innocent were accused. */
export function recordingRows(loss: string, results: readonly RecordingResult[]): readonly Row[] {
  const faults = results.filter(({ isCalm }) => !isCalm);
  const calm = results.filter(({ isCalm }) => isCalm);
  const share = (measure: string, of: number, out: number): Row => ({
    measure: `${measure}, ${loss}`,
    subject: 'tier0',
    unit: `of ${out}`,
    ...spreadOf([out === 0 ? 0 : of / out]),
    n: out,
  });
  const accused = faults.reduce((sum, result) => sum + result.accused.length, 0);
  const calibration = calibrate(results.flatMap(({ name, judged }) => judged.map((one) => ({ ...one, scenario: name }))));
  return [
    share('exact-root-causes', faults.filter(({ isExact }) => isExact).length, faults.length),
    share('right-among-named', faults.filter(({ right, wanted }) => right === wanted).length, faults.length),
    share('calm-left-alone', calm.filter(({ accused }) => accused.length === 0).length, calm.length),
    share('innocents-accused-in-faults', accused, faults.length),
    { measure: `calibration-brier, ${loss}`, subject: 'tier0', unit: '0 is perfect', ...spreadOf([calibration.brier]), n: calibration.n },
  ];
}
