// How the time of each rule and link grows with the cluster, at the shape that is worst for it: the exponent of size, fitted from 1,000 to 4,000.
import { Worker } from 'node:worker_threads';
import { readOptions } from '../frame/options.ts';
import { publish, type Row, toRecord } from '../frame/record.ts';
import type { Order, Told } from './measure-worker.ts';
import { SHAPES } from './shapes.ts';

/** Milliseconds below which time says nothing about growth. */
const MEASURABLE_MS = 20;
/** What a rule may grow by. */
const TARGET = 1.3;

const options = readOptions(['size', 'shape', 'budget']);
const base = options.count('size', 1_000);
const sizes = [base, 2 * base, 4 * base] as const;
/** Seconds that one step may take at one size; what takes longer is ended, and said. */
const budget = options.count('budget', 10);

interface Case {
  readonly shape: string;
  readonly step: string;
  readonly ms: Map<number, number>;
  /** The size at which it was ended. */
  endedAt?: number;
}

/** Steps of a shape, each within its time: the thread is begun anew without a step that was ended. */
async function measureShape(shape: string): Promise<readonly Case[]> {
  const cases = new Map<string, Case>();
  const without: string[] = [];
  for (;;) {
    const ended = await measureFrom({ shape, sizes, without, measured: measuredOf(cases) }, cases);
    if (ended === undefined) return [...cases.values()];
    const found = caseOf(cases, shape, ended.step);
    found.endedAt ??= ended.size;
    for (const size of sizes) if (size >= ended.size) without.push(`${ended.step}@${size}`);
    if (/^(?:open|all rules)$/.test(ended.step)) return [...cases.values()];
  }
}

function caseOf(cases: Map<string, Case>, shape: string, step: string): Case {
  const known = cases.get(step) ?? { shape, step, ms: new Map() };
  cases.set(step, known);
  return known;
}

function measuredOf(cases: ReadonlyMap<string, Case>): readonly string[] {
  return [...cases.values()].flatMap(({ step, ms }) => [...ms.keys()].map((size) => `${step}@${size}`));
}

/** Undefined when it came to its end; else the step that was ended. */
function measureFrom(order: Order, cases: Map<string, Case>): Promise<Told | undefined> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./measure-worker.ts', import.meta.url), {
      workerData: order,
    });
    let timer: NodeJS.Timeout | undefined;
    worker.on('message', (told: Told) => {
      clearTimeout(timer);
      if (told.ms !== undefined) caseOf(cases, order.shape, told.step).ms.set(told.size, told.ms);
      else
        timer = setTimeout(() => {
          worker.removeAllListeners('exit');
          void worker.terminate().then(() => resolve(told));
        }, budget * 1_000);
    });
    worker.on('error', reject);
    worker.on('exit', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}

function exponentOf({ ms, endedAt }: Case): number | undefined {
  const [small, large] = [ms.get(sizes[0]), ms.get(sizes[2])];
  if (endedAt !== undefined) return Number.POSITIVE_INFINITY;
  if (small === undefined || large === undefined || large < MEASURABLE_MS) return undefined;
  return Math.log2(large / Math.max(small, 0.01)) / 2;
}

const wanted = options.value('shape');
const shapes = SHAPES.filter(({ name }) => wanted === undefined || name.includes(wanted));
const all: Case[] = [];
for (const [at, { name }] of shapes.entries()) {
  const started = performance.now();
  all.push(...(await measureShape(name)));
  process.stderr.write(`${at + 1} of ${shapes.length}: ${name}: ${((performance.now() - started) / 1_000).toFixed(0)} s\n`);
}

const worst = [...Map.groupBy(all, ({ step }) => step).values()].flatMap((cases) => {
  const measured = cases.map((one) => ({ ...one, exponent: exponentOf(one) })).filter((one) => one.exponent !== undefined);
  return measured.sort((a, b) => (b.exponent ?? 0) - (a.exponent ?? 0)).slice(0, 1);
});
worst.sort((a, b) => (b.exponent ?? 0) - (a.exponent ?? 0));
const rows: Row[] = worst
  .filter(({ endedAt }) => endedAt === undefined)
  .map(({ step, shape, exponent = 0 }) => ({
    measure: step,
    subject: shape,
    unit: 'exponent',
    n: 3,
    median: exponent,
    min: exponent,
    max: exponent,
  }));
const steps = new Set(all.map(({ step }) => step)).size;
const shown = ({ ms }: Case) => sizes.map((size) => (ms.has(size) ? `${ms.get(size)?.toFixed(0)} ms` : 'not measured')).join(', ');
const notes = [
  ...worst
    .filter(({ endedAt }) => endedAt !== undefined)
    .map((one) => `ended after ${budget} s: ${one.step} at ${one.endedAt} of ${one.shape}: ${shown(one)}`),
  ...worst
    .filter(({ exponent, endedAt }) => endedAt === undefined && (exponent ?? 0) > TARGET)
    .map((one) => `above ${TARGET}: ${one.step} at ${one.shape}: ${shown(one)}`),
  `${steps - worst.length} of ${steps} rules and links take less than ${MEASURABLE_MS} ms at ${sizes[2]} of every shape.`,
];
publish(toRecord('complexity', { rows, notes }), options.json);
