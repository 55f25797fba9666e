import { expect, test } from 'vitest';
import { clusterWide, describeFinding, LONG_AGO, made, service, snapshotOf, workload } from '../fixtures/cluster-objects.ts';
import { DEFAULT_RULES } from './default-rules.ts';
import { runRules } from './run.ts';

const named = (name: string, data: object = {}) => ({ name, ...data });
const condition = (type: string, status: string) => ({ type, status, reason: 'Told', lastTransitionTime: LONG_AGO });
const ready = [
  condition('Ready', 'True'),
  condition('MemoryPressure', 'False'),
  condition('KernelDeadlock', 'False'),
  condition('KernelReady', 'True'),
];
const denyAll = made('NetworkPolicy', 'default', { spec: { podSelector: {}, policyTypes: ['Ingress', 'Egress'] } });
const letIn = (app: string, from: string, port: number) =>
  made('NetworkPolicy', `to-${app}`, {
    spec: {
      podSelector: { matchLabels: { app } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: from } } }], ports: [{ port }] }],
    },
  });
const letOut = made('NetworkPolicy', 'out', { spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] } });

/** Odd and well: everything here is as somebody wanted it. */
const ODD: readonly unknown[] = [
  clusterWide('Namespace', 'shop', { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } }),
  clusterWide('Node', 'node-a', { spec: { podCIDR: '10.244.0.0/24' }, status: { conditions: ready } }),
  clusterWide('Node', 'node-b', {
    spec: { unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }] },
    status: { conditions: ready },
  }),
  ...workload('web', {
    replicas: 2,
    env: [named('DB_HOST', { value: 'db' }), named('JAEGER_HOST', { value: 'jaeger' }), named('API', { value: 'https://api.example.com' })],
  }),
  ...workload('web-canary', { labels: { app: 'web', track: 'canary' }, image: 'registry.example/web:2' }),
  ...workload('db', {
    kind: 'StatefulSet',
    ports: [named('sql', { containerPort: 5432 })],
    podSpec: { volumes: [named('d', { persistentVolumeClaim: { claimName: 'data' } })] },
  }),
  ...workload('batch', { replicas: 0 }),
  service('web'),
  service('web-preview', { selector: { app: 'web', slot: 'preview' } }),
  service('db', { clusterIP: 'None', ports: [{ port: 5432 }] }),
  service('batch'),
  service('outside', { type: 'ExternalName', selector: undefined, externalName: 'db.example.com' }),
  service('hand', { selector: undefined }),
  made('Endpoints', 'hand', { subsets: [{ addresses: [{ ip: '192.168.1.9' }], ports: [{ port: 5432 }] }] }),
  made('Ingress', 'web', { spec: { rules: [{ http: { paths: [{ backend: { service: named('web', { port: { number: 80 } }) } }] } }] } }),
  denyAll,
  letOut,
  letIn('db', 'web', 5432),
  made('PersistentVolumeClaim', 'data', { spec: { storageClassName: 'fast', volumeName: 'pv-1' }, status: { phase: 'Bound' } }),
  made('PersistentVolumeClaim', 'later', { spec: { storageClassName: 'fast' }, status: { phase: 'Pending' } }),
  clusterWide('PersistentVolume', 'pv-1', {
    spec: { storageClassName: 'fast', claimRef: named('data', { namespace: 'shop' }) },
    status: { phase: 'Bound' },
  }),
  clusterWide('PersistentVolume', 'pv-2', {
    spec: { storageClassName: 'fast', persistentVolumeReclaimPolicy: 'Retain' },
    status: { phase: 'Released' },
  }),
  clusterWide('StorageClass', 'fast', { provisioner: 'disk.csi.example.com', volumeBindingMode: 'WaitForFirstConsumer' }),
  made('HorizontalPodAutoscaler', 'web', {
    spec: { scaleTargetRef: named('web', { kind: 'Deployment' }), minReplicas: 2, maxReplicas: 4 },
    status: {
      currentReplicas: 2,
      conditions: [condition('AbleToScale', 'True'), { ...condition('ScalingLimited', 'True'), reason: 'TooFewReplicas' }],
    },
  }),
  made('PodDisruptionBudget', 'db', {
    spec: { selector: { matchLabels: { app: 'db' } }, minAvailable: 1 },
    status: { disruptionsAllowed: 0, currentHealthy: 1, expectedPods: 1 },
  }),
  made('ResourceQuota', 'team', { spec: { hard: { pods: '4' } }, status: { hard: { pods: '4' }, used: { pods: '4' } } }),
  made('RoleBinding', 'old', { roleRef: named('gone', { kind: 'Role' }), subjects: [named('nobody', { kind: 'ServiceAccount' })] }),
  clusterWide('ValidatingWebhookConfiguration', 'idle', {
    webhooks: [named('a.example.com', { rules: [], clientConfig: { service: named('x', { namespace: 'y' }) } })],
  }),
  made('Application', 'web', {
    apiVersion: 'argoproj.io/v1alpha1',
    status: { sync: { status: 'OutOfSync' }, health: { status: 'Healthy' } },
  }),
  made('Kustomization', 'web', {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    spec: { suspend: true },
    status: { conditions: [condition('Ready', 'False')] },
  }),
];

test('an odd cluster in which everything is wanted has no fault', async () => {
  const { findings, unknowns } = runRules(DEFAULT_RULES, await snapshotOf(ODD));
  expect(findings.filter((finding) => finding.severity === 'fault').map(describeFinding)).toEqual([]);
  expect(unknowns.filter((line) => line.includes('rule'))).toEqual([]);
});

test('what the rules say does not depend on the order of the objects', async () => {
  const broken = [...ODD, service('shop', { selector: { app: 'webb' } }), ...workload('pay', { ready: false }), service('pay')];
  const forwards = runRules(DEFAULT_RULES, await snapshotOf(broken)).findings;
  const backwards = runRules(DEFAULT_RULES, await snapshotOf([...broken].reverse())).findings;
  expect(forwards.length).toBeGreaterThan(5);
  expect(backwards).toEqual(forwards);
});

test('objects of any shape never stop a rule', async () => {
  const bent = (value: unknown): unknown => {
    const text = JSON.stringify(value).replaceAll('"spec":{', '"spec":[],"was":{').replaceAll('"status":{', '"status":7,"had":{');
    return JSON.parse(text);
  };
  const emptied = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value)
        .replaceAll('[{', '[null,{')
        .replaceAll(/"(name|kind)":"[^"]*"/g, (pair) => pair),
    );
  for (const change of [bent, emptied]) {
    const { unknowns } = runRules(DEFAULT_RULES, await snapshotOf(ODD.map(change)));
    expect(unknowns.filter((line) => line.includes('rule'))).toEqual([]);
  }
});
