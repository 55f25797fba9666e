import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EvidenceQuery } from '@tier0/core';
import { describeEvidenceSource, startRedirectingServer, testContext } from '@tier0/core/testing';
import { afterEach, expect, test } from 'vitest';
import { createExpositionEvidence } from './exposition.ts';
import { parseExposition } from './exposition-text.ts';
import { createKubernetesLogsEvidence } from './kubernetes-logs.ts';
import { createPrometheusEvidence } from './prometheus.ts';
import { createRecordedEvidence } from './recorded.ts';

const NOW = testContext().now();
const METRICS: Extract<EvidenceQuery, { kind: 'metrics' }> = {
  kind: 'metrics',
  metric: 'memory',
  labels: { pod: 'a' },
  fromMs: NOW - 60_000,
  toMs: NOW,
  stepMs: 1000,
};
const LOGS: EvidenceQuery = { kind: 'logs', namespace: 'shop', pod: 'a', container: 'main', previous: false, limitBytes: 60 };

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function serve(answer: (body: string) => { readonly status: number; readonly body: string }): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { status, body: text } = answer(body);
    response.writeHead(status).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const recorded = () =>
  createRecordedEvidence({
    metrics: [
      {
        metric: 'memory',
        labels: { pod: 'a' },
        points: [
          [NOW - 2000, 1],
          [new Date(NOW - 1000).toISOString(), 2],
          [NOW + 1000, 3],
        ],
      },
    ],
    logs: [{ namespace: 'shop', pod: 'a', container: 'main', text: `${'old line\n'.repeat(20)}token=abc123secret\nnewest line\n` }],
  });

describeEvidenceSource('recorded metrics', () => ({ source: recorded(), answerable: METRICS }));
describeEvidenceSource('recorded logs', () => ({ source: recorded(), answerable: LOGS }));
describeEvidenceSource('kubernetes logs', () => ({
  source: createKubernetesLogsEvidence({ readLog: async ({ pod }) => (pod === 'a' ? 'hello' : undefined) }),
  answerable: LOGS,
}));
describeEvidenceSource('exposition', async () => {
  const source = createExpositionEvidence({
    url: await serve(() => ({ status: 200, body: 'memory{pod="a"} 5\n' })),
    everyMs: 1000,
    now: () => NOW,
  });
  await source.scrape();
  return { source, answerable: METRICS };
});
describeEvidenceSource('prometheus', async () => {
  const answer = (body: string) =>
    body.includes('no_such')
      ? []
      : [
          {
            metric: { __name__: 'memory', pod: 'a' },
            values: [
              [NOW / 1000, '5'],
              [NOW / 1000 + 1, 'NaN'],
            ],
          },
        ];
  const url = await serve((body) => ({
    status: 200,
    body: JSON.stringify({ status: 'success', data: { resultType: 'matrix', result: answer(body) } }),
  }));
  return { source: createPrometheusEvidence({ url }), answerable: METRICS };
});

test('a recording does not know the future, and its log is redacted and cut to the newest lines', async () => {
  const metrics = await recorded().observe(METRICS, testContext());
  expect(metrics.state === 'observed' && metrics.series[0]?.points).toEqual([
    [NOW - 2000, 1],
    [NOW - 1000, 2],
  ]);
  const logs = await recorded().observe(LOGS, testContext());
  expect(logs.state === 'observed' && logs.lines.at(-1)).toBe('newest line');
  expect(JSON.stringify(logs)).not.toContain('abc123secret');
});

test('the text format is read with escapes, timestamps and special values; what is malformed is counted', () => {
  const { samples, malformed } = parseExposition(
    [
      '# HELP a b',
      '# TYPE a gauge',
      'a{x="q\\"u\\\\o\\nte", y="}",} 1.5e3 1700000000000',
      'b NaN',
      'c{} +Inf',
      'd -.5',
      'e{x="1" 2',
      '{} 3',
      'f one',
      'g 1 2 3',
      '',
    ].join('\n'),
  );
  expect(samples[0]).toEqual({ metric: 'a', labels: { x: 'q"u\\o\nte', y: '}' }, value: 1500, atMs: 1_700_000_000_000 });
  expect(samples.slice(1).map((sample) => [sample.metric, sample.value])).toEqual([
    ['b', Number.NaN],
    ['c', Number.POSITIVE_INFINITY],
    ['d', -0.5],
  ]);
  expect(malformed).toBe(4);
});

test('metrics are not asked for elsewhere, whoever points there: credentials and queries stay here', async () => {
  const server = await startRedirectingServer();
  const headers = { authorization: 'Bearer secret' };
  const prometheus = await createPrometheusEvidence({ url: server.url, headers }).observe(METRICS, testContext());
  const exposition = createExpositionEvidence({ url: server.url, everyMs: 1000, now: () => NOW });
  await exposition.scrape();
  expect([prometheus.state, (await exposition.observe(METRICS, testContext())).state]).toEqual(['unavailable', 'unavailable']);
  expect([server.asked(), server.stray]).toEqual([2, []]);
  await server.close();
});

test('an endpoint that fails makes the answer unavailable, and the memory of it is bounded', async () => {
  let now = NOW - 50_000;
  let status = 500;
  const url = await serve(() => ({ status, body: 'memory{pod="a"} 5\nmemory{pod="b"} 6\n' }));
  const source = createExpositionEvidence({ url, everyMs: 1000, now: () => (now += 1000), samplesPerSeries: 3, maxSeries: 1 });
  await source.scrape();
  expect(await source.observe(METRICS, testContext())).toMatchObject({
    state: 'unavailable',
    reason: expect.stringContaining('answered 500'),
  });
  status = 200;
  for (let index = 0; index < 5; index++) await source.scrape();
  const observed = await source.observe(METRICS, testContext());
  expect(observed.state === 'observed' && observed.series[0]?.points).toHaveLength(3);
  expect(source.skipped().droppedSeries).toBe(5);
  await source.close();
});

test('Prometheus is asked for at most 11,000 points, and its errors are quoted', async () => {
  let form = new URLSearchParams();
  const url = await serve((body) => {
    form = new URLSearchParams(body);
    return { status: 422, body: JSON.stringify({ status: 'error', errorType: 'execution', error: 'query too heavy' }) };
  });
  const answer = await createPrometheusEvidence({ url }).observe({ ...METRICS, fromMs: NOW - 86_400_000 * 30 }, testContext());
  expect(answer).toMatchObject({ state: 'unavailable', reason: 'Prometheus answered 422: query too heavy' });
  expect((86_400 * 30) / Number(form.get('step'))).toBeLessThan(11_000);
  expect(form.get('query')).toBe('memory{pod="a"}');
  const gone = await createPrometheusEvidence({ url: 'http://127.0.0.1:1' }).observe(METRICS, testContext());
  expect(gone).toMatchObject({ state: 'unavailable', reason: expect.stringContaining('cannot be reached') });
});
