import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createCmdb } from '@tier0/cmdb';
import { createPostgresCmdbStore } from '@tier0/cmdb/stores/postgres';
import { type CallContext, type Cmdb, sha256 } from '@tier0/core';
import { startPostgres } from '../../packages/cmdb/src/testing/postgres-server.ts';
import { percentile, spreadOf, timed } from '../frame/measure.ts';
import { loadPeer } from '../frame/peer.ts';
import type { Ratio, Row } from '../frame/record.ts';
import { attributesOf, FIRST, idOf, itemFact, type MadeGraph, NOW, randomItems } from './make-graph.ts';
import { loadTier0 } from './subjects.ts';

const WRITES = 200;
const MANY = 800;
const WRITERS = 64;
const BATCH = 100;
const UPDATES = 200;
const LOAD = 5000;
const CONTEXT: CallContext = { signal: new AbortController().signal, now: () => NOW + 86_400_000 };

/** What is used of the driver. */
interface Driver {
  readonly default: { readonly Client: new (address: string) => Client };
}

interface Client {
  connect(): Promise<unknown>;
  query(sql: string, values?: readonly unknown[]): Promise<unknown>;
  end(): Promise<void>;
}

export interface PostgresInput {
  /** On its embedded SQLite store, with the whole graph. */
  readonly embedded: Cmdb;
  readonly graph: MadeGraph;
  readonly rounds: number;
}

/**
 * Durable updates of one item each on a real server with fsync: a plain table of items as people would write it, and the shared store;
 * the embedded store takes its turn in the same rounds. Then how long an update takes to be seen in the graph of another process.
 */
export async function measurePostgres({ embedded, graph, rounds }: PostgresInput): Promise<{
  readonly rows: readonly Row[];
  readonly ratios: readonly Ratio[];
}> {
  const server = await startPostgres();
  const store = createPostgresCmdbStore({ server: server.url() });
  const { default: driver } = await loadPeer<Driver>('pg');
  const client = new driver.Client(server.url());
  await client.connect();
  try {
    await loadTable(client, graph);
    const loaded = await timed(() => loadTier0(graph, store));
    await client.query('CHECKPOINT');
    const rates = await measureRates({ embedded, shared: loaded.result, client, graph, rounds });
    const visible = await measureVisible(loaded.result, server.url(), graph);
    const rate = (measure: string, subject: string, name: string): Row => ({
      measure,
      subject,
      ...spreadOf(rates[name] ?? []),
      unit: 'per s',
    });
    const seen = { min: visible[0] as number, max: visible.at(-1) as number, n: visible.length, unit: 'ms wall' };
    const times = (ours: string, peers: string) => spreadOf(rates[ours] ?? []).median / spreadOf(rates[peers] ?? []).median;
    const ratio = (measure: string, peer: string, ours: string, peers: string): Ratio => ({
      measure,
      peer,
      ratio: times(ours, peers),
      better: 'higher',
      target: '>= 2',
    });
    return {
      rows: [
        { measure: 'shared-load-durable', subject: 'tier0 on postgres', ...spreadOf([loaded.wallMs]), unit: 'ms wall' },
        rate('durable-writes-1-beside-postgres', 'tier0', 'embedded'),
        rate('durable-writes-1-beside-postgres', 'tier0 on postgres', 'shared'),
        rate('durable-writes-1-beside-postgres', 'postgres', 'table'),
        rate('durable-writes-64-beside-postgres', 'tier0', 'embeddedMany'),
        rate('durable-writes-64-beside-postgres', 'tier0 on postgres', 'sharedMany'),
        rate('durable-writes-64-beside-postgres', 'postgres, batches of 100', 'tableBatch'),
        rate('durable-writes-64-beside-postgres', 'postgres, batches of 100 in one statement', 'tableStatement'),
        { measure: 'update-visible-replica-p50', subject: 'tier0 on postgres', median: percentile(visible, 0.5), ...seen },
        { measure: 'update-visible-replica-p95', subject: 'tier0 on postgres', median: percentile(visible, 0.95), ...seen },
      ],
      ratios: [
        ratio('durable-writes-1-beside-postgres', 'postgres', 'embedded', 'table'),
        ratio('durable-writes-1-beside-postgres', 'postgres, batches of 100', 'embedded', 'tableBatch'),
        ratio('durable-writes-64-beside-postgres', 'postgres, batches of 100', 'embeddedMany', 'tableBatch'),
        ratio('durable-writes-64-beside-postgres', 'postgres, batches of 100 in one statement', 'embeddedMany', 'tableStatement'),
      ],
    };
  } finally {
    await client.end();
    await store.close?.();
    await server.close();
  }
}

async function loadTable(client: Client, { items }: MadeGraph): Promise<void> {
  await client.query(
    'CREATE TABLE item (node integer PRIMARY KEY, id text UNIQUE NOT NULL, attributes text NOT NULL, sources text NOT NULL)',
  );
  for (let from = 0; from < items; from += LOAD) {
    const nodes = Array.from({ length: Math.min(LOAD, items - from) }, (_, index) => from + index);
    await client.query('INSERT INTO item SELECT * FROM unnest($1::int[], $2::text[], $3::text[], $4::text[])', [
      nodes,
      nodes.map(idOf),
      nodes.map((node) => JSON.stringify(attributesOf(node))),
      nodes.map((node) => sourcesOf(node, 0)),
    ]);
  }
  await client.query('VACUUM ANALYZE item');
}

function sourcesOf(item: number, revision: number): string {
  return JSON.stringify([{ name: 'kubernetes', observedAt: FIRST + revision }, sha256(`observed ${item} ${revision}`)]);
}

async function measureRates(input: {
  readonly embedded: Cmdb;
  readonly shared: Cmdb;
  readonly client: Client;
  readonly graph: MadeGraph;
  readonly rounds: number;
}): Promise<Readonly<Record<string, readonly number[]>>> {
  const { client, graph } = input;
  // Apart from the revisions of the other measurements on the same store.
  let revision = 1_000_000;
  const targets = (count: number) => randomItems(graph.items, count, ++revision);
  const record = (cmdb: Cmdb, item: number) => cmdb.record([itemFact(item, 'observed', NOW + revision, revision)], CONTEXT);
  const one = (cmdb: Cmdb) => async () => {
    for (const item of targets(WRITES)) await record(cmdb, item);
  };
  const many = (cmdb: Cmdb) => async () => {
    const queue = [...targets(MANY)];
    const writer = async () => {
      for (let item = queue.pop(); item !== undefined; item = queue.pop()) await record(cmdb, item);
    };
    await Promise.all(Array.from({ length: WRITERS }, writer));
  };
  const update = (item: number) =>
    client.query('UPDATE item SET attributes = $1, sources = $2 WHERE id = $3', [
      JSON.stringify(attributesOf(item)),
      sourcesOf(item, revision),
      idOf(item),
    ]);
  const inBatches = (write: (batch: readonly number[]) => Promise<unknown>) => async () => {
    const all = targets(MANY);
    for (let at = 0; at < all.length; at += BATCH) await write(all.slice(at, at + BATCH));
  };
  const subjects: Readonly<Record<string, readonly [writes: number, run: () => Promise<void>]>> = {
    embedded: [WRITES, one(input.embedded)],
    shared: [WRITES, one(input.shared)],
    table: [
      WRITES,
      async () => {
        for (const item of targets(WRITES)) await update(item);
      },
    ],
    embeddedMany: [MANY, many(input.embedded)],
    sharedMany: [MANY, many(input.shared)],
    tableBatch: [
      MANY,
      inBatches(async (batch) => {
        await client.query('BEGIN');
        for (const item of batch) await update(item);
        await client.query('COMMIT');
      }),
    ],
    tableStatement: [
      MANY,
      inBatches((batch) =>
        client.query(
          `UPDATE item SET attributes = given.attributes, sources = given.sources
           FROM unnest($1::text[], $2::text[], $3::text[]) AS given (attributes, sources, id) WHERE item.id = given.id`,
          [batch.map((item) => JSON.stringify(attributesOf(item))), batch.map((item) => sourcesOf(item, revision)), batch.map(idOf)],
        ),
      ),
    ],
  };
  const rates: Record<string, number[]> = {};
  for (let round = 0; round <= input.rounds; round++) {
    for (const [name, [writes, run]] of Object.entries(subjects)) {
      const rate = (writes / (await timed(run)).wallMs) * 1000;
      // The first round warms connections and caches.
      if (round > 0) rates[name] = [...(rates[name] ?? []), rate];
    }
  }
  return rates;
}

/** Milliseconds from the call that writes to the moment at which a reader of another process gives the new state, sorted. */
async function measureVisible(cmdb: Cmdb, server: string, graph: MadeGraph): Promise<readonly number[]> {
  const child = fork(import.meta.filename, [JSON.stringify({ role: 'replica', server })]);
  const times: number[] = [];
  try {
    await once(child, 'message');
    for (const [index, item] of randomItems(graph.items, UPDATES, 7).entries()) {
      const fact = itemFact(item, 'observed', NOW + 2_000_000 + index, 2_000_000 + index);
      child.send({ id: idOf(item), digest: fact.type === 'item-asserted' ? fact.item.digest : '' });
      await once(child, 'message');
      const startedAt = process.hrtime.bigint();
      const seen = once(child, 'message');
      await cmdb.record([fact], CONTEXT);
      const [seenAt] = await seen;
      times.push(Number(BigInt(seenAt) - startedAt) / 1e6);
    }
  } finally {
    child.kill();
  }
  return times.sort((a, b) => a - b);
}

/** Keeps a graph of its own, and says when it shows what it was asked to look for. The monotonic clock is the same in all processes. */
async function followAsReplica(server: string): Promise<void> {
  const store = createPostgresCmdbStore({ server });
  const cmdb = createCmdb({ sources: [], store });
  let known = await cmdb.catchUp(CONTEXT);
  process.send?.('ready');
  process.on('message', async (message) => {
    const { id, digest } = message as { readonly id: string; readonly digest: string };
    process.send?.('armed');
    for (;;) {
      await store.wait(known, CONTEXT);
      known = await cmdb.catchUp(CONTEXT);
      const found = cmdb.reader().get(id);
      if (found.state === 'found' && found.item.digest === digest) break;
    }
    process.send?.(String(process.hrtime.bigint()));
  });
}

if (process.send && process.argv[2]?.includes('"replica"')) {
  await followAsReplica(JSON.parse(process.argv[2]).server);
}
