import { formatItemId } from '@tier0/core';
import { expect, test } from 'vitest';
import { examineCluster } from '../../diagnosis/examine.ts';
import { MADE_NOW, madeCluster, minutesAgo, node, object, type Part, pod, web } from '../../fixtures/made-cluster.ts';

const READY = { ready: true, started: true, state: { running: { startedAt: minutesAgo(9) } } };
const isReady = { conditions: [{ type: 'Ready', status: 'True' }] };
const UNREADY = { ready: false, started: true, state: { running: { startedAt: minutesAgo(9) } } };

/** Nine times the same line, three seconds apart, the last of them just now. */
const again = (line: string) =>
  Array.from({ length: 9 }, (_, index) => `${new Date(MADE_NOW - 3_000 * (9 - index)).toISOString()} ${line}`).join('\n');

async function causes(objects: readonly Part[], logs: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const reader = await madeCluster([node('node-a'), ...objects]);
  const context = { signal: AbortSignal.timeout(20_000), now: () => MADE_NOW };
  const { causes: found } = await examineCluster(reader, { readLog: async ({ pod: name }) => logs[name] }, context);
  return found.map(({ finding }) => `${finding.code} ${formatItemId(finding.subject)}`);
}

const daemon = (name: string, image: string, spec: Part = {}) => [
  object('DaemonSet', name, { apiVersion: 'apps/v1', spec: { template: { spec: { containers: [{ name: 'agent', image }], ...spec } } } }),
  object('Pod', `${name}-x`, {
    metadata: {
      ownerReferences: [{ kind: 'DaemonSet', name, uid: `uid-DaemonSet-${name}`, controller: true }],
      creationTimestamp: minutesAgo(50),
    },
    spec: { nodeName: 'node-a', containers: [{ name: 'agent', image }], ...spec },
    status: {
      phase: 'Running',
      startTime: minutesAgo(50),
      containerStatuses: [{ name: 'agent', restartCount: 0, ...UNREADY, ...READY }],
      ...isReady,
    },
  }),
];

const gpuPod = pod('p', {
  container: { resources: { limits: { 'nvidia.com/gpu': '1' } } },
  spec: { nodeName: undefined },
  podStatus: {
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/1 nodes are available: 1 Insufficient nvidia.com/gpu.',
      },
    ],
  },
});

test('a device plugin is asked why only where no node offers what pods wait for', async () => {
  const plugin = daemon('nvidia-device-plugin', 'registry.example/nvidia/k8s-device-plugin:1');
  const log = { 'nvidia-device-plugin-x': 'E1122 11:00:00.000000       1 factory.go:115] Incompatible platform detected' };
  expect(await causes([...web(), gpuPod, ...plugin], log)).toEqual(['T0-LOG-074 DaemonSet ns/nvidia-device-plugin']);
  const offered = node('node-b', { allocatable: { 'nvidia.com/gpu': '1' } });
  expect(await causes([...web(), gpuPod, ...plugin, offered], log)).not.toContain('T0-LOG-074 DaemonSet ns/nvidia-device-plugin');
});

test('a network agent that cannot reach the API by its Service is at fault only where nobody else serves that Service', async () => {
  const api = object('Service', 'kubernetes', {
    metadata: { namespace: 'default' },
    spec: { clusterIP: '10.9.0.1', ports: [{ port: 443 }] },
  });
  const agent = daemon('cilium', 'registry.example/cilium:1', { hostNetwork: true }).map((one, index) =>
    index === 1 ? { ...one, status: { phase: 'Running', containerStatuses: [{ name: 'agent', restartCount: 0, ...UNREADY }] } } : one,
  );
  const log = { 'cilium-x': again('ERROR Get "https://10.9.0.1:443/api/v1/nodes": dial tcp 10.9.0.1:443: i/o timeout') };
  expect(await causes([api, ...agent], log)).toContain('T0-LOG-075 DaemonSet ns/cilium');
  const proxy = daemon('kube-proxy', 'registry.example/kube-proxy:1', { hostNetwork: true });
  expect(await causes([api, ...agent, ...proxy], log)).not.toContain('T0-LOG-075 DaemonSet ns/cilium');
});

test('a file of authorities is missed only where nothing puts it there', async () => {
  const rates = object('Service', 'rates', { spec: { clusterIP: '10.9.0.8', ports: [{ port: 443 }], selector: { app: 'rates' } } });
  const bundle = object('ConfigMap', 'corp-ca', { data: { 'ca.crt': '-' } });
  const client = (path: string) =>
    pod('p', {
      spec: {
        volumes: [{ name: 'ca', configMap: { name: 'corp-ca' } }],
        containers: [
          {
            name: 'app',
            image: 'registry.example/web:1',
            env: [{ name: 'NODE_EXTRA_CA_CERTS', value: path }],
            volumeMounts: [{ name: 'ca', mountPath: '/etc/corp-ca' }],
            readinessProbe: { exec: { command: ['ready'] } },
          },
        ],
      },
      status: UNREADY,
    });
  const log = { p: again('ERROR call to https://rates failed: unable to verify the first certificate') };
  expect(await causes([...web(), rates, bundle, client('/etc/corp-ca/bundle.crt')], log)).toContain('T0-LOG-076 Deployment ns/web');
  expect(await causes([...web(), rates, bundle, client('/etc/corp-ca/ca.crt')], log)).not.toContain('T0-LOG-076 Deployment ns/web');
  expect(await causes([...web(), rates, bundle, client('/etc/ssl/certs/ca-certificates.crt')], log)).not.toContain(
    'T0-LOG-076 Deployment ns/web',
  );
});
