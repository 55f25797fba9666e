import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type FlatVectors,
  ingest,
  openFlatVectors,
  openKnowledgeBase,
  openUsearchVectors,
  type VectorHit,
  type VectorIndex,
} from '@tier0/agents/patterns';
import { percentile, type Spread, spreadOf, timed } from '../frame/measure.ts';
import { readOptions } from '../frame/options.ts';
import { loadPeer } from '../frame/peer.ts';
import { publish, type Ratio, type Row, toRecord } from '../frame/record.ts';
import { writeMadeDocuments } from './made-documents.ts';
import { madeVectors } from './made-vectors.ts';

// biome-ignore lint/suspicious/noExplicitAny: types must check where no peer is installed.
type Peer = any;

const options = readOptions(['count', 'dimensions', 'queries', 'chunks', 'part']);
const count = options.count('count', 100_000);
const dimensions = options.count('dimensions', 384);
const queryCount = options.count('queries', 100);
const context = { signal: new AbortController().signal, now: Date.now };
const root = mkdtempSync(join(tmpdir(), 'tier0-bench-vectors-'));
process.on('exit', () => rmSync(root, { recursive: true, force: true }));

const rows: Row[] = [];
const ratios: Ratio[] = [];
const notes: string[] = [];
const size = `${count.toLocaleString('en-US')} x ${dimensions}`;
const row = (measure: string, subject: string, unit: string, spread: Spread) => rows.push({ measure, subject, unit, ...spread });
const aim = (measure: string, ratio: number, target: string) =>
  ratios.push({ measure, peer: 'the target', ratio, better: 'lower', target });

const part = options.value('part') ?? 'all';
const { vectors, queries } = madeVectors({ count: part === 'hybrid' ? 1 : count, dimensions, queries: queryCount, clusters: 200 });
const folder = join(root, 'flat');
if (part !== 'hybrid') {
  const flat = await measureFlat();
  const exact = await measureScans(flat);
  await measureUpserts(flat);
  if (part !== 'flat') await measureUsearch(exact);
}
if (part !== 'flat') await measureHybrid(options.count('chunks', 8000));
notes.push(
  `Load of the machine (1, 5 and 15 minutes) at the end: ${loadavg()
    .map((load) => load.toFixed(1))
    .join(', ')}.`,
);
publish(toRecord('vectors', { rows, ratios, notes, peers: ['vectra', 'usearch'] }), options.json);

async function measureFlat(): Promise<FlatVectors> {
  const records = vectors.map((vector, i) => ({ id: `d${i}`, vector }));
  const built = await timed(async () => {
    const index = await openFlatVectors({ folder, dimensions });
    await index.upsert(records, context);
  });
  row(`${size}: build`, 'tier0 flat', 's', spreadOf([built.wallMs / 1000]));
  aim('build, seconds', built.wallMs / 1000, '<= 5');
  const times: number[] = [];
  const firsts: number[] = [];
  let index: FlatVectors | undefined;
  for (let round = 0; round < 5; round++) {
    await index?.close?.();
    const opened = await timed(() => openFlatVectors({ folder, dimensions }));
    times.push(opened.wallMs / 1000);
    index = opened.result;
    // Opening reads the log only: what it puts off is told as well.
    const first = await timed(() => opened.result.search({ vector: queries[0] as Float32Array }, context));
    firsts.push((opened.wallMs + first.wallMs) / 1000);
  }
  row(`${size}: reopen`, 'tier0 flat', 's', spreadOf(times));
  aim('reopen, seconds', spreadOf(times).median, '<= 1');
  row(`${size}: reopen and answer once`, 'tier0 flat', 's', spreadOf(firsts));
  return index as FlatVectors;
}

/** Query by query in turn: a noisy moment hits both. vectra's items are put into its memory: its own way of adding them does not end. */
async function measureScans(index: VectorIndex): Promise<readonly (readonly VectorHit[])[]> {
  const { LocalIndex } = await loadPeer<Peer>('vectra');
  const peer = new LocalIndex(join(root, 'vectra'));
  await peer.createIndex({ version: 1 });
  await peer.beginUpdate();
  const norm = (vector: Float32Array) => Math.hypot(...vector);
  const items = vectors.map((vector, i) => ({ id: `d${i}`, vector: [...vector], norm: norm(vector), metadata: {} }));
  // biome-ignore lint/complexity/useLiteralKeys: a private field of the peer.
  for (const item of items) peer['_update'].items.push(item);
  // biome-ignore lint/complexity/useLiteralKeys: likewise.
  peer['_data'] = peer['_update'];
  const ours: number[] = [];
  const theirs: number[] = [];
  const answers: (readonly VectorHit[])[] = [];
  let same = 0;
  for (const [i, vector] of [queries[0] as Float32Array, ...queries].entries()) {
    const mine = await timed(() => index.search({ vector, limit: 10 }, context));
    const other = await timed(() => peer.queryItems([...vector], '', 10));
    if (i === 0) continue;
    ours.push(mine.wallMs);
    theirs.push(other.wallMs);
    answers.push(mine.result);
    const found = new Set(other.result.map((hit: Peer) => hit.item.id));
    same += mine.result.filter(({ id }) => found.has(id)).length;
  }
  const [a, b] = [ours, theirs].map((times) =>
    percentile(
      [...times].sort((x, y) => x - y),
      0.95,
    ),
  ) as [number, number];
  row(`${size}: exact query`, 'tier0 flat', 'ms', spreadOf(ours));
  row(`${size}: exact query`, 'vectra', 'ms', spreadOf(theirs));
  row(`${size}: exact query p95`, 'tier0 flat', 'ms', spreadOf([a]));
  row(`${size}: exact query p95`, 'vectra', 'ms', spreadOf([b]));
  ratios.push({ measure: 'exact query p95', peer: 'vectra', ratio: a / b, better: 'lower', target: '<= 0.5' });
  notes.push(`tier0's exact answers and vectra's agree in ${((100 * same) / (10 * queries.length)).toFixed(1)} % of the ten nearest.`);
  return answers;
}

async function measureUpserts(index: VectorIndex): Promise<void> {
  const times: number[] = [];
  for (let i = 0; i < 200; i++) {
    const vector = queries[i % queries.length] as Float32Array;
    times.push((await timed(() => index.upsert([{ id: `fresh${i}`, vector }], context))).wallMs);
  }
  await index.remove(
    times.map((_, i) => `fresh${i}`),
    context,
  );
  row(`${size}: durable upsert of one`, 'tier0 flat', 'ms', spreadOf(times));
  aim(
    'durable upsert p95, ms',
    percentile(
      [...times].sort((a, b) => a - b),
      0.95,
    ),
    '<= 20',
  );
}

async function measureUsearch(exactAnswers: readonly (readonly VectorHit[])[]): Promise<void> {
  const index = await openUsearchVectors({ folder, dimensions, load: () => loadPeer('usearch') });
  const built = await timed(() => index.build());
  row(`${size}: build the graph`, 'tier0 usearch', 's', spreadOf([built.wallMs / 1000]));
  const times: number[] = [];
  let right = 0;
  for (const [i, vector] of queries.entries()) {
    const { result, wallMs } = await timed(() => index.search({ vector, limit: 10 }, context));
    times.push(wallMs);
    const wanted = new Set(exactAnswers[i]?.map(({ id }) => id));
    right += result.filter(({ id }) => wanted.has(id)).length;
  }
  row(`${size}: approximate query`, 'tier0 usearch', 'ms', spreadOf(times));
  aim(
    'usearch query p95, ms',
    percentile(
      [...times].sort((a, b) => a - b),
      0.95,
    ),
    '<= 2',
  );
  const recall = right / (10 * queries.length);
  row(`${size}: recall of ten`, 'tier0 usearch', 'share', spreadOf([recall]));
  ratios.push({ measure: 'usearch recall', peer: 'the exact answer', ratio: recall, better: 'higher', target: '>= 0.98' });
}

async function measureHybrid(chunks: number): Promise<void> {
  const texts = join(root, 'texts');
  const asked = writeMadeDocuments(texts, chunks);
  const base = await openKnowledgeBase({ folder: join(root, 'knowledge') });
  const read = await timed(() => ingest(base, { directory: texts, source: 'made' }, context));
  const { sections, documents } = await base.stats(context);
  const label = `${sections.toLocaleString('en-US')} chunks`;
  row(`${label}: ingest`, 'tier0', 's', spreadOf([read.wallMs / 1000]));
  row(`${label}: fit`, 'tier0', 's', spreadOf([(await timed(() => base.fit(context))).wallMs / 1000]));
  const ask = async (knowledge: typeof base) => {
    const times: number[] = [];
    for (const text of asked) times.push((await timed(() => knowledge.search({ text }, context))).wallMs);
    return times;
  };
  await ask(base);
  const times = await ask(base);
  row(`${label}: hybrid query`, 'tier0', 'ms', spreadOf(times));
  aim(
    'hybrid query p95, ms',
    percentile(
      [...times].sort((a, b) => a - b),
      0.95,
    ),
    '<= 10',
  );
  const opened = await timed(() => openKnowledgeBase({ folder: join(root, 'knowledge') }));
  row(`${label}: open`, 'tier0', 'ms', spreadOf([opened.wallMs]));
  row(
    `${label}: first query after opening`,
    'tier0',
    'ms',
    spreadOf([(await timed(() => opened.result.search({ text: asked[0] as string }, context))).wallMs]),
  );
  const upserts: number[] = [];
  for (let i = 0; i < 100; i++) {
    const document = await base.get(`made:d${i}.md`);
    if (document) upserts.push((await timed(() => base.store.write({ put: [{ ...document, digest: `changed ${i}` }] }, context))).wallMs);
  }
  row(`${label}: durable upsert of one document`, 'tier0', 'ms', spreadOf(upserts));
  aim(
    'document upsert p95, ms',
    percentile(
      [...upserts].sort((a, b) => a - b),
      0.95,
    ),
    '<= 20',
  );
  notes.push(`The hybrid corpus is made of ${documents} documents; each query reads the sections it cites from disk.`);
}
