import type { KubernetesObject } from '../kubernetes-object.ts';

const BORN = '2026-02-28T09:00:00Z';

/** A small shop for the tests of this folder: two web pods, a failed api pod, an agent elsewhere, a custom resource. */
export function shopObjects(): readonly KubernetesObject[] {
  return [
    { apiVersion: 'v1', kind: 'List', metadata: {} as never, items: ['shop', 'monitoring'].map(namespace) },
    node('node-a'),
    node('node-b'),
    pod('shop', 'web-1', { app: 'web', tier: 'front' }, 'node-a'),
    pod('shop', 'web-2', { app: 'web', tier: 'front' }, 'node-b'),
    { ...pod('shop', 'api-1', { app: 'api' }, 'node-b'), status: { phase: 'Failed' } },
    pod('monitoring', 'agent-1', { app: 'agent' }, 'node-b'),
    deployment(),
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { namespace: 'shop', name: 'web', creationTimestamp: BORN },
      spec: { clusterIP: '10.96.0.10', selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }] },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'shop', name: 'settings', creationTimestamp: BORN },
      data: { colour: 'green' },
    },
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { namespace: 'shop', name: 'api-1.1', creationTimestamp: BORN },
      involvedObject: { kind: 'Pod', namespace: 'shop', name: 'api-1', apiVersion: 'v1' },
      type: 'Warning',
      reason: 'BackOff',
      message: 'Back-off restarting failed container',
      lastTimestamp: '2026-03-01T11:59:00Z',
      count: 7,
    },
    {
      apiVersion: 'shop.example/v1',
      kind: 'Widget',
      metadata: { namespace: 'shop', name: 'blue', creationTimestamp: BORN },
      spec: { size: 3 },
    },
  ];
}

/** The Deployment `shop/web`: two replicas of `registry.example/web:1.0`. */
export function deployment(): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: 'shop', name: 'web', creationTimestamp: BORN, labels: { app: 'web' } },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web', tier: 'front' } },
        spec: {
          containers: [
            { name: 'web', image: 'registry.example/web:1.0', ports: [{ containerPort: 8080 }], env: [{ name: 'A', value: '1' }] },
          ],
        },
      },
    },
  };
}

function namespace(name: string): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, creationTimestamp: BORN }, status: { phase: 'Active' } };
}

function node(name: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, creationTimestamp: BORN },
    status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1.32.4' } },
  };
}

function pod(inNamespace: string, name: string, labels: Readonly<Record<string, string>>, nodeName: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: inNamespace, name, labels, creationTimestamp: BORN },
    spec: { nodeName, containers: [{ name: 'main', image: 'registry.example/main:1.0' }] },
    status: {
      phase: 'Running',
      podIP: '10.244.0.9',
      containerStatuses: [
        { name: 'main', ready: true, restartCount: 0, image: 'registry.example/main:1.0', state: { running: { startedAt: BORN } } },
      ],
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}
