import type { DatabaseSync } from 'node:sqlite';
import type { CallContext, Cmdb } from '@tier0/core';
import { percentile, spreadOf, timed } from '../frame/measure.ts';
import type { Ratio, Row } from '../frame/record.ts';
import { idOf, itemFact, type MadeGraph, NOW, randomItems } from './make-graph.ts';

const WRITES = 200;
const WRITERS = 64;
const BATCH = 100;
/** A clock after everything that the graph holds. */
const CONTEXT: CallContext = { signal: new AbortController().signal, now: () => NOW + 86_400_000 };

export interface WriteInput {
  readonly cmdb: Cmdb;
  readonly database: DatabaseSync;
  readonly graph: MadeGraph;
  readonly rounds: number;
}

/** Durable updates of one item each: one writer after the other, and 64 at once, beside SQLite doing the same to its table. */
export async function measureWrites({
  cmdb,
  database,
  graph,
  rounds,
}: WriteInput): Promise<{ readonly rows: readonly Row[]; readonly ratios: readonly Ratio[] }> {
  let revision = 0;
  const targets = () => randomItems(graph.items, WRITES, ++revision);
  const factOf = (item: number) => itemFact(item, 'observed', NOW + revision, revision);
  const visible: number[] = [];
  const single = async () => {
    for (const item of targets()) {
      const startedAt = performance.now();
      const fact = factOf(item);
      await cmdb.record([fact], CONTEXT);
      const found = cmdb.reader().get(idOf(item));
      if (found.state !== 'found' || fact.type !== 'item-asserted' || found.item.digest !== fact.item.digest)
        throw new Error('A durable update is not visible.');
      visible.push(performance.now() - startedAt);
    }
  };
  const many = async () => {
    const queue = [...targets(), ...targets(), ...targets(), ...targets()];
    await Promise.all(
      Array.from({ length: WRITERS }, async () => {
        for (let item = queue.pop(); item !== undefined; item = queue.pop()) await cmdb.record([factOf(item)], CONTEXT);
      }),
    );
  };
  const update = database.prepare('UPDATE item SET attributes = ?, sources = ? WHERE id = ?');
  const updateOf = (item: number) => {
    const fact = factOf(item);
    if (fact.type === 'item-asserted')
      update.run(JSON.stringify(fact.item.columns), JSON.stringify([fact.item.sources, fact.item.digest]), idOf(item));
  };
  const rawSingle = () => {
    for (const item of targets()) updateOf(item);
  };
  const rawBatch = () => {
    const all = [...targets(), ...targets(), ...targets(), ...targets()];
    for (let at = 0; at < all.length; at += BATCH) {
      database.exec('BEGIN');
      for (const item of all.slice(at, at + BATCH)) updateOf(item);
      database.exec('COMMIT');
    }
  };
  const rates: Record<string, number[]> = { single: [], many: [], rawSingle: [], rawBatch: [] };
  for (let round = 0; round < rounds; round++) {
    rates.single?.push((WRITES / (await timed(single)).wallMs) * 1000);
    rates.rawSingle?.push((WRITES / (await timed(rawSingle)).wallMs) * 1000);
    rates.many?.push(((WRITES * 4) / (await timed(many)).wallMs) * 1000);
    rates.rawBatch?.push(((WRITES * 4) / (await timed(rawBatch)).wallMs) * 1000);
  }
  const spread = (name: string) => spreadOf(rates[name] ?? []);
  visible.sort((a, b) => a - b);
  const seen = { min: visible[0] as number, max: visible.at(-1) as number, n: visible.length };
  return {
    rows: [
      { measure: 'durable-writes-1', subject: 'tier0', ...spread('single'), unit: 'per s' },
      { measure: 'durable-writes-1', subject: 'sqlite', ...spread('rawSingle'), unit: 'per s' },
      { measure: 'durable-writes-64', subject: 'tier0', ...spread('many'), unit: 'per s' },
      { measure: 'durable-writes-64', subject: 'sqlite, batches of 100', ...spread('rawBatch'), unit: 'per s' },
      { measure: 'update-visible-p95', subject: 'tier0', median: percentile(visible, 0.95), ...seen, unit: 'ms wall' },
    ],
    ratios: [
      {
        measure: 'durable-writes-1',
        peer: 'sqlite',
        ratio: spread('single').median / spread('rawSingle').median,
        better: 'higher',
        target: '>= 0.8',
      },
      {
        measure: 'durable-writes-64',
        peer: 'sqlite',
        ratio: spread('many').median / spread('rawBatch').median,
        better: 'higher',
        target: '>= 0.8',
      },
    ],
  };
}
