import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseQuantity } from '@tier0/core';
import type { EmbeddedCluster } from './embedded-cluster.ts';
import { isJsonObject, type KubernetesObject, valueAt } from './kubernetes-object.ts';
import type { ContainerRuntime } from './runtime/container-runtime.ts';

/** Whose memory is exposed, and by which clock. */
export interface MetricsExpositionOptions {
  readonly cluster: Pick<EmbeddedCluster, 'store'>;
  /** Whose containers are measured; without it only what stands in the objects is shown. */
  readonly runtime?: ContainerRuntime | undefined;
  /** Milliseconds since the epoch, for `container_last_seen`. */
  readonly now: () => number;
}

/** A Prometheus target on loopback. */
export interface MetricsExposition {
  /** Address of `GET /metrics`. */
  readonly url: string;
  /** Stops listening. */
  close(): Promise<void>;
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Metrics under the names of cAdvisor and kube-state-metrics, in the Prometheus text format 0.0.4. */
export async function createMetricsExposition(options: MetricsExpositionOptions): Promise<MetricsExposition> {
  const server = createServer((request, response) => {
    const isLoopback = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(request.headers.host ?? '');
    const isMetrics = request.method === 'GET' && /^\/metrics(\?|$)/.test(request.url ?? '');
    const code = !isLoopback ? 403 : isMetrics ? 200 : 404;
    response.writeHead(code, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(code === 200 ? exposition(options) : '');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function exposition({ cluster, runtime, now }: MetricsExpositionOptions): string {
  const pods = cluster.store.list({ apiVersion: 'v1', kind: 'Pod' });
  const measured = runtime?.memory() ?? [];
  const labelsOf = ({ namespace, pod, container }: (typeof measured)[number]) => ({ namespace, pod, container });
  return [
    family(
      'container_memory_working_set_bytes',
      'gauge',
      'Resident set size of the process of the container, sampled from the operating system.',
      [...measured.map((memory) => ({ labels: labelsOf(memory), value: memory.residentBytes }))],
    ),
    family('container_last_seen', 'gauge', 'When the container was last seen, in seconds since the epoch by the clock of the cluster.', [
      ...measured.map((memory) => ({ labels: labelsOf(memory), value: now() / 1000 })),
    ]),
    family('kube_pod_container_resource_limits', 'gauge', 'Limit of a resource of a container.', pods.flatMap(memoryLimits)),
    family('kube_pod_container_status_restarts_total', 'counter', 'Restarts of a container.', pods.flatMap(restarts)),
    family(
      'kube_deployment_status_replicas_unavailable',
      'gauge',
      'Pods of a deployment that are not available.',
      cluster.store.list({ apiVersion: 'apps/v1', kind: 'Deployment' }).map(unavailable),
    ),
  ].join('');
}

function family(name: string, type: 'gauge' | 'counter', help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => `${name}{${labelText(labels)}} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const escaped = (value: string) => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(value)}"`)
    .join(',');
}

function memoryLimits(pod: KubernetesObject): readonly Sample[] {
  return entriesAt(pod, ['spec', 'containers']).flatMap((container) => {
    const value = parseQuantity(valueAt(container, ['resources', 'limits', 'memory']));
    if (value === undefined) return [];
    return [{ labels: { ...containerLabels(pod, container), resource: 'memory', unit: 'byte' }, value }];
  });
}

function restarts(pod: KubernetesObject): readonly Sample[] {
  return entriesAt(pod, ['status', 'containerStatuses']).map((status) => ({
    labels: containerLabels(pod, status),
    value: Number(status.restartCount ?? 0),
  }));
}

function unavailable(deployment: KubernetesObject): Sample {
  const { namespace = 'default', name } = deployment.metadata;
  return { labels: { namespace, deployment: name }, value: Number(valueAt(deployment, ['status', 'unavailableReplicas']) ?? 0) };
}

function containerLabels(pod: KubernetesObject, container: Readonly<Record<string, unknown>>) {
  return { namespace: pod.metadata.namespace ?? 'default', pod: pod.metadata.name, container: String(container.name) };
}

function entriesAt(pod: KubernetesObject, path: readonly string[]) {
  const list = valueAt(pod, path);
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}
