import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createSocketServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { testContext } from '../testing/call-context.ts';
import { createHttpClient, type HttpClientOptions, type HttpRequest } from './client.ts';
import { SELF_SIGNED } from './fixtures/self-signed.ts';
import { nextLink, readPages } from './pages.ts';
import { fetchTransport, type HttpTransport } from './transport.ts';

const context = testContext();
const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) {
    (one as Partial<Server>).closeAllConnections?.();
    one.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers from a list, one a request; the last one stays. */
async function serveInTurn(answers: readonly { status: number; headers?: Record<string, string>; body?: string }[]) {
  const seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const url = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body });
    const answer = answers[Math.min(seen.length, answers.length) - 1]!;
    response.writeHead(answer.status, answer.headers).end(answer.body ?? '{}');
  });
  return { url, seen };
}

/** A clock that stands still but for the waits, which are noted. */
function stillClock() {
  const waits: number[] = [];
  let elapsed = 0;
  const pause = async (ms: number) => {
    waits.push(ms);
    elapsed += ms;
  };
  return { waits, clock: { elapsedMs: () => elapsed, pause } };
}

function clientOf(baseUrl: string, options: Partial<HttpClientOptions> = {}) {
  return createHttpClient({ name: 'The desk', baseUrl, clock: stillClock().clock, random: () => 0.5, ...options });
}

describe.each([
  ['node', undefined],
  ['fetch', fetchTransport(fetch)],
])('over %s', (_, transport: HttpTransport | undefined) => {
  test('an answer is read whole, a base path and a query are kept, and JSON is sent as JSON', async () => {
    const { url, seen } = await serveInTurn([{ status: 200, body: '{"a":1}' }]);
    const client = clientOf(`${url}/api/`, { headers: { Authorization: 'Bearer t' }, transport });
    const answer = await client.send({ path: '/things', method: 'POST', json: { n: 2 }, query: { q: 'a b', k: ['1', '2'] } }, context);
    expect(answer.json()).toEqual({ a: 1 });
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/api/things?q=a+b&k=1&k=2', body: '{"n":2}' });
    expect(seen[0]?.headers).toMatchObject({ authorization: 'Bearer t', 'content-type': 'application/json', 'user-agent': 'tier0' });
  });

  test('compressed answers are bounded by what they become', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(5_000_000)));
    });
    expect((await clientOf(url, { transport }).send({ path: '/' }, context)).text()).toHaveLength(5_000_000);
    const small = clientOf(url, { maxBytes: 1_000_000, transport });
    await expect(small.send({ path: '/' }, context)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED', retryable: false });
  });

  test.each([301, 302, 303, 307, 308])('a redirect %i to another origin carries nothing there', async (status) => {
    const elsewhere = await serveInTurn([{ status: 200 }]);
    const here = await serveInTurn([{ status, headers: { location: `${elsewhere.url}/taken` } }]);
    const secrets = { authorization: 'Bearer secret', cookie: 'session=secret', 'x-api-key': 'secret', 'private-token': 'secret' };
    const client = clientOf(here.url, { headers: secrets, transport });
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const request = method === 'GET' ? {} : { body: 'the prompt' };
      const failure = client.send({ method, path: '/', ...request }, context);
      await expect(failure).rejects.toMatchObject({ code: 'NOT_FOUND', message: expect.not.stringContaining('secret') });
      await expect(client.open({ method, path: '/', ...request }, context)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(elsewhere.seen).toEqual([]);
  });

  test('a redirect on the same origin is followed, and one that goes round is given up', async () => {
    const { url, seen } = await serveInTurn([
      { status: 307, headers: { location: '/moved' } },
      { status: 200, body: 'there' },
    ]);
    const answer = await clientOf(url, { headers: { authorization: 'a' }, transport }).send(
      { path: '/', method: 'PUT', body: 'b' },
      context,
    );
    expect([answer.text(), answer.url.pathname, seen[1]]).toMatchObject(['there', '/moved', { url: '/moved', body: 'b' }]);
    const round = await serveInTurn([{ status: 302, headers: { location: '/again' } }]);
    await expect(clientOf(round.url, { transport }).send({ path: '/' }, context)).rejects.toMatchObject({ code: 'MALFORMED_RESPONSE' });
  });

  test('a server that stays silent, or stops in the middle, is given up in time', async () => {
    const silent = await serve(() => undefined);
    const half = await serve((_request, response) => void response.writeHead(200).write('half'));
    for (const url of [silent, half]) {
      const client = clientOf(url, { timeoutMs: 50, retry: { attempts: 1 }, transport });
      await expect(client.send({ path: '/' }, context)).rejects.toMatchObject({
        code: 'TIMEOUT',
        message: expect.stringContaining('50 ms'),
      });
    }
  });

  test('a caller that gives up gets its error at once, also in a wait', async () => {
    const url = await serve(() => undefined);
    const busy = await serveInTurn([{ status: 429, headers: { 'retry-after': '30' } }]);
    const caller = { signal: AbortSignal.timeout(50), now: () => 0 };
    await expect(clientOf(url, { transport }).send({ path: '/' }, caller)).rejects.toMatchObject({ code: 'TIMEOUT' });
    const real = createHttpClient({ name: 'The desk', baseUrl: busy.url, transport });
    const later = { signal: AbortSignal.timeout(100), now: () => 0 };
    await expect(real.send({ path: '/' }, later)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });

  test('a stream is handed on as it comes, and its silence and size are bounded', async () => {
    const url = await serve((_request, response) => void response.writeHead(200).write('first'));
    const stream = await clientOf(url, { transport }).open({ path: '/', idleTimeoutMs: 80 }, context);
    const read: string[] = [];
    const reading = async () => {
      for await (const chunk of stream.chunks) read.push(Buffer.from(chunk).toString());
    };
    await expect(reading()).rejects.toMatchObject({ code: 'TIMEOUT' });
    expect(read).toEqual(['first']);
    const large = await clientOf(url, { transport }).open({ path: '/', maxBytes: 2 }, context);
    await expect(large.chunks[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
  });
});

describe('asking again', () => {
  const LATER = [429, 502, 503, 504] as const;
  test.each(LATER)('%i of a read is asked again, with waits that grow and are spread', async (status) => {
    const { url, seen } = await serveInTurn([{ status }, { status }, { status: 200 }]);
    const { clock, waits } = stillClock();
    await clientOf(url, { clock }).send({ path: '/' }, context);
    expect([seen.length, waits]).toEqual([3, [125, 250]]);
  });

  test.each(LATER)('%i of a write is asked again only where nothing was done', async (status) => {
    const { url, seen } = await serveInTurn([{ status }, { status: 200 }]);
    await clientOf(url)
      .send({ path: '/', method: 'POST' }, context)
      .catch(() => undefined);
    expect(seen).toHaveLength(status === 429 ? 2 : 1);
    const safe = await serveInTurn([{ status }, { status: 200 }]);
    await clientOf(safe.url).send({ path: '/', method: 'POST', repeatable: true }, context);
  });

  test.each([400, 401, 403, 404, 409, 422, 500, 501])('%i is never asked again', async (status) => {
    const { url, seen } = await serveInTurn([{ status }]);
    await expect(clientOf(url).send({ path: '/' }, context)).rejects.toMatchObject({ retryable: status === 500 });
    expect(seen).toHaveLength(1);
  });

  test.each([
    '{"error":{"code":"insufficient_quota","message":"You exceeded your current quota"}}',
    '{"error":{"message":"Your credit balance is too low"}}',
  ])('a quota that is used up is no matter of time: %s', async (body) => {
    const { url, seen } = await serveInTurn([{ status: 429, body }]);
    await expect(clientOf(url).send({ path: '/' }, context)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED', retryable: false });
    expect(seen).toHaveLength(1);
  });

  test.each([
    ['seconds', { 'retry-after': '7' }, 7_000],
    [
      'a date, by the clock of the server',
      { 'retry-after': 'Wed, 21 Oct 2026 07:28:09 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' },
      9_000,
    ],
    ['a date that has passed', { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }, 125],
    ['nonsense', { 'retry-after': 'soon' }, 125],
  ])('Retry-After in %s', async (_, headers, waitMs) => {
    const { url } = await serveInTurn([{ status: 503, headers: headers as Record<string, string> }, { status: 200 }]);
    const { clock, waits } = stillClock();
    await clientOf(url, { clock }).send({ path: '/' }, context);
    expect(waits).toEqual([waitMs]);
  });

  test('more patience than there is time, or than was allowed, is told as that', async () => {
    const { url, seen } = await serveInTurn([{ status: 429, headers: { 'retry-after': '70' } }]);
    const failure = { code: 'RATE_LIMITED', message: expect.stringContaining('no more requests for') };
    await expect(clientOf(url).send({ path: '/' }, context)).rejects.toMatchObject(failure);
    const patient = clientOf(url, { deadlineMs: 1e6, retry: { maxAskedMs: 10_000 } });
    await expect(patient.send({ path: '/' }, context)).rejects.toMatchObject(failure);
    expect(seen).toHaveLength(2);
  });

  test('the deadline holds for all attempts together', async () => {
    const { url, seen } = await serveInTurn([{ status: 503, headers: { 'retry-after': '4' } }]);
    const client = clientOf(url, { deadlineMs: 10_000, retry: { attempts: 50 } });
    await expect(client.send({ path: '/' }, context)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(seen).toHaveLength(3);
  });

  test('who judges every status gets the last one', async () => {
    const { url, seen } = await serveInTurn([{ status: 503, body: 'busy' }]);
    const answer = await clientOf(url).send({ path: '/', answers: 'any' }, context);
    expect([answer.status, answer.text(), seen.length]).toEqual([503, 'busy', 4]);
    const gone = await serveInTurn([{ status: 410, body: 'expired' }]);
    expect((await clientOf(gone.url).send({ path: '/', answers: 'any' }, context)).status).toBe(410);
    expect((await clientOf(gone.url).open({ path: '/', answers: 'any' }, context)).status).toBe(410);
  });

  test('a broken connection is tried again for a read, and not for a write that may have arrived', async () => {
    let requests = 0;
    const url = await serve((request, response) => {
      requests += 1;
      if (requests === 1 || request.method === 'POST') request.socket.destroy();
      else response.end('{}');
    });
    await clientOf(url).send({ path: '/' }, context);
    expect(requests).toBe(2);
    await expect(clientOf(url).send({ path: '/', method: 'POST' }, context)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(requests).toBe(3);
  });
});

describe('errors say what to do', () => {
  const hints = { unauthorised: 'Give a token.', forbidden: 'Grant reading.', notFound: 'Check the repository.', unavailable: 'Wake it.' };
  test.each([
    [401, 'PERMISSION_DENIED', 'Give a token.'],
    [403, 'PERMISSION_DENIED', 'Grant reading.'],
    [404, 'NOT_FOUND', 'Check the repository.'],
    [429, 'RATE_LIMITED', 'Ask less often'],
    [500, 'UNAVAILABLE', 'Wake it.'],
    [409, 'CONFLICT', 'Read what the server says'],
    [422, 'INVALID_INPUT', 'Read what the server says'],
  ])('%i is %s: %s', async (status, code, hint) => {
    const { url } = await serveInTurn([
      { status, body: JSON.stringify({ message: 'the reason, token=ghp_0123456789abcdefghij0123456789abcdef' }) },
    ]);
    const failure = clientOf(url, { hints, retry: { attempts: 1 } }).send({ path: '/p?token=secret' }, context);
    await expect(failure).rejects.toMatchObject({
      code,
      hint: expect.stringContaining(hint),
      message: expect.stringMatching(/The desk answered \d+ to GET http:\/\/127\.0\.0\.1:\d+\/p: the reason, (?!.*ghp_)/),
    });
    await expect(failure).rejects.toMatchObject({ message: expect.not.stringContaining('secret') });
  });

  const broken = async (listener: (socket: import('node:net').Socket) => void) => {
    const server = createSocketServer(listener);
    open.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return (server.address() as AddressInfo).port;
  };
  const secure = async () => {
    const server = createSecureServer(SELF_SIGNED, (_request, response) => response.end());
    open.push(server);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const kinds: [string, () => Promise<string>, Partial<HttpClientOptions>, object][] = [
    ['an unknown host', async () => 'http://nothing.invalid', {}, { code: 'UNAVAILABLE', hint: expect.stringContaining('host name') }],
    ['a closed port', async () => 'http://127.0.0.1:1', {}, { code: 'UNAVAILABLE', hint: expect.stringContaining('port') }],
    ['an untrusted certificate', secure, {}, { code: 'UNAVAILABLE', hint: expect.stringContaining('authority'), retryable: false }],
    [
      'https spoken to http',
      async () => `https://127.0.0.1:${await broken((socket) => socket.end('HTTP/1.1 400 no\r\n\r\n'))}`,
      {},
      { code: 'UNAVAILABLE', hint: expect.stringContaining('speaks TLS on this port'), retryable: false },
    ],
    [
      'a handshake that does not end',
      async () => `https://127.0.0.1:${await broken(() => undefined)}`,
      { connectTimeoutMs: 60 },
      { code: 'TIMEOUT', hint: expect.stringContaining('firewall') },
    ],
    [
      'a connection that breaks',
      async () => `http://127.0.0.1:${await broken((socket) => socket.destroy())}`,
      {},
      { code: 'UNAVAILABLE', hint: expect.stringContaining('Try again') },
    ],
  ];
  test.each(kinds)('%s', async (_, address, options, expected) => {
    const client = clientOf(await address(), { retry: { attempts: 1 }, ...options });
    await expect(client.send({ path: '/' }, context)).rejects.toMatchObject(expected);
  });

  test('an address that is none, or that holds credentials, is refused without showing them', () => {
    for (const url of ['', 'nowhere', 'file:///etc/passwd', 'https://me:secret@host/']) {
      expect(() => clientOf(url)).toThrow(
        expect.objectContaining({ code: 'INVALID_INPUT', message: expect.not.stringContaining('secret') }),
      );
    }
  });

  test.each(['https://elsewhere.example/page', 'file:///etc/passwd', '//elsewhere.example/x', 'nonsense'])(
    '%s is no address of the server',
    async (path) => {
      const { url, seen } = await serveInTurn([{ status: 200 }]);
      const outcome = await clientOf(url)
        .send({ path }, context)
        .catch((error) => error.code);
      // Two slashes stand below the server's own address: they name no other host.
      if (path.startsWith('//')) expect(seen[0]?.url).toBe('//elsewhere.example/x');
      else expect([outcome, seen]).toEqual(['MALFORMED_RESPONSE', []]);
    },
  );
});

describe('pages', () => {
  const pagesOf = async (url: string, maxPages: number) => {
    const next = (answer: { headers: Readonly<Record<string, string>> }): HttpRequest | undefined => {
      const path = nextLink(answer);
      return path === undefined ? undefined : { path };
    };
    const read: string[] = [];
    for await (const page of readPages(clientOf(url), { first: { path: '/?page=1' }, next, maxPages }, context)) read.push(page.text());
    return read;
  };
  const linked = async (last: number, host = '') =>
    serve((request, response) => {
      const page = Number(new URL(request.url ?? '', 'http://h').searchParams.get('page'));
      const headers: Record<string, string> =
        page < last ? { link: `<${host}/?page=1>; rel="first", <${host}/?page=${page + 1}>; rel="next"` } : {};
      response.writeHead(200, headers).end(String(page));
    });

  test('are read to the last one', async () => {
    expect(await pagesOf(await linked(3), 3)).toEqual(['1', '2', '3']);
  });

  test('a list that is longer than allowed is an error, not a shorter list', async () => {
    await expect(pagesOf(await linked(4), 3)).rejects.toMatchObject({ code: 'BUDGET_EXCEEDED' });
  });

  test('a page that leads back, or to another server, ends it', async () => {
    const { url } = await serveInTurn([{ status: 200, headers: { link: '</?page=1>; rel="next"' } }]);
    await expect(pagesOf(url, 100)).rejects.toMatchObject({ code: 'MALFORMED_RESPONSE' });
    await expect(pagesOf(await linked(3, 'http://127.0.0.1:1'), 100)).rejects.toMatchObject({ code: 'MALFORMED_RESPONSE' });
  });
});
