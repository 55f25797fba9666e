import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testContext } from '@tier0/core/testing';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createCachedEmbedder } from './cached-embedder.ts';
import { createGoogleEmbedder, createOllamaEmbedder, createOpenAiEmbedder } from './http-embedders.ts';
import { createLocalEmbedder } from './local-embedder.ts';

const context = testContext();
const root = await mkdtemp(join(tmpdir(), 'tier0-embeddings-'));
afterAll(() => rm(root, { recursive: true, force: true }));

const vectorOf = (text: string) => [text.length, 1, 2];
const OpenAi = z.strictObject({
  model: z.literal('m'),
  input: z.array(z.string()),
  encoding_format: z.literal('float'),
  dimensions: z.literal(3),
});
const Ollama = z.strictObject({ model: z.literal('m'), input: z.array(z.string()) });
const Google = z.strictObject({
  requests: z.array(
    z.strictObject({
      model: z.literal('models/m'),
      content: z.strictObject({ parts: z.tuple([z.strictObject({ text: z.string() })]) }),
      outputDimensionality: z.literal(3),
    }),
  ),
});

/** The documented embedding calls of three providers, strict about what is sent. */
async function startServer(): Promise<string> {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const { status, body } = answer(request.url ?? '', request.headers, text);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(
  url: string,
  headers: Readonly<Record<string, unknown>>,
  text: string,
): { readonly status: number; readonly body: unknown } {
  try {
    const json = JSON.parse(text);
    if (url === '/v1/embeddings' && headers.authorization === 'Bearer key') {
      const data = OpenAi.parse(json).input.map((one, index) => ({ object: 'embedding', index, embedding: vectorOf(one) }));
      return { status: 200, body: { object: 'list', data: data.reverse(), model: 'm', usage: { prompt_tokens: 1, total_tokens: 1 } } };
    }
    if (url === '/api/embed') return { status: 200, body: { model: 'm', embeddings: Ollama.parse(json).input.map(vectorOf) } };
    if (url === '/v1beta/models/m:batchEmbedContents' && headers['x-goog-api-key'] === 'key') {
      return {
        status: 200,
        body: { embeddings: Google.parse(json).requests.map(({ content }) => ({ values: vectorOf(content.parts[0].text) })) },
      };
    }
  } catch (error) {
    return { status: 400, body: { error: { message: String(error) } } };
  }
  return { status: 404, body: { error: { message: 'no such route' } } };
}

test('each provider is asked as its API is documented, and answers in the order of the texts', async () => {
  const url = await startServer();
  const embedders = [
    createOpenAiEmbedder({ model: 'm', url: `${url}/v1`, apiKey: 'key', dimensions: 3 }),
    createOllamaEmbedder({ model: 'm', url }),
    createGoogleEmbedder({ model: 'm', url: `${url}/v1beta`, apiKey: 'key', dimensions: 3 }),
  ];
  for (const embedder of embedders) {
    const vectors = await embedder.embed(['a', 'bbb'], context);
    expect(
      vectors.map((vector) => [...vector]),
      embedder.name,
    ).toEqual([vectorOf('a'), vectorOf('bbb')]);
  }
  await expect(createOpenAiEmbedder({ model: 'm', url: `${url}/v1`, apiKey: 'other' }).embed(['a'], context)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('no text is embedded twice, also after a restart; secrets are not sent; batches are bounded', async () => {
  const asked: (readonly string[])[] = [];
  const embedder = {
    name: 'made:one',
    embed: async (texts: readonly string[]) => {
      asked.push(texts);
      return texts.map((text) => Float32Array.from(vectorOf(text)));
    },
  };
  const options = { embedder, folder: join(root, 'cache'), batch: 2 };
  const secret = ['ghp', '_', 'a8Jk29LmQp47Xz01Bn56Vc83Rt20Yu64Wd19'].join('');
  const cached = createCachedEmbedder(options);
  const vectors = await cached.embed(['one', 'three', 'one', `token: ${secret}`, 'fifth'], context);
  expect(vectors[0]).toEqual(vectors[2]);
  expect(Math.hypot(...(vectors[0] as Float32Array))).toBeCloseTo(1, 6);
  expect(Math.max(...asked.map((texts) => texts.length))).toBe(2);
  expect(asked.flat()).toHaveLength(4);
  expect(asked.flat().join()).not.toContain(secret);
  asked.length = 0;
  const again = await createCachedEmbedder(options).embed(['one', 'three', 'fifth'], context);
  expect(again[0]).toEqual(vectors[0]);
  // One text tells the dimensions anew; the rest is known.
  expect(asked.flat()).toEqual(['one']);
});

test('a service that changes its dimensions or answers too little is refused, and what was kept stays', async () => {
  let size = 3;
  let short = 0;
  const embedder = {
    name: 'made:two',
    embed: async (texts: readonly string[]) => texts.slice(short).map(() => new Float32Array(size).fill(1)),
  };
  const folder = join(root, 'changing');
  const cached = createCachedEmbedder({ embedder, folder });
  await cached.embed(['a'], context);
  size = 4;
  await expect(cached.embed(['b'], context)).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(createCachedEmbedder({ embedder, folder }).embed(['b'], context)).rejects.toMatchObject({ code: 'CONFLICT' });
  size = 3;
  short = 1;
  await expect(cached.embed(['c'], context)).rejects.toMatchObject({ code: 'MALFORMED_RESPONSE' });
  short = 0;
  expect(await cached.embed(['a', 'b'], context)).toHaveLength(2);
});

test('a local model that is not installed is named', async () => {
  const loadEngine = () => Promise.reject(new Error('Cannot find package'));
  await expect(createLocalEmbedder({ loadEngine, loadModel: loadEngine }).embed(['a'], context)).rejects.toMatchObject({
    code: 'MISSING_DEPENDENCY',
  });
});
