import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testContext } from '@tier0/core/testing';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { startQdrantServer } from '../vectors/fixtures/qdrant-server.ts';
import { openFlatVectors } from '../vectors/flat.ts';
import { createQdrantVectors } from '../vectors/qdrant.ts';
import type { VectorIndex } from '../vectors/vector-index.ts';
import { ingest } from './ingest.ts';
import { type Embedder, openKnowledgeBase } from './knowledge-base.ts';

const root = await mkdtemp(join(tmpdir(), 'tier0-section-vectors-'));
afterAll(() => rm(root, { recursive: true, force: true }));
const context = testContext();

/** Words that mean the same share a direction: what an embedding model does, small enough to be seen through. */
const MEANINGS = [
  ['disk', 'volume', 'storage', 'full'],
  ['certificate', 'tls', 'handshake', 'expired'],
  ['memory', 'oom', 'heap'],
] as const;

function embedderOf(dimensions = 4): Embedder & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    name: 'made:meanings',
    asked,
    async embed(texts) {
      asked.push(...texts);
      return texts.map((text) => {
        const vector = new Float32Array(dimensions);
        for (const [at, words] of MEANINGS.entries()) vector[at] = words.filter((word) => text.toLowerCase().includes(word)).length;
        return vector;
      });
    },
  };
}

const DOCUMENTS = {
  'disk.md': '# Volume\n\nThe storage holds no more; grow it or delete snapshots.\n',
  'certificate.md': '---\nteam: edge\n---\n# Handshake\n\nClients refuse the TLS handshake.\n',
  'heap.md': '# Heap\n\nThe process was ended for its heap.\n',
} as const;

async function world(): Promise<{ readonly texts: string; readonly folder: string }> {
  const folder = await mkdtemp(join(root, 'world-'));
  const texts = join(folder, 'texts');
  await mkdir(texts);
  for (const [name, text] of Object.entries(DOCUMENTS)) await writeFile(join(texts, name), text);
  return { texts, folder: join(folder, 'knowledge') };
}

describe('sections behind the vector port', async () => {
  const qdrant = await startQdrantServer('key');
  afterAll(() => qdrant.close());
  let made = 0;
  const indexes: Readonly<Record<string, (folder: string) => (dimensions: number) => Promise<VectorIndex>>> = {
    flat: (folder) => (dimensions) => openFlatVectors({ folder: join(folder, 'other'), dimensions }),
    'qdrant, on a strict local server': () => {
      const collection = `k${++made}`;
      return async (dimensions) => createQdrantVectors({ url: qdrant.url, apiKey: 'key', collection, dimensions });
    },
  };
  for (const [name, openIndex] of Object.entries(indexes)) {
    test(`${name}: what shares no word is found by its meaning, with filters, and a changed document by its new text only`, async () => {
      const { texts, folder } = await world();
      const embedder = embedderOf();
      const vectors = openIndex(folder);
      const base = await openKnowledgeBase({ folder, embedder, vectors });
      await ingest(base, { directory: texts, source: 'r' }, context);
      const [first] = await base.search({ text: 'the disk is full' }, context);
      expect(first?.document.id).toBe('r:disk.md');
      expect(await base.search({ text: 'expired certificate', team: 'edge' }, context)).toHaveLength(1);
      expect(await base.search({ text: 'disk', team: 'edge' }, context)).toEqual([]);
      expect((await base.stats(context)).vectors?.count).toBe(3);

      await writeFile(join(texts, 'disk.md'), '# Quota\n\nAsk for more heap.\n');
      await ingest(base, { directory: texts, source: 'r' }, context);
      expect((await base.search({ text: 'oom' }, context)).map(({ document }) => document.id).sort()).toEqual(['r:disk.md', 'r:heap.md']);
      expect((await base.search({ text: 'disk full' }, context)).map(({ document }) => document.id)).not.toContain('r:disk.md');

      embedder.asked.length = 0;
      const again = await openKnowledgeBase({ folder, embedder, vectors });
      expect((await again.search({ text: 'certificate' }, context))[0]?.document.id).toBe('r:certificate.md');
      // One text tells the dimensions; nothing that is in the index is embedded again.
      expect(embedder.asked).toEqual(['tier0', 'certificate']);
    });
  }

  test('an index that was emptied is filled again, and words find without a model what they found before', async () => {
    const { texts, folder } = await world();
    const embedder = embedderOf();
    await ingest(await openKnowledgeBase({ folder, embedder }), { directory: texts, source: 'r' }, context);
    await (await openKnowledgeBase({ folder, embedder })).fit(context);
    await rm(join(folder, 'vectors'), { recursive: true });
    const base = await openKnowledgeBase({ folder, embedder });
    expect((await base.search({ text: 'disk' }, context))[0]?.document.id).toBe('r:disk.md');
    expect((await (await openKnowledgeBase({ folder })).search({ text: 'heap' }, context))[0]?.document.id).toBe('r:heap.md');
  });

  test('a model that changes its dimensions is refused, and what was indexed still answers', async () => {
    const { texts, folder } = await world();
    const base = await openKnowledgeBase({ folder, embedder: embedderOf() });
    await ingest(base, { directory: texts, source: 'r' }, context);
    await base.fit(context);
    const changed = await openKnowledgeBase({ folder, embedder: embedderOf(5) });
    await expect(changed.search({ text: 'disk' }, context)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    expect((await base.search({ text: 'disk' }, context))[0]?.document.id).toBe('r:disk.md');
  });

  test('a failing index stops an ingest from being forgotten: the next search takes it in', async () => {
    const { texts, folder } = await world();
    let fails = true;
    const flat = await openFlatVectors({ folder: join(folder, 'other'), dimensions: 4 });
    const upsert: VectorIndex['upsert'] = (records, call) =>
      fails ? Promise.reject(new Error('the server is away')) : flat.upsert(records, call);
    const base = await openKnowledgeBase({ folder, embedder: embedderOf(), vectors: async () => ({ ...flat, upsert }) });
    await ingest(base, { directory: texts, source: 'r' }, context);
    await expect(base.search({ text: 'disk' }, context)).rejects.toThrow('the server is away');
    fails = false;
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    expect((await base.search({ text: 'disk' }, context))[0]?.document.id).toBe('r:disk.md');
  });
});
