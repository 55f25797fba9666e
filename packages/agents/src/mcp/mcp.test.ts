import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineTool } from '../loop/guard/tool.ts';
import { connectMcpTools, definitionHash } from './client/mcp-tools.ts';
import { type McpHttpOptions, type McpHttpServer, serveMcpOverHttp } from './server/http.ts';

const effects: string[] = [];
const look = defineTool({
  name: 'look_at',
  description: 'Looks at an item.',
  input: z.strictObject({ item: z.string() }),
  risk: 'read',
  run: async ({ item }) => ({ text: `${item}: password=hunter2x` }),
});
const propose = defineTool({
  name: 'propose_change',
  description: 'Proposes.',
  input: z.strictObject({ item: z.string() }),
  risk: 'write',
  target: ({ item }) => item,
  run: async ({ item }) => {
    effects.push(item);
    return { text: 'proposed' };
  },
});
const surface = { name: 'tier0', version: '0.1.0', toolsFor: () => [look, propose] };
const TOKEN = 'a-token-of-somebody-who-may-propose-1';
const tokens = [
  { token: TOKEN, name: 'ada', scopes: ['read', 'propose'] as const },
  { token: 'a-token-of-somebody-who-may-only-look', name: 'bob', scopes: ['read'] as const },
];

const closing: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  effects.length = 0;
  for (const one of closing.splice(0).reverse()) await one.close();
});

async function serve(options: Partial<McpHttpOptions> = {}): Promise<McpHttpServer> {
  const server = await serveMcpOverHttp({ surface, ...options });
  closing.push(server);
  return server;
}

type Say = 'accept' | 'decline' | 'cannot';

async function connect(url: string, era: 'legacy' | 'auto', { token = '', say = 'cannot' as Say } = {}): Promise<Client> {
  const capabilities = say === 'cannot' ? {} : { elicitation: { form: {} } };
  const client = new Client({ name: 'test', version: '1' }, { capabilities, versionNegotiation: { mode: era } });
  if (say !== 'cannot')
    client.setRequestHandler('elicitation/create', async () => ({
      action: say,
      ...(say === 'accept' ? { content: { confirm: true } } : {}),
    }));
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  closing.push(client);
  return client;
}

const textOf = (result: { readonly content?: unknown }) => (result.content as { readonly text: string }[])[0]?.text ?? '';

describe.each(['legacy', 'auto'] as const)('a client of the %s era', (era) => {
  test('sees the tools it may use, with what they do, and gets answers without secrets', async () => {
    const client = await connect((await serve()).url, era);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(['look_at']);
    expect(tools[0]?.annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false });
    const result = await client.callTool({ name: 'look_at', arguments: { item: 'shop/payment' } });
    expect(textOf(result)).toContain('shop/payment');
    expect(textOf(result)).not.toContain('hunter2x');
  });

  test('asks for a change only with the scope, and only when a person confirms', async () => {
    const { url } = await serve({ tokens });
    const call = { name: 'propose_change', arguments: { item: 'shop/payment' } };
    const bob = await connect(url, era, { token: tokens[1]?.token ?? '', say: 'accept' });
    await bob.callTool(call).then(
      (result) => expect(result.isError).toBe(true),
      () => undefined,
    );
    for (const say of ['cannot', 'decline'] as const) {
      const client = await connect(url, era, { token: TOKEN, say });
      await client.callTool(call).then(
        (result) => expect(result.isError).toBe(true),
        () => undefined,
      );
    }
    expect(effects).toEqual([]);
    const ada = await connect(url, era, { token: TOKEN, say: 'accept' });
    expect(textOf(await ada.callTool(call))).toBe('proposed');
    expect(effects).toEqual(['shop/payment']);
  });

  test('without a token, or with a wrong one, is not let in', async () => {
    const { url } = await serve({ tokens });
    await expect(connect(url, era)).rejects.toThrow();
    await expect(connect(url, era, { token: 'wrong' })).rejects.toThrow();
  });
});

test('the server is for this machine, unless tokens are given', async () => {
  await expect(serve({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test.each([
  ['a foreign Host', { host: 'evil.example' }, 403],
  ['a foreign Origin', { origin: 'https://evil.example' }, 403],
  ['an own Origin', { origin: 'http://localhost:3000' }, 200],
] as const)('%s is judged', async (_, headers, expected) => {
  const { url } = await serve();
  const { request } = await import('node:http');
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
  });
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers } },
      (response) => {
        response.destroy();
        resolve(response.statusCode);
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
  expect(status).toBe(expected);
});

describe('tools of other servers', () => {
  test('join when they are what was pinned, run within limits, and are untrusted', async () => {
    const { url } = await serve();
    const client = await connect(url, 'auto');
    const [definition] = (await client.listTools()).tools;
    if (!definition) throw new Error('no tool');
    const pinned = { name: 'look_at', hash: definitionHash(definition), risk: 'read' as const };
    const joined = await connectMcpTools({ name: 'other', connection: { url }, tools: [pinned, { ...pinned, name: 'gone' }] });
    closing.push(joined);
    expect(joined.tools.map(({ name, untrusted }) => [name, untrusted])).toEqual([['other_look_at', true]]);
    expect(joined.blocked).toEqual([expect.stringContaining('gone')]);
    const context = { signal: new AbortController().signal, now: Date.now, run: 'r', call: '1-0', idempotencyKey: 'k' };
    expect((await joined.tools[0]?.run({ item: 'x' }, context))?.text).toContain('x:');
  });

  test('a changed description blocks a tool and is reported', async () => {
    const { url } = await serve();
    const joined = await connectMcpTools({
      name: 'other',
      connection: { url },
      tools: [
        {
          name: 'look_at',
          hash: definitionHash({ name: 'look_at', description: 'Another.', inputSchema: { type: 'object' } }),
          risk: 'read',
        },
      ],
    });
    closing.push(joined);
    expect(joined.tools).toEqual([]);
    expect(joined.blocked[0]).toContain('changed');
  });

  test('a server that is not there is said to be so', async () => {
    await expect(connectMcpTools({ name: 'none', connection: { url: 'http://127.0.0.1:9/mcp' }, tools: [] })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
  });
});
