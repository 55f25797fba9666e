import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testContext } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createForgeHttp } from './http.ts';

const context = testContext();
const closing: (() => void)[] = [];
const TOKEN = 'glpat-abcdefghij0123456789';

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A forge whose answers the test writes, and a client of it. */
async function speak(
  answer: (request: IncomingMessage, response: ServerResponse, origin: string) => void,
  options: { maxWaitMs?: number; timeoutMs?: number } = {},
) {
  const seen: IncomingMessage[] = [];
  let origin = '';
  const server = createServer((request, response) => {
    seen.push(request);
    answer(request, response, origin);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const headers = async () => ({ authorization: `Bearer ${TOKEN}` });
  const http = createForgeHttp({
    name: 'Forge',
    apiUrl: `${origin}/api`,
    headers,
    permissionHint: 'Give the token the scope x.',
    ...options,
  });
  return { http, seen };
}

const Entry = z.object({ id: z.number() });

describe('lists', () => {
  test('are read page by page', async () => {
    const { http } = await speak((request, response, origin) => {
      const page = Number(new URL(request.url ?? '', origin).searchParams.get('page') ?? 1);
      if (page < 3) response.setHeader('link', `<${origin}/api/x?page=1>; rel="prev", <${origin}/api/x?page=${page + 1}>; rel="next"`);
      response.end(JSON.stringify([{ id: page }]));
    });
    expect(await http.list('/x', Entry, context)).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }]);
  });

  test('never follow a next page to another server, which would be given the token', async () => {
    const { http, seen } = await speak((_request, response) => {
      response.setHeader('link', '<http://evil.example/x?page=2>; rel="next"');
      response.end('[]');
    });
    await expect(http.list('/x', Entry, context)).rejects.toMatchObject({ code: 'MALFORMED_RESPONSE' });
    expect(seen).toHaveLength(1);
  });
});

test('an unchanged answer is not sent again', async () => {
  const { http, seen } = await speak((request, response) => {
    if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
    else response.writeHead(200, { etag: '"v1"' }).end('{"id":7}');
  });
  expect(await http.get('/x', Entry, context)).toEqual({ id: 7 });
  expect(await http.get('/x', Entry, context)).toEqual({ id: 7 });
  expect(seen[1]?.headers['if-none-match']).toBe('"v1"');
});

describe('a forge that says later', () => {
  test.each([
    ['429 with Retry-After', 429, { 'retry-after': '0' }],
    ['403 with Retry-After', 403, { 'retry-after': '0' }],
  ])('%s is waited for, once', async (_name, status, headers) => {
    let asked = 0;
    const { http } = await speak((_request, response) => {
      asked += 1;
      if (asked === 1) response.writeHead(status, headers).end('{}');
      else response.end('{"id":1}');
    });
    expect(await http.get('/x', Entry, context)).toEqual({ id: 1 });
  });

  test.each([
    ['GitHub words it without a header or a status of its own', { message: 'You have exceeded a secondary rate limit.' }, 'RATE_LIMITED'],
    ['a right that is missing', { message: 'Resource not accessible by personal access token' }, 'PERMISSION_DENIED'],
  ])('a plain 403: %s', async (_name, said, code) => {
    const { http, seen } = await speak((_request, response) =>
      response.writeHead(403, { 'x-ratelimit-remaining': '4900', 'x-ratelimit-reset': '1' }).end(JSON.stringify(said)),
    );
    await expect(http.send({ method: 'POST', path: '/x', body: {} }, context)).rejects.toMatchObject({ code });
    expect(seen).toHaveLength(1);
  });

  test('for long is not waited for', async () => {
    const reset = String(Math.floor(context.now() / 1000) + 1800);
    const { http, seen } = await speak((_request, response) =>
      response.writeHead(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset }).end('{}'),
    );
    await expect(http.get('/x', Entry, context)).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryable: true,
      message: expect.stringMatching(/no more requests for (30|29) min/),
    });
    expect(seen).toHaveLength(1);
  });
});

describe('failures', () => {
  test.each([
    [401, 'PERMISSION_DENIED'],
    [403, 'PERMISSION_DENIED'],
    [404, 'NOT_FOUND'],
    [409, 'CONFLICT'],
    [422, 'INVALID_INPUT'],
    [500, 'UNAVAILABLE'],
  ])('%i is %s, names the request and what was said, and never the token', async (status, code) => {
    const { http } = await speak((_request, response) =>
      response.writeHead(status, { location: 'http://elsewhere.example/' }).end(JSON.stringify({ message: `no, not with ${TOKEN}` })),
    );
    const error = await http.send({ method: 'POST', path: '/x?secret=1', body: { a: 1 } }, context).catch((caught) => caught);
    expect(error).toMatchObject({ code, message: expect.stringMatching(/POST http:\/\/[\d.:]+\/api\/x: no, not with/) });
    expect(JSON.stringify({ ...error, message: error.message, cause: String(error.cause) })).not.toContain(TOKEN);
  });

  test('a forge that has moved is not followed: the token stays here', async () => {
    const elsewhere: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      elsewhere.push(request);
      response.end('{"id":1}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const location = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/x`;
    const { http } = await speak((_request, response) => response.writeHead(307, { location }).end());
    const moved = { code: 'NOT_FOUND', hint: expect.stringContaining('give its new address') };
    await expect(http.get('/x', Entry, context)).rejects.toMatchObject(moved);
    await expect(http.list('/x', Entry, context)).rejects.toMatchObject(moved);
    await expect(http.send({ method: 'POST', path: '/x', body: {} }, context)).rejects.toMatchObject(moved);
    expect(elsewhere).toEqual([]);
  });

  test('a missing permission is named where the forge names it', async () => {
    const { http } = await speak((_request, response) =>
      response.writeHead(403, { 'x-accepted-github-permissions': 'pull_requests=write' }).end('{}'),
    );
    await expect(http.get('/x', Entry, context)).rejects.toMatchObject({ hint: expect.stringContaining('pull_requests=write') });
  });

  test.each([
    ['an answer that is no JSON', (response: ServerResponse) => response.end('<html>'), 'MALFORMED_RESPONSE'],
    ['an answer of another shape', (response: ServerResponse) => response.end('{"id":"x"}'), 'MALFORMED_RESPONSE'],
    ['an answer without end', (response: ServerResponse) => void response.write('['.repeat(17 * 1024 * 1024)), 'BUDGET_EXCEEDED'],
    ['a cut connection', (response: ServerResponse) => response.socket?.destroy(), 'UNAVAILABLE'],
    ['no answer in time', () => undefined, 'TIMEOUT'],
  ])('%s is said to be one', async (_name, answer, code) => {
    const { http } = await speak((_request, response) => void answer(response), { timeoutMs: 1_500 });
    await expect(http.get('/x', Entry, context)).rejects.toMatchObject({ code });
  });

  test('a caller who no longer wants the answer gets their own reason', async () => {
    const { http } = await speak(() => undefined);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(http.get('/x', Entry, { ...context, signal })).rejects.toThrow('enough');
  });
});
