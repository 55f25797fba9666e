// A process of its own that plays the outside world: a Kubernetes API, a Git server over HTTP and a metrics API.
// Prints one line of JSON with their addresses and lives until its input ends. Arguments: scenario folder, working folder.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { readScenario, type Scenario } from '@tier0/eval';
import { createEmbeddedCluster, type KubernetesObject } from '@tier0/eval/cluster';
import { startGitHttpServer } from '@tier0/gitops/testing';
import { initRepository } from '../world/init-repository.ts';

const [scenarioFolder = '', workFolder = ''] = process.argv.slice(2);
const context = { signal: new AbortController().signal, now: () => Date.now() };
const scenario = await readScenario(scenarioFolder);
const cluster = await createEmbeddedCluster({ objects: scenario.objects as readonly KubernetesObject[], now: context.now, writable: true });
if (scenario.repository) {
  await initRepository(
    { directory: join(workFolder, 'shop.git'), branch: 'main', files: scenario.repository, date: scenario.meta.now },
    context,
  );
}
const git = await startGitHttpServer(workFolder);
const metrics = await serveMetrics(scenario);
process.stdout.write(
  `${JSON.stringify({ kubeconfig: cluster.kubeconfig, api: cluster.url, repository: `${git.url}/shop.git`, prometheus: metrics })}\n`,
);
process.stdin.on('data', (line) => {
  if (String(line).trim() === 'requests')
    process.stdout.write(
      `${JSON.stringify(cluster.requests.map(({ method, path, kind, userAgent }) => ({ method, path, kind, userAgent })))}\n`,
    );
});
process.stdin.on('end', () => process.exit(0));

/** The recorded series as a metrics API would give them, moved so that the recording ends now. Strict: an unknown path or parameter is an error. */
async function serveMetrics(from: Scenario): Promise<string> {
  const shiftMs = Date.now() - Date.parse(from.meta.now);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const form = new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      const answer = path === '/api/v1/query_range' ? queryRange(from, form, shiftMs) : undefined;
      response.writeHead(answer ? 200 : 400, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer ?? { status: 'error', errorType: 'bad_data', error: `cannot answer ${path}?${form}` }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function queryRange(from: Scenario, form: URLSearchParams, shiftMs: number) {
  const selector = /^(\w+)(?:\{(.*)\})?$/.exec(form.get('query') ?? '');
  const [start, end, step] = ['start', 'end', 'step'].map((name) => Number(form.get(name)));
  if (!selector || !Number.isFinite(start) || !Number.isFinite(end) || !Number.isFinite(step)) return undefined;
  const wanted = [...(selector[2] ?? '').matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1] ?? '', match[2] ?? ''] as const);
  const result = from.metrics
    .filter((series) => series.metric === selector[1] && wanted.every(([key, value]) => series.labels[key] === value))
    .map((series) => ({
      metric: { __name__: series.metric, ...series.labels },
      values: series.points
        .map(([at, value]) => [(at + shiftMs) / 1000, String(value)] as const)
        .filter(([at]) => at >= (start ?? 0) && at <= (end ?? 0)),
    }));
  return { status: 'success', data: { resultType: 'matrix', result: result.filter((series) => series.values.length > 0) } };
}
