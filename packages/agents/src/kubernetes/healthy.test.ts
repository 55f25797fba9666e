import { expect, test } from 'vitest';
import { isBrokenRule, runRules } from '../findings/run-rules.ts';
import { clusterWide, describeFinding, FIXTURE_NOW, LONG_AGO, made, service, snapshotOf, workload } from '../fixtures/cluster-objects.ts';
import { MATTERS } from './matters.ts';

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
  const { findings, unknowns } = runRules(MATTERS, await snapshotOf(ODD));
  expect(findings.filter((finding) => finding.severity === 'fault').map(describeFinding)).toEqual([]);
  expect(unknowns.filter(({ code }) => code === 'not-judged')).toEqual([]);
});

const ago = (minutes: number) => new Date(Date.parse(FIXTURE_NOW) - minutes * 60_000).toISOString();
const running = (minutes: number, isReady = false) => [
  { name: 'main', ready: isReady, started: true, restartCount: 0, state: { running: { startedAt: ago(minutes) } } },
];
const notReady = (minutes: number) => ({
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'False', reason: 'ContainersNotReady', lastTransitionTime: ago(minutes) }],
  containerStatuses: running(minutes),
});
const probed = { ports: [{ name: 'http', containerPort: 8080 }], readinessProbe: { httpGet: { path: '/ready', port: 8080 } } };
const hashed = (name: string, hash: string) => ({ labels: { app: name, 'pod-template-hash': hash } });
const ofSet = (name: string, index: number, fields: object) =>
  made('Pod', `${name}-${index}`, {
    ...fields,
    metadata: {
      ...hashed(name, 'a1'),
      ownerReferences: [{ kind: 'ReplicaSet', name: `${name}-a1`, uid: `uid-ReplicaSet-${name}-a1`, controller: true }],
      ...(fields as { readonly metadata?: object }).metadata,
    },
  });
const deployment = (name: string, spec: object, status: object) =>
  made('Deployment', name, {
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [named('main', probed)] } },
      ...spec,
    },
    status,
  });
const available = (status: string, at = LONG_AGO) => ({ type: 'Available', status, lastTransitionTime: at });
const progressing = (reason: string, at = LONG_AGO) => ({ type: 'Progressing', status: 'True', reason, lastUpdateTime: at });
const podOf = (containers: readonly unknown[] = [named('main', probed)]) => ({ nodeName: 'node-a', containers });
const up = { phase: 'Running', conditions: [condition('Ready', 'True')], containerStatuses: running(900, true) };
const nodeA = clusterWide('Node', 'node-a', { status: { conditions: ready } });

/** What other clusters look like while all is well. */
const WELL: Readonly<Record<string, readonly unknown[]>> = {
  'one leads and the others stand by': [
    nodeA,
    deployment('lead', { replicas: 3 }, { replicas: 3, readyReplicas: 1, updatedReplicas: 3, conditions: [available('False')] }),
    ofSet('lead', 0, { spec: podOf(), status: up }),
    ofSet('lead', 1, { spec: podOf(), status: notReady(900) }),
    ofSet('lead', 2, { spec: podOf(), status: notReady(900) }),
    service('lead'),
  ],
  'a rollout that goes on, with neither ReplicaSets nor events recorded': [
    nodeA,
    deployment(
      'roll',
      { replicas: 2 },
      { replicas: 3, readyReplicas: 2, updatedReplicas: 1, conditions: [available('True'), progressing('ReplicaSetUpdated', ago(3))] },
    ),
    ofSet('roll', 0, { spec: podOf(), status: up, metadata: hashed('roll', 'a0') }),
    ofSet('roll', 1, { spec: podOf(), status: notReady(3), metadata: { creationTimestamp: ago(4) } }),
    service('roll'),
  ],
  'a member that stands by, of pods that declare no port, behind a Service with a named one': [
    nodeA,
    deployment('mute', { replicas: 2 }, { replicas: 2, readyReplicas: 1, updatedReplicas: 2, conditions: [available('False')] }),
    ofSet('mute', 0, { spec: podOf([named('main', { readinessProbe: { httpGet: { port: 9000 } } })]), status: up }),
    ofSet('mute', 1, { spec: podOf([named('main', { readinessProbe: { httpGet: { port: 9000 } } })]), status: notReady(900) }),
    service('mute', { ports: [{ port: 80, targetPort: 9000 }] }),
  ],
  'a program that takes its two minutes': [
    nodeA,
    deployment(
      'slow',
      { replicas: 1 },
      {
        replicas: 1,
        readyReplicas: 0,
        updatedReplicas: 1,
        conditions: [available('False', ago(1)), progressing('NewReplicaSetCreated', ago(1))],
      },
    ),
    ofSet('slow', 0, { spec: podOf(), status: notReady(1), metadata: { creationTimestamp: ago(1) } }),
    service('slow'),
  ],
  'a paused Deployment between two revisions': [
    nodeA,
    deployment(
      'held',
      { replicas: 2, paused: true },
      {
        replicas: 3,
        readyReplicas: 2,
        updatedReplicas: 1,
        conditions: [available('True'), { type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused' }],
      },
    ),
    ofSet('held', 0, { spec: podOf(), status: up }),
    ofSet('held', 1, { spec: podOf(), status: up }),
  ],
  'pods alone, one of them on its way out and one done': [
    made('Pod', 'shell', { spec: podOf([named('main')]), status: up }),
    made('Pod', 'leaving', {
      metadata: { deletionTimestamp: ago(0.2), deletionGracePeriodSeconds: 30 },
      spec: podOf(),
      status: notReady(0.2),
    }),
    made('Pod', 'once', {
      spec: { ...podOf([named('main')]), restartPolicy: 'Never' },
      status: {
        phase: 'Succeeded',
        conditions: [{ type: 'Ready', status: 'False', reason: 'PodCompleted' }],
        containerStatuses: [{ name: 'main', ready: false, restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
      },
    }),
  ],
  'a static pod, mirrored by its kubelet': [
    nodeA,
    made('Pod', 'etcd-node-a', {
      metadata: {
        namespace: 'kube-system',
        annotations: { 'kubernetes.io/config.mirror': 'x', 'kubernetes.io/config.source': 'file' },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-a', uid: 'uid-Node-node-a', controller: true }],
      },
      spec: { ...podOf([named('main')]), hostNetwork: true, priorityClassName: 'system-node-critical' },
      status: up,
    }),
  ],
  'a Job at work, one suspended and a CronJob of OpenShift style': [
    nodeA,
    made('Job', 'load', {
      spec: { completions: 3, parallelism: 1, backoffLimit: 6 },
      status: { active: 1, succeeded: 1, failed: 1, startTime: ago(9) },
    }),
    made('Pod', 'load-x', {
      metadata: { ownerReferences: [{ kind: 'Job', name: 'load', uid: 'uid-Job-load', controller: true }] },
      spec: { ...podOf([named('main')]), restartPolicy: 'Never' },
      status: { phase: 'Running', conditions: [condition('Ready', 'True')], containerStatuses: running(5, true) },
    }),
    made('Job', 'later', { spec: { suspend: true, parallelism: 1 }, status: { conditions: [condition('Suspended', 'True')] } }),
  ],
  'a node of Windows and a DaemonSet that leaves out what it does not tolerate': [
    clusterWide('Node', 'node-a', { metadata: { labels: { 'kubernetes.io/os': 'linux' } }, status: { conditions: ready } }),
    clusterWide('Node', 'win', {
      metadata: { labels: { 'kubernetes.io/os': 'windows' } },
      spec: { taints: [{ key: 'os', value: 'windows', effect: 'NoSchedule' }] },
      status: { conditions: ready },
    }),
    clusterWide('Node', 'master', {
      spec: { taints: [{ key: 'node-role.kubernetes.io/master', effect: 'NoSchedule' }] },
      status: { conditions: ready },
    }),
    made('DaemonSet', 'agent', {
      spec: {
        selector: { matchLabels: { app: 'agent' } },
        template: { metadata: { labels: { app: 'agent' } }, spec: podOf([named('main')]) },
      },
      status: { desiredNumberScheduled: 1, currentNumberScheduled: 1, numberReady: 1, updatedNumberScheduled: 1, numberMisscheduled: 0 },
    }),
    made('Pod', 'agent-1', {
      metadata: {
        labels: { app: 'agent' },
        ownerReferences: [{ kind: 'DaemonSet', name: 'agent', uid: 'uid-DaemonSet-agent', controller: true }],
      },
      spec: podOf([named('main')]),
      status: up,
    }),
  ],
  'a pod whose gate is about to open': [
    nodeA,
    made('ClusterRole', 'load-balancers', { rules: [{ apiGroups: ['elbv2.k8s.aws'], resources: ['*'], verbs: ['get'] }] }),
    deployment(
      'gated',
      { replicas: 1 },
      {
        replicas: 1,
        readyReplicas: 0,
        updatedReplicas: 1,
        conditions: [available('False', ago(1)), progressing('NewReplicaSetCreated', ago(1))],
      },
    ),
    ofSet('gated', 0, {
      metadata: { creationTimestamp: ago(1) },
      spec: { ...podOf(), readinessGates: [{ conditionType: 'target-health.elbv2.k8s.aws/x' }] },
      status: {
        phase: 'Running',
        conditions: [
          { type: 'Ready', status: 'False', reason: 'ReadinessGatesNotReady', lastTransitionTime: ago(1) },
          { type: 'ContainersReady', status: 'True', lastTransitionTime: ago(1) },
        ],
        containerStatuses: running(1, true),
      },
    }),
  ],
  'an autoscaler that has just asked for more, and a claim that waits for its first pod': [
    nodeA,
    deployment(
      'grow',
      { replicas: 3 },
      {
        replicas: 3,
        readyReplicas: 2,
        updatedReplicas: 3,
        conditions: [available('True'), progressing('NewReplicaSetAvailable', ago(9000))],
      },
    ),
    ofSet('grow', 0, { spec: podOf(), status: up }),
    ofSet('grow', 1, { spec: podOf(), status: up }),
    ofSet('grow', 2, { spec: podOf(), status: notReady(1), metadata: { creationTimestamp: ago(1) } }),
    made('HorizontalPodAutoscaler', 'grow', {
      spec: { scaleTargetRef: named('grow', { kind: 'Deployment' }), minReplicas: 2, maxReplicas: 5 },
      status: {
        currentReplicas: 2,
        desiredReplicas: 3,
        lastScaleTime: ago(1),
        conditions: [condition('AbleToScale', 'True'), condition('ScalingActive', 'True')],
      },
    }),
    made('PersistentVolumeClaim', 'wait', { spec: { storageClassName: 'late' }, status: { phase: 'Pending' } }),
    clusterWide('StorageClass', 'late', { provisioner: 'x.csi.example.com', volumeBindingMode: 'WaitForFirstConsumer' }),
  ],
  'objects with neither status nor times': [
    {
      kind: 'Deployment',
      metadata: { name: 'bare', namespace: 'shop' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'bare' } },
        template: { metadata: { labels: { app: 'bare' } }, spec: { containers: [named('main', probed)] } },
      },
    },
    {
      kind: 'StatefulSet',
      metadata: { name: 'set', namespace: 'shop' },
      spec: {
        replicas: 2,
        serviceName: 'set',
        template: { metadata: { labels: { app: 'set' } }, spec: { containers: [named('main', probed)] } },
      },
    },
    {
      kind: 'CronJob',
      metadata: { name: 'often', namespace: 'shop' },
      spec: {
        schedule: '*/5 * * * *',
        concurrencyPolicy: 'Forbid',
        jobTemplate: { spec: { template: { spec: { containers: [named('main', probed)] } } } },
      },
    },
    {
      kind: 'DaemonSet',
      metadata: { name: 'each', namespace: 'shop' },
      spec: { template: { metadata: { labels: { app: 'each' } }, spec: { containers: [named('main', probed)] } } },
    },
    { kind: 'PersistentVolumeClaim', metadata: { name: 'disk', namespace: 'shop' }, spec: { storageClassName: 'x' } },
    {
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'bare', namespace: 'shop' },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'bare' }, maxReplicas: 3 },
    },
    { kind: 'Node', metadata: { name: 'n' } },
  ],
};

test.each(Object.entries(WELL))('no fault is seen in %s', async (_, objects) => {
  const run = runRules(MATTERS, await snapshotOf(objects));
  expect(run.findings.filter((finding) => finding.severity === 'fault').map(describeFinding)).toEqual([]);
  expect(run.unknowns.filter(isBrokenRule)).toEqual([]);
});

test('what the rules say does not depend on the order of the objects', async () => {
  const broken = [...ODD, service('shop', { selector: { app: 'webb' } }), ...workload('pay', { ready: false }), service('pay')];
  const forwards = runRules(MATTERS, await snapshotOf(broken)).findings;
  const backwards = runRules(MATTERS, await snapshotOf([...broken].reverse())).findings;
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
    const { unknowns } = runRules(MATTERS, await snapshotOf(ODD.map(change)));
    expect(unknowns.filter(({ code }) => code === 'not-judged')).toEqual([]);
  }
});
