// Sizes from two weeks of use, judged by the week after: how many would have been killed, and how much was reserved for nothing.
// --workloads N (220) of eleven generated shapes, --seeds N (5). Peers are the two rules people use: the plain 95th percentile, and the
// highest value seen plus a fifth. The shapes were written beside the rule they judge; nobody else's workloads are in this.
import { percentile, sizeContainer } from '../../packages/agents/src/assist/recommend/size-container.ts';
import { type MadeUsage, makeUsages, type SizeWorth, worthOf } from '../../packages/agents/src/assist/recommend/testing/made-usage.ts';
import { spreadOf } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Row, toRecord } from '../frame/record.ts';

interface Reservation {
  readonly memoryRequest: number;
  readonly memoryLimit: number;
}

const RULES: Readonly<Record<string, (usage: MadeUsage) => Reservation>> = {
  tier0: (usage) => {
    const verdict = sizeContainer({ memory: usage.seen, cpu: [], memoryLimit: usage.memoryLimit });
    if (verdict.state !== 'sized') throw new Error(verdict.reason);
    return verdict.size;
  },
  'plain p95': ({ seen }) => both(percentile(values(seen), 0.95)),
  'highest + 20 %': ({ seen }) => both(1.2 * Math.max(...values(seen))),
};

const options = readOptions(['workloads', 'seeds']);
const workloads = options.count('workloads', 220);
const seeds = Array.from({ length: options.count('seeds', 5) }, (_, index) => 1_000 + index);
const rows: Row[] = [];
const estates = seeds.map((seed) => makeUsages(workloads, seed));
for (const [subject, rule] of Object.entries(RULES)) {
  const worths = estates.map((usages) => usages.map((usage) => worthOf(usage, rule(usage))));
  const add = (measure: string, share: (worth: SizeWorth) => number) =>
    rows.push({
      measure,
      subject,
      unit: '%',
      ...spreadOf(worths.map((all) => (100 * all.reduce((sum, one) => sum + share(one), 0)) / all.length)),
    });
  add('killed', ({ killed }) => (killed ? 1 : 0));
  add('request-unused', ({ waste }) => waste);
  add('limit-unused', ({ headroom }) => headroom);
}
const notes = [
  `${workloads} workloads a seed, ${seeds.length} seeds; a value is the mean of one seed. Killed: the limit was exceeded at least once in the seven days after.`,
];
publish(toRecord('recommend', { rows, notes }), options.json);

function both(bytes: number): Reservation {
  return { memoryRequest: bytes, memoryLimit: bytes };
}

function values(points: MadeUsage['seen']): readonly number[] {
  return points.map(([, value]) => value);
}
