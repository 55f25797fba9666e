import { crashRounds } from '../../packages/cmdb/src/testing/crash-rounds.ts';
import type { Row } from '../frame/record.ts';

/** A writer killed with signal 9 at random points: what was acknowledged must be there, closures must be right. Ends the bench otherwise. */
export async function measureCrashes(rounds: number, folder: string): Promise<readonly Row[]> {
  process.stderr.write(`bench graph: ${rounds} kills\n`);
  const report = await crashRounds({ folder, rounds, seed: 1 });
  if (report.lost > 0 || report.wrong > 0) throw new Error(`After ${rounds} kills: ${JSON.stringify(report)}.`);
  const row = (measure: string, value: number, unit: string): Row => ({
    measure,
    subject: 'tier0',
    median: value,
    min: value,
    max: value,
    n: rounds,
    unit,
  });
  return [
    row('kill-9-acknowledged', report.acknowledged, 'commits'),
    row('kill-9-lost', report.lost, 'acknowledged commits'),
    row('kill-9-wrong', report.wrong, 'closures'),
  ];
}
