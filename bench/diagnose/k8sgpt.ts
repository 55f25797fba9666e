import type { CallContext } from '@tier0/core';
import { type AnsweredRootCause, createK8sgptTool, readScenario, scoreDiagnosis } from '@tier0/eval';
import { spreadOf } from '../frame/measure.ts';
import type { Row } from '../frame/record.ts';
import { serveFolder } from './serve-folder.ts';

/** k8sgpt on the same recordings, behind the embedded cluster, when a binary is on PATH; else a note that it was not run. */
export async function measureK8sgpt(folders: readonly string[], notes: string[], context: CallContext): Promise<readonly Row[]> {
  const tool = createK8sgptTool({ searchPath: process.env.PATH ?? '' });
  const availability = await tool.availability();
  if (availability.status === 'not-run') {
    notes.push(`k8sgpt: not run (${availability.reason}). ${availability.howToAdd}`);
    return [];
  }
  let exact = 0;
  let accused = 0;
  let faults = 0;
  for (const folder of folders) {
    const { expected } = await readScenario(folder);
    const served = await serveFolder(folder);
    const answer = await tool.diagnose(served.access, context).finally(() => served.close());
    const score = scoreDiagnosis(answer.rootCauses.flatMap(toNamed), expected);
    if (!expected.healthy) faults += 1;
    if (!expected.healthy && score.isExact) exact += 1;
    if (expected.healthy && !score.isExact) accused += 1;
  }
  const controls = folders.length - faults;
  const share = (measure: string, of: number, out: number): Row => ({
    measure,
    subject: 'k8sgpt',
    unit: `of ${out}`,
    ...spreadOf([out === 0 ? 0 : of / out]),
    n: out,
  });
  return [share('exact-root-causes', exact, faults), share('controls-left-alone', controls - accused, controls)];
}

function toNamed({ cause, subject }: AnsweredRootCause) {
  return [{ cause: cause ?? 'needs-investigation', subject, path: [] }];
}
