import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { percentile, timed } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { type RetrievalSet, readSets } from './data.ts';
import { RETRIEVERS, type Retriever, stateOf } from './retrievers.ts';
import { bootstrapInterval, scoreRanking } from './score.ts';

/** One line of the result. */
interface Row {
  readonly set: string;
  readonly name: string;
  readonly ndcg10: number;
  readonly hit1: number;
  readonly hit5: number;
  /** 95 % bootstrap interval of nDCG@10. */
  readonly interval: readonly [number, number];
}

const options = readOptions();
const sets = options.data === undefined ? [] : readSets(options.data);
if (sets.length === 0) {
  process.stderr.write('pnpm bench retrieval wants --data DIR with corpus-<set>.jsonl and queries-<set>*.jsonl.\n');
  process.exit(2);
}

const rows: Row[] = [];
for (const set of sets) {
  process.stdout.write(`\nset ${set.name}: ${set.documents.length} documents, ${set.queries.length} queries\n`);
  process.stdout.write('name                      nDCG@10  95 % interval    hit@1  hit@5  build ms  query p50  p95 ms\n');
  for (const retriever of RETRIEVERS) await measure(set, retriever);
  const { weights } = await stateOf(set.documents);
  const shown = weights.map(({ name, weight, quality }) => `${name} ${weight.toFixed(2)} (${quality?.toFixed(3) ?? 'not measured'})`);
  process.stdout.write(`weights by self-retrieval: ${shown.join(', ')}\n`);
}
process.stdout.write(
  '\nTitles, where documents have one, are indexed by all. vectra-dense: its index and ranking over the corpus-fitted vectors.\n',
);
if (options.json !== undefined) {
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify({ rows }, null, 2)}\n`);
}

async function measure(set: RetrievalSet, { name, open }: Retriever): Promise<void> {
  let built: Awaited<ReturnType<typeof timed<Awaited<ReturnType<typeof open>>>>>;
  try {
    built = await timed(() => open(set.documents));
  } catch (error) {
    process.stdout.write(`${name.padEnd(25)} not run: ${(error as Error).message.split('\n')[0]}\n`);
    return;
  }
  const times: number[] = [];
  const scores = [];
  for (const { text, relevant } of set.queries) {
    const { result, wallMs } = await timed(() => built.result(text));
    times.push(wallMs);
    scores.push(scoreRanking(result, relevant));
  }
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const gains = scores.map((score) => score.ndcg10);
  const row: Row = {
    set: set.name,
    name,
    ndcg10: mean(gains),
    hit1: mean(scores.map((score) => score.hit1)),
    hit5: mean(scores.map((score) => score.hit5)),
    interval: bootstrapInterval(gains),
  };
  rows.push(row);
  times.sort((a, b) => a - b);
  const interval = `${row.interval[0].toFixed(3)}..${row.interval[1].toFixed(3)}`;
  const numbers = [row.ndcg10.toFixed(3).padEnd(8), interval.padEnd(16), row.hit1.toFixed(3).padEnd(6), row.hit5.toFixed(3).padEnd(6)];
  const speed = [
    built.wallMs.toFixed(0).padStart(8),
    percentile(times, 0.5).toFixed(2).padStart(10),
    percentile(times, 0.95).toFixed(2).padStart(7),
  ];
  process.stdout.write(`${name.padEnd(25)} ${numbers.join(' ')} ${speed.join(' ')}\n`);
}
