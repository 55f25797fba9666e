import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPrometheusEvidence } from './prometheus.ts';

const installed = spawnSync('prometheus', ['--version']).status === 0;

test.skipIf(!installed)(
  'a real Prometheus answers with the series it scraped (skipped where prometheus is not on PATH)',
  async () => {
    const started = Date.now();
    const target = createServer((_request, response) => {
      const bytes = 1_000_000 + (Date.now() - started) * 1000;
      response.end(
        `# TYPE container_memory_working_set_bytes gauge\ncontainer_memory_working_set_bytes{namespace="a",pod="b",container="c"} ${bytes}\n`,
      );
    });
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
    const folder = await mkdtemp(join(tmpdir(), 'tier0-prometheus-'));
    const { process: server, url } = await startPrometheus(folder, (target.address() as AddressInfo).port);
    try {
      const source = createPrometheusEvidence({ url });
      const observation = await waitForSamples(source, 8);
      expect(observation.series).toHaveLength(1);
      expect(observation.series[0]?.labels).toMatchObject({ namespace: 'a', pod: 'b', container: 'c' });
      const values = observation.series[0]?.points.map(([, value]) => value) ?? [];
      expect(values).toEqual([...values].sort((a, b) => a - b));
      expect(observation.evidence.query).toBe('container_memory_working_set_bytes{namespace="a"}');
    } finally {
      server.kill();
      await once(server, 'exit');
      target.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
  40_000,
);

async function startPrometheus(folder: string, target: number): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const config = `global: { scrape_interval: 500ms, scrape_timeout: 400ms }\nscrape_configs: [{ job_name: t, static_configs: [{ targets: ['127.0.0.1:${target}'] }] }]\n`;
  await writeFile(join(folder, 'prometheus.yml'), config);
  const port = await freePort();
  const args = [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`];
  return { process: spawn('prometheus', args, { stdio: 'ignore' }), url: `http://127.0.0.1:${port}` };
}

async function freePort(): Promise<number> {
  const socket = createSocket().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address() as AddressInfo;
  socket.close();
  return port;
}

async function waitForSamples(source: ReturnType<typeof createPrometheusEvidence>, samples: number) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const toMs = Date.now();
    const query = {
      kind: 'metrics',
      metric: 'container_memory_working_set_bytes',
      labels: { namespace: 'a' },
      fromMs: toMs - 60_000,
      toMs,
      stepMs: 500,
    } as const;
    const observation = await source.observe(query, { signal: new AbortController().signal, now: () => toMs });
    if (observation.state === 'observed' && (observation.series[0]?.points.length ?? 0) >= samples) return observation;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('Prometheus scraped nothing in time');
}
