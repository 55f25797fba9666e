import { spawn, spawnSync } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { appendFile, mkdtemp, rm, stat, truncate } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasPostgres, startPostgres } from '@tier0/cmdb/testing';
import { testContext } from '@tier0/core/testing';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { startQdrantServer } from './fixtures/qdrant-server.ts';
import { openFlatVectors } from './flat.ts';
import { createPgvectorVectors, type PostgresClient } from './pgvector.ts';
import { createQdrantVectors, pointIdOf } from './qdrant.ts';
import { openUsearchVectors } from './usearch.ts';
import type { VectorIndex } from './vector-index.ts';
import { exportToVectra, importFromVectra, openVectraVectors } from './vectra.ts';

const root = await mkdtemp(join(tmpdir(), 'tier0-vectors-'));
afterAll(() => rm(root, { recursive: true, force: true }));
const context = testContext();
const folder = () => mkdtemp(join(root, 'index-'));
const DIMENSIONS = 20;

/** Directions of chance from a fixed seed. */
function randomVectors(count: number, dimensions = DIMENSIONS, seed = 1): readonly Float32Array[] {
  let state = seed;
  const next = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647 - 0.5;
  };
  return Array.from({ length: count }, () => Float32Array.from({ length: dimensions }, next));
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = a.reduce((sum, x, i) => sum + x * (b[i] as number), 0);
  return dot / Math.hypot(...a) / Math.hypot(...b);
}

/** The contract of every vector index. */
function describeVectorIndex(name: string, make: () => Promise<VectorIndex>): void {
  describe(`${name} is a vector index`, () => {
    test('the nearest come first, with their cosine and their metadata, replaced ones once and removed ones not at all', async () => {
      const index = await make();
      const vectors = randomVectors(300);
      const records = vectors.map((vector, i) => ({ id: `d/${i} ä`, vector, metadata: { team: i % 3 === 0 ? 'a' : 'b', n: i } }));
      await index.upsert(records, context);
      const query = randomVectors(1, DIMENSIONS, 99)[0] as Float32Array;
      const expected = (accepts: (i: number) => boolean) =>
        vectors
          .map((vector, i) => ({ id: `d/${i} ä`, score: cosine(vector, query), i }))
          .filter(({ i }) => accepts(i))
          .sort((a, b) => b.score - a.score)
          .slice(0, 5);
      const found = await index.search({ vector: query, limit: 5 }, context);
      expect(found.map(({ id }) => id)).toEqual(expected(() => true).map(({ id }) => id));
      for (const [at, hit] of found.entries()) expect(hit.score).toBeCloseTo(expected(() => true)[at]?.score ?? 0, 4);
      expect(found[0]?.metadata).toEqual(records[expected(() => true)[0]?.i ?? 0]?.metadata);
      const filtered = await index.search({ vector: query, limit: 5, filter: { team: 'a' } }, context);
      expect(filtered.map(({ id }) => id)).toEqual(expected((i) => i % 3 === 0).map(({ id }) => id));

      const best = found[0]?.id as string;
      await index.upsert([{ id: best, vector: query.map((x) => -x) }], context);
      expect(await index.count(context)).toBe(300);
      expect((await index.search({ vector: query, limit: 300 }, context)).filter(({ id }) => id === best)).toHaveLength(1);
      expect((await index.search({ vector: query, limit: 5 }, context))[0]?.id).toBe(found[1]?.id);
      await index.remove([found[1]?.id as string, 'nobody'], context);
      expect(await index.count(context)).toBe(299);
      expect((await index.search({ vector: query, limit: 5 }, context))[0]?.id).toBe(found[2]?.id);
    });

    test('a vector of other dimensions or without a direction is refused, and nothing is changed', async () => {
      const index = await make();
      const [good, other] = [randomVectors(1)[0] as Float32Array, new Float32Array(DIMENSIONS + 1).fill(1)];
      await index.upsert([{ id: 'good', vector: good }], context);
      const bad = [other, new Float32Array(DIMENSIONS), new Float32Array(DIMENSIONS).fill(Number.NaN)];
      for (const vector of bad) {
        await expect(
          index.upsert(
            [
              { id: 'new', vector: good },
              { id: 'bad', vector },
            ],
            context,
          ),
        ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      }
      await expect(index.search({ vector: other }, context)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      expect(await index.count(context)).toBe(1);
    });
  });
}

describeVectorIndex('flat', async () => openFlatVectors({ folder: await folder(), dimensions: DIMENSIONS }));

const peers = createRequire(join(import.meta.dirname, '../../../../../bench/peers/package.json'));
const peer = (name: string) => async () => import(peers.resolve(name));
const isThere = (name: string) => {
  try {
    peers.resolve(name);
    return true;
  } catch {
    return false;
  }
};

describe.skipIf(!isThere('usearch'))('usearch (needs the peers of the benches)', () => {
  const opened = async (at?: string) =>
    openUsearchVectors({ folder: at ?? (await folder()), dimensions: DIMENSIONS, load: peer('usearch') });
  describeVectorIndex('usearch without a graph', opened);
  test('a graph finds nearly what looking at all finds, after it was opened again too', async () => {
    const at = await folder();
    const index = await opened(at);
    const vectors = randomVectors(3000);
    await index.upsert(
      vectors.slice(0, 2500).map((vector, i) => ({ id: String(i), vector })),
      context,
    );
    await index.build();
    await index.upsert(
      vectors.slice(2500).map((vector, i) => ({ id: String(2500 + i), vector })),
      context,
    );
    await index.remove(['1', '2'], context);
    const exact = await openFlatVectors({ folder: at, dimensions: DIMENSIONS });
    for (const graph of [index, await opened(at)]) {
      let right = 0;
      for (const vector of randomVectors(50, DIMENSIONS, 5)) {
        const wanted = new Set((await exact.search({ vector }, context)).map(({ id }) => id));
        right += (await graph.search({ vector }, context)).filter(({ id }) => wanted.has(id)).length;
      }
      expect(right / 500).toBeGreaterThan(0.95);
    }
  });
});

describe.skipIf(!isThere('vectra'))('vectra (needs the peers of the benches)', () => {
  describeVectorIndex('vectra', async () => openVectraVectors({ folder: await folder(), dimensions: DIMENSIONS, load: peer('vectra') }));
  test('records go to vectra and come back the same', async () => {
    const flat = await openFlatVectors({ folder: await folder(), dimensions: DIMENSIONS });
    await flat.upsert(
      randomVectors(50).map((vector, i) => ({ id: `r${i}`, vector, metadata: { kind: 'runbook', i } })),
      context,
    );
    const at = await folder();
    const load = peer('vectra');
    expect(await exportToVectra(await flat.records(), { folder: at, dimensions: DIMENSIONS, load })).toBe(50);
    const back = await importFromVectra(at, load);
    expect(back.map(({ id, metadata }) => ({ id, metadata }))).toEqual(
      [...(await flat.records())].map(({ id, metadata }) => ({ id, metadata })),
    );
    for (const [i, record] of [...(await flat.records())].entries())
      expect(cosine(record.vector, back[i]?.vector as Float32Array)).toBeCloseTo(1, 5);
    const many = Array.from({ length: 20_001 }, (_, i) => ({ id: `${i}`, vector: randomVectors(1)[0] as Float32Array }));
    await expect(exportToVectra(many, { folder: at, dimensions: DIMENSIONS, load })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(importFromVectra(await folder(), load)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('a package that is not installed is named', async () => {
  const load = () => Promise.reject(new Error('Cannot find package'));
  await expect(openUsearchVectors({ folder: await folder(), dimensions: 4, load })).rejects.toMatchObject({ code: 'MISSING_DEPENDENCY' });
  await expect(openVectraVectors({ folder: await folder(), dimensions: 4, load })).rejects.toMatchObject({ code: 'MISSING_DEPENDENCY' });
});

describe('Qdrant, on a strict local server that speaks its documented API', async () => {
  const server = await startQdrantServer('key');
  afterAll(() => server.close());
  let made = 0;
  describeVectorIndex('qdrant', async () =>
    createQdrantVectors({ url: server.url, apiKey: 'key', collection: `c${++made}`, dimensions: DIMENSIONS }),
  );
  test('a collection of other dimensions, a wrong key and a wrong name are said', async () => {
    await createQdrantVectors({ url: server.url, apiKey: 'key', collection: 'four', dimensions: 4 }).count(context);
    const five = createQdrantVectors({ url: server.url, apiKey: 'key', collection: 'four', dimensions: 5 });
    await expect(five.count(context)).rejects.toMatchObject({ code: 'CONFLICT' });
    const stranger = createQdrantVectors({ url: server.url, apiKey: 'other', collection: 'four', dimensions: 4 });
    await expect(stranger.count(context)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
    expect(() => createQdrantVectors({ url: server.url, collection: '../x', dimensions: 4 })).toThrow('no name of a collection');
    expect(pointIdOf('a')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

/** Whether this machine's PostgreSQL has the extension; nothing else can say. */
function hasPgvector(): boolean {
  if (!hasPostgres) return false;
  const share = spawnSync('pg_config', ['--sharedir'], { encoding: 'utf8' }).stdout?.trim();
  return share !== undefined && share !== '' && spawnSync('test', ['-f', join(share, 'extension/vector.control')]).status === 0;
}

describe.skipIf(!hasPgvector())('pgvector on a real PostgreSQL (needs initdb, postgres, pg_ctl and the extension vector)', async () => {
  if (!hasPgvector()) return;
  const server = await startPostgres();
  const { Pool } = createRequire(join(import.meta.dirname, '../../../../cmdb/package.json'))('pg') as {
    readonly Pool: new (options: object) => PostgresClient & { end(): Promise<void> };
  };
  const pool = new Pool({ connectionString: server.url() });
  // The server is stopped while connections idle.
  (pool as unknown as EventEmitter).on('error', () => undefined);
  afterAll(async () => {
    await pool.end();
    await server.close();
  });
  let made = 0;
  describeVectorIndex('pgvector', async () => createPgvectorVectors({ client: pool, table: `t${++made}`, dimensions: DIMENSIONS }));
  test('a table of other dimensions and a wrong name are said', async () => {
    await createPgvectorVectors({ client: pool, table: 'four', dimensions: 4 }).count(context);
    await expect(createPgvectorVectors({ client: pool, table: 'four', dimensions: 5 }).count(context)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(() => createPgvectorVectors({ client: pool, table: 'x; drop', dimensions: 4 })).toThrow('no name of a table');
  });
});

test('a server without the extension is named', async () => {
  const client = { query: () => Promise.reject(new Error('extension "vector" is not available')) };
  await expect(createPgvectorVectors({ client, table: 't', dimensions: 4 }).count(context)).rejects.toMatchObject({
    code: 'MISSING_DEPENDENCY',
  });
});

test('a flat index opened again holds the same, also after a crash between row and log', async () => {
  const at = await folder();
  const index = await openFlatVectors({ folder: at, dimensions: 5 });
  await index.upsert(
    randomVectors(10, 5).map((vector, i) => ({ id: `v${i}`, vector })),
    context,
  );
  await appendFile(join(at, 'vectors.f32'), new Uint8Array(13));
  await appendFile(join(at, 'rows.log'), new Uint8Array([9, 0, 0, 0]));
  const again = await openFlatVectors({ folder: at, dimensions: 5 });
  expect([...(await again.records())]).toEqual([...(await index.records())]);
  await again.upsert([{ id: 'after', vector: randomVectors(1, 5, 3)[0] as Float32Array }], context);
  await index.upsert([{ id: 'other writer', vector: randomVectors(1, 5, 4)[0] as Float32Array }], context);
  const third = await openFlatVectors({ folder: at, dimensions: 5 });
  expect(await third.count(context)).toBe(12);
  expect([...(await third.records())]).toEqual([...(await index.records())]);
  await expect(openFlatVectors({ folder: at, dimensions: 6 })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  await truncate(join(at, 'vectors.f32'), 100);
  await expect(openFlatVectors({ folder: at, dimensions: 5 })).rejects.toMatchObject({ code: 'MALFORMED_RESPONSE' });
});

test('killed in the middle of writing, a flat index opens and holds every vector that was reported as written', {
  timeout: 60_000,
}, async () => {
  for (let round = 0; round < 2; round++) {
    const at = await folder();
    const script = join(import.meta.dirname, 'fixtures/write-vectors-until-killed.ts');
    const child = spawn(process.execPath, ['--conditions=tier0-source', '--disable-warning=ExperimentalWarning', script, at], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    let told = '';
    child.stdout.on('data', (chunk) => {
      told += chunk;
      if (told.split('\n').length > 20 + 30 * round) child.kill('SIGKILL');
    });
    await new Promise((done) => child.on('close', done));
    const reported = told.split('\n').slice(0, -1);
    const index = await openFlatVectors({ folder: at, dimensions: 384 });
    const known = new Map([...(await index.records())].map(({ id, vector }) => [id, vector]));
    for (const id of reported) expect(known.get(id)?.[Number(id) % 384], id).toBeCloseTo(1, 6);
    expect(reported.length).toBeGreaterThan(15);
    expect((await stat(join(at, 'vectors.f32'))).size).toBeGreaterThan(0);
  }
});
