// What the loop itself costs, beside others: a scripted model in the process, validated tools, no network.
// --part speed (default), --part crashes, --rounds N, --runs N for the growth of memory.
import { interleave, residentBytes, spreadOf } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { publish, type Ratio, type Row, toRecord } from '../frame/record.ts';
import { killEverywhere } from './crashes.ts';
import { langGraph, openAiAgents, vercelAi } from './peers.ts';
import { CALLS, type LoopSubject } from './subject.ts';
import { tier0Subject } from './tier0.ts';

const options = readOptions(['part', 'rounds', 'runs']);
const rows: Row[] = [];
const ratios: Ratio[] = [];
const notes: string[] = [];
const part = options.value('part') ?? 'speed';
if (part === 'crashes') await measureCrashes();
else await measureSpeed();
publish(
  toRecord('loop', { rows, ratios, notes, peers: part === 'crashes' ? [] : ['ai', '@openai/agents', '@langchain/langgraph'] }),
  options.json,
);

async function measureSpeed(): Promise<void> {
  const tier0 = tier0Subject();
  await measureGrowth(tier0, options.count('runs', 10_000));
  const subjects = [tier0, await vercelAi(), await openAiAgents(), await langGraph()];
  const small = await measureSteps(subjects, 20, options.count('rounds', 30));
  const large = await measureSteps(subjects, 100, Math.max(3, Math.ceil(options.count('rounds', 30) / 6)));
  for (const { name } of subjects) {
    const ratio = (large.get(name) ?? Number.NaN) / (small.get(name) ?? Number.NaN);
    rows.push({ measure: 'cpu-100-over-20-steps', subject: name, unit: 'x', ...spreadOf([ratio]) });
  }
  compare(small, 'ai', '<= 0.2');
  compare(small, '@openai/agents', '<= 0.05');
  compare(small, '@langchain/langgraph');
  notes.push(
    `${CALLS} parallel calls a step, each validated by zod; tier0 keeps its event log in memory, the others keep none. Tracing is off everywhere. A round is ten runs of 20 steps, or two of 100, of one subject; a value is that by the run.`,
  );
}

async function measureSteps(subjects: readonly LoopSubject[], steps: number, rounds: number): Promise<ReadonlyMap<string, number>> {
  const each = steps > 20 ? 2 : 10;
  const calls = Object.fromEntries(subjects.map((subject) => [subject.name, () => repeat(each, () => checked(subject, steps))]));
  const timings = await interleave(calls, { rounds, warmUp: Math.max(2, Math.ceil(rounds / 3)) });
  const medians = new Map<string, number>();
  for (const [name, times] of Object.entries(timings)) {
    const cpu = spreadOf(times.map(({ cpuMs }) => cpuMs / each));
    rows.push({ measure: `cpu-${steps}-steps`, subject: name, unit: 'ms', ...cpu });
    rows.push({ measure: `wall-${steps}-steps`, subject: name, unit: 'ms', ...spreadOf(times.map(({ wallMs }) => wallMs / each)) });
    medians.set(name, cpu.median);
  }
  return medians;
}

async function repeat(times: number, work: () => Promise<void>): Promise<void> {
  for (let time = 0; time < times; time++) await work();
}

async function checked({ name, run }: LoopSubject, steps: number): Promise<void> {
  const made = await run(steps);
  if (made !== steps * CALLS) throw new Error(`${name} made ${made} of ${steps * CALLS} calls`);
}

function compare(medians: ReadonlyMap<string, number>, peer: string, target?: string): void {
  const ratio = (medians.get('tier0') ?? Number.NaN) / (medians.get(peer) ?? Number.NaN);
  ratios.push({ measure: 'cpu-20-steps', peer, ratio, better: 'lower', ...(target ? { target } : {}) });
}

/** Heap and resident memory after many runs against after the first tenth, when everything is warm. */
async function measureGrowth(subject: LoopSubject, runs: number): Promise<void> {
  const warm = Math.ceil(runs / 10);
  for (let index = 0; index < warm; index++) await subject.run(20);
  const before = { rss: residentBytes(), heap: process.memoryUsage().heapUsed };
  for (let index = 0; index < runs; index++) await subject.run(20);
  const after = { rss: residentBytes(), heap: process.memoryUsage().heapUsed };
  const megabytes = (bytes: number) => spreadOf([bytes / 2 ** 20]);
  rows.push({ measure: `heap-growth-${runs}-runs`, subject: subject.name, unit: 'MB', ...megabytes(after.heap - before.heap) });
  rows.push({ measure: `rss-growth-${runs}-runs`, subject: subject.name, unit: 'MB', ...megabytes(after.rss - before.rss) });
}

async function measureCrashes(): Promise<void> {
  const { moments, resumed, lostEffects, doubleEffects } = await killEverywhere();
  const row = (measure: string, value: number) => rows.push({ measure, subject: 'tier0', unit: 'runs', ...spreadOf([value]) });
  row('killed', moments);
  row('resumed', resumed);
  row('effects-lost', lostEffects);
  row('effects-twice', doubleEffects);
  notes.push(
    'A 20-step run with 19 approved effects; one process is killed with SIGKILL before and after every append and after every effect, another goes on.',
  );
}
