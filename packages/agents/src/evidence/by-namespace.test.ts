import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CallContext, EvidenceQuery } from '@tier0/core';
import { afterEach, expect, test } from 'vitest';
import { askedByNamespace } from './by-namespace.ts';
import { createPrometheusEvidence } from './prometheus.ts';

const context: CallContext = { signal: new AbortController().signal, now: () => 600_000 };
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Answers range queries as Prometheus does; `refuse` says which selectors it does not. */
async function startPrometheus({ refuse, never = false }: { refuse?: (selector: string) => boolean; never?: boolean } = {}) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const selector = new URLSearchParams(body).get('query') ?? '';
    asked.push(selector);
    if (never) return;
    if (refuse?.(selector)) return void response.writeHead(422).end('{"status":"error","error":"too many samples"}');
    const [, namespace = ''] = /namespace="([^"]*)"/.exec(selector) ?? [];
    const [, only] = /pod="([^"]*)"/.exec(selector) ?? [];
    const pods = ['web-1', 'web-2', 'web-3'].filter((pod) => only === undefined || pod === only);
    const result = pods.map((pod) => ({ metric: { namespace, pod, container: 'app' }, values: [[60, pod.slice(-1)]] }));
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function memoryOf(pod: string, namespace = 'shop'): EvidenceQuery {
  return { kind: 'metrics', metric: 'm', labels: { namespace, pod, container: 'app' }, fromMs: 0, toMs: 600_000, stepMs: 60_000 };
}

test('three pods of a namespace are one question, and each gets its own samples with the query that finds them again', async () => {
  const { asked, url } = await startPrometheus();
  const source = askedByNamespace(createPrometheusEvidence({ url }), { deadlineMs: 10_000 });
  const seen = [];
  for (const pod of ['web-1', 'web-2', 'web-3']) seen.push(await source.observe(memoryOf(pod), context));
  expect(asked).toEqual(['m{namespace="shop"}']);
  expect(seen.map((one) => one.state === 'observed' && one.series.map(({ points }) => points))).toEqual([
    [[[60_000, 1]]],
    [[[60_000, 2]]],
    [[[60_000, 3]]],
  ]);
  expect(seen[1]).toMatchObject({ evidence: { query: 'm{container="app",namespace="shop",pod="web-2"}' } });
  expect(await source.observe(memoryOf('web-9'), context)).toMatchObject({ state: 'no-data' });
  await source.observe(memoryOf('web-1', 'till'), context);
  expect(asked).toHaveLength(2);
});

test('a namespace that is too much for one answer is asked for pod by pod', async () => {
  const { asked, url } = await startPrometheus({ refuse: (selector) => !selector.includes('pod=') });
  const source = askedByNamespace(createPrometheusEvidence({ url }), { deadlineMs: 10_000 });
  expect(await source.observe(memoryOf('web-1'), context)).toMatchObject({ state: 'observed' });
  expect(await source.observe(memoryOf('web-2'), context)).toMatchObject({ state: 'observed' });
  expect(asked).toHaveLength(3);
});

test('what refuses a namespace and its first pod is not asked for the others', async () => {
  const { asked, url } = await startPrometheus({ refuse: () => true });
  const source = askedByNamespace(createPrometheusEvidence({ url }), { deadlineMs: 10_000 });
  const seen = [];
  for (const pod of ['web-1', 'web-2', 'web-3']) seen.push(await source.observe(memoryOf(pod), context));
  expect(asked).toHaveLength(2);
  expect(new Set(seen.map((one) => one.state === 'unavailable' && one.reason)).size).toBe(1);
});

test('one deadline holds for all questions together, and a stop by a person is not taken for it', async () => {
  const { asked, url } = await startPrometheus({ never: true });
  const source = askedByNamespace(createPrometheusEvidence({ url }), { deadlineMs: 150 });
  for (const namespace of ['a', 'b', 'c'])
    expect(await source.observe(memoryOf('web-1', namespace), context)).toMatchObject({
      state: 'unavailable',
      reason: expect.stringContaining('had not answered everything'),
    });
  expect(asked).toEqual(['m{namespace="a"}']);
  const stopped = { ...context, signal: AbortSignal.abort(new Error('stopped')) };
  const fresh = askedByNamespace(createPrometheusEvidence({ url }), { deadlineMs: 10_000 });
  await expect(fresh.observe(memoryOf('web-1'), stopped)).rejects.toThrow('stopped');
});
