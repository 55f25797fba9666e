import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testContext } from '@tier0/core/testing';
import { expect, test } from 'vitest';
import { probeOpenAiChat } from './probe.ts';
import type { OpenAiChatQuirks } from './quirks.ts';

type Body = Readonly<Record<string, unknown>> & { readonly messages: readonly { readonly role: string }[] };

/** A server that refuses what `refuses` says, with a plain 400 as compatible servers do. */
async function probe(refuses: (body: Body) => boolean) {
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    if (refuses(JSON.parse(text) as Body)) return response.writeHead(400).end('{"error":{"message":"unknown field"}}');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    return response.end('data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  try {
    return await probeOpenAiChat({ baseUrl, model: 'gpt-whatever' }, testContext());
  } finally {
    server.close();
  }
}

const cases: readonly (readonly [string, (body: Body) => boolean, OpenAiChatQuirks])[] = [
  ['nothing', () => false, {}],
  ['stream_options', (body) => 'stream_options' in body, { noUsage: true }],
  ['max_tokens', (body) => 'max_tokens' in body, { maxCompletionTokens: true }],
  ['the system role', (body) => body.messages.some((message) => message.role === 'system'), { noSystemRole: true }],
  ['schemas', (body) => 'response_format' in body, { noSchema: true }],
  ['tool_choice', (body) => 'tool_choice' in body, { noToolChoice: true }],
  ['usage and schemas', (body) => 'stream_options' in body || 'response_format' in body, { noUsage: true, noSchema: true }],
];

test.each(cases)('a server that refuses %s is found out', async (_, refuses, quirks) => {
  expect(await probe(refuses)).toEqual({ state: 'answers', quirks });
});

test('a server that refuses everything has no quirks, it fails', async () => {
  expect(await probe(() => true)).toMatchObject({ state: 'silent', failure: { kind: 'invalid-request' } });
});
