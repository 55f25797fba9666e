import { expect, test } from 'vitest';
import { event, faultsIn, minutesAgo, node, object, type Part, pod, web } from '../../fixtures/made-cluster.ts';

const WEB = 'Deployment ns/web';

/** A pod that no node took; the scheduler's words are left out unless given. */
function pending(spec: Part = {}, message = '', more: Part = {}): Part {
  const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message, lastTransitionTime: minutesAgo(9) };
  const requests = { requests: { cpu: '1', memory: '1Gi' } };
  const containers = [{ name: 'app', resources: requests }];
  return pod('p', {
    spec: { nodeName: undefined, containers, ...spec },
    podStatus: { phase: 'Pending', conditions: [condition] },
    metadata: more,
  });
}

/** Pods of others, already placed. */
function placed(name: string, on: string, spec: Part = {}, metadata: Part = {}): Part {
  const podStatus = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
  return pod(name, {
    spec: { nodeName: on, containers: [{ name: 'app' }], ...spec },
    podStatus,
    metadata: { ownerReferences: undefined, labels: { app: name }, ...metadata },
  });
}

const TAINT = [{ key: 'dedicated', value: 'gpu', effect: 'NoSchedule' }];
const MASTER = node('master', { spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] } });
const BIG = { containers: [{ name: 'app', resources: { requests: { cpu: '3' } } }] };
const HOG = placed('hog', 'node-a', BIG);
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const apart = (label: string) => ({
  affinity: {
    podAntiAffinity: { [REQUIRED]: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: label } } }] },
  },
});
const port = (hostPort: number) => ({ containers: [{ name: 'app', ports: [{ containerPort: 80, hostPort }] }] });
const zoned = (zone: string) => ({
  nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: [zone] }] }] } },
});
const claim = (phase: string, storageClassName = 'slow') =>
  object('PersistentVolumeClaim', 'data', {
    spec: { volumeName: phase === 'Bound' ? 'pv-1' : undefined, storageClassName },
    status: { phase },
  });
const USES = { volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }] };
const spread = {
  topologySpreadConstraints: [
    { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { app: 'web' } } },
  ],
};

test.each([
  [
    'more than any node has',
    [MASTER, node('node-a'), pending({ containers: [{ name: 'app', resources: { requests: { cpu: '64' } } }] })],
    [`T0-POD-010 ${WEB}`],
  ],
  ['more than is free', [node('node-a'), HOG, pending(BIG)], [`T0-POD-010 ${WEB}`]],
  [
    'labels of no node, though all are tainted too',
    [node('node-a', { spec: { taints: TAINT } }), pending({ nodeSelector: { disk: 'fast' } })],
    [`T0-POD-050 ${WEB}`],
  ],
  [
    'an affinity that no node meets',
    [
      node('node-a'),
      pending({
        affinity: {
          nodeAffinity: { [REQUIRED]: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values: ['x'] }] }] } },
        },
      }),
    ],
    [`T0-POD-051 ${WEB}`],
  ],
  ['a neighbour it must not have', [node('node-a'), placed('db', 'node-a'), pending(apart('db'))], [`T0-POD-051 ${WEB}`]],
  ['a neighbour that refuses it', [node('node-a'), placed('db', 'node-a', apart('web')), pending()], [`T0-POD-051 ${WEB}`]],
  ['a taint on every worker', [MASTER, node('node-a', { spec: { taints: TAINT } }), pending()], [`T0-POD-052 ${WEB}`]],
  ['a free control plane beside a full node', [MASTER, node('node-a'), HOG, pending(BIG)], [`T0-POD-010 ${WEB}`]],
  [
    'a dedicated node beside a full one',
    [node('node-b', { spec: { taints: TAINT } }), node('node-a'), HOG, pending(BIG)],
    [`T0-POD-010 ${WEB}`],
  ],
  [
    'an uneven spread, because the other zone is full',
    [
      node('node-a', { labels: { zone: 'a' } }),
      node('node-b', { labels: { zone: 'b' }, allocatable: { cpu: '0' } }),
      placed('x', 'node-a', {}, { labels: { app: 'web' } }),
      pending(spread),
    ],
    [`T0-POD-010 ${WEB}`],
  ],
  ['a spread over a label of no node', [node('node-a'), pending(spread)], [`T0-POD-053 ${WEB}`]],
  ['a host port in use', [node('node-a'), placed('proxy', 'node-a', port(80)), pending(port(80))], [`T0-POD-054 ${WEB} <- Pod ns/proxy`]],
  [
    'a device of no node',
    [node('node-a'), pending({ containers: [{ name: 'app', resources: { limits: { 'nvidia.com/gpu': '1' } } }] })],
    [`T0-POD-055 ${WEB}`],
  ],
  ['no pod slot', [node('node-a', { allocatable: { pods: '1' } }), placed('x', 'node-a'), pending()], [`T0-POD-056 ${WEB} <- Node node-a`]],
  [
    'a volume of another zone',
    [node('node-a', { labels: { zone: 'a' } }), claim('Bound'), object('PersistentVolume', 'pv-1', { spec: zoned('b') }), pending(USES)],
    [`T0-POD-057 ${WEB} <- PersistentVolume pv-1, PersistentVolumeClaim ns/data`],
  ],
  ['a claim that is not bound', [node('node-a'), claim('Pending'), pending(USES)], [`T0-POD-062 ${WEB} <- PersistentVolumeClaim ns/data`]],
  [
    'a claim that does not exist',
    [node('node-a'), pending(USES)],
    ['T0-POD-061 PersistentVolumeClaim ns/data', `T0-POD-062 ${WEB} <- PersistentVolumeClaim ns/data`],
  ],
  [
    'a claim that waits for the pod, which waits for room',
    [
      node('node-a'),
      HOG,
      claim('Pending'),
      object('StorageClass', 'slow', { volumeBindingMode: 'WaitForFirstConsumer' }),
      pending({ ...USES, ...BIG }),
    ],
    [`T0-POD-010 ${WEB}`],
  ],
  [
    'a cordoned node beside a full one',
    [node('node-b', { spec: { unschedulable: true } }), node('node-a'), HOG, pending(BIG)],
    [`T0-POD-063 ${WEB} <- Node node-b`],
  ],
  [
    'a node that is not ready beside a full one',
    [node('node-b', { ready: 'Unknown' }), node('node-a'), HOG, pending(BIG)],
    [`T0-POD-064 ${WEB} <- Node node-b`],
  ],
  [
    'a pod that outranks it',
    [node('node-a'), placed('vip', 'node-a', { ...BIG, priority: 1000 }, { creationTimestamp: minutesAgo(11) }), pending(BIG)],
    [`T0-POD-065 ${WEB} <- Pod ns/vip`, 'T0-POD-067 Pod ns/vip'],
  ],
  ['nothing that the snapshot shows', [node('node-a'), pending()], [`T0-POD-058 ${WEB}`]],
  ['a gate', [node('node-a'), pending({ schedulingGates: [{ name: 'x' }], nodeSelector: { a: 'b' } })], []],
  ['a pod of this moment', [node('node-a'), pending({ nodeSelector: { a: 'b' } }, '', { creationTimestamp: minutesAgo(0.2) })], []],
  [
    'a pod that the scheduler has just given its verdict on',
    [node('node-a'), pending({ nodeSelector: { a: 'b' } }, '', { creationTimestamp: minutesAgo(0.5) })],
    [`T0-POD-050 ${WEB}`],
  ],
  ['a node that is being added', [node('node-a'), HOG, pending(BIG), event('p', 'TriggeredScaleUp', 'pod triggered scale-up')], []],
] as const)('no node takes a pod: %s', async (_, objects, expected) => {
  expect(await faultsIn([...web(), ...objects])).toEqual(expected);
});

const OF = '0/3 nodes are available: ';
test.each([
  [
    '1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient cpu. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.',
    'T0-POD-010',
  ],
  [
    "1 node(s) had taint {node-role.kubernetes.io/master: }, that the pod didn't tolerate, 2 node(s) had taint {dedicated: gpu}, that the pod didn't tolerate.",
    'T0-POD-052',
  ],
  [
    "1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 node(s) didn't match Pod's node affinity/selector.",
    'T0-POD-050',
  ],
  ["2 node(s) didn't match pod anti-affinity rules, 1 Insufficient memory.", 'T0-POD-010'],
  ["3 node(s) didn't match pod anti-affinity rules.", 'T0-POD-051'],
  ["3 node(s) didn't match pod topology spread constraints (missing required label).", 'T0-POD-053'],
  ["3 node(s) didn't have free ports for the requested pod ports.", 'T0-POD-054'],
  ['3 Insufficient nvidia.com/gpu.', 'T0-POD-055'],
  ['1 Insufficient memory, 3 Too many pods.', 'T0-POD-010'],
  ['3 Too many pods.', 'T0-POD-056'],
  ['3 node(s) had volume node affinity conflict.', 'T0-POD-057'],
  ['pod has unbound immediate PersistentVolumeClaims.', 'T0-POD-062'],
  ['persistentvolumeclaim "data" not found.', 'T0-POD-062'],
  ['1 node(s) were unschedulable, 2 node(s) had untolerated taint {node.kubernetes.io/not-ready: }.', 'T0-POD-063'],
])('where nodes were not read the words of the scheduler count: %s', async (message, code) => {
  const faults = await faultsIn([...web(), pending({}, OF + message)], [{ kind: 'Node', state: 'forbidden' }]);
  expect(faults.map((line) => line.split(' ')[0])).toEqual([code]);
});

test('a template that names a node that does not exist is told even without pods', async () => {
  expect(await faultsIn([node('node-a'), ...web({ nodeName: 'node-9' })])).toEqual([`T0-POD-059 ${WEB}`]);
  expect(await faultsIn([node('node-a'), ...web({ nodeName: 'node-a' })])).toEqual([]);
});

test('a pod nobody looks at names the scheduler it asks for', async () => {
  const silent = pod('p', { spec: { nodeName: undefined, schedulerName: 'mine' }, podStatus: { phase: 'Pending', conditions: undefined } });
  const unread = [{ kind: 'Node', state: 'forbidden' as const }];
  expect(await faultsIn([...web(), silent], unread)).toEqual([`T0-POD-083 ${WEB}`]);
  const known = pod('q', { spec: { schedulerName: 'mine' } });
  expect(await faultsIn([...web(), silent, known], unread)).toEqual([`T0-POD-066 ${WEB}`]);
});

const CLAIM = (spec: Part, phase = 'Pending') => object('PersistentVolumeClaim', 'data', { spec, status: { phase } });
const CLASS = (name: string, volumeBindingMode: string) => object('StorageClass', name, { volumeBindingMode });
const VOLUMES = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
const bound = (spec: Part) => pod('p', { spec: { volumes: VOLUMES, ...spec }, podStatus: { phase: 'Pending' } });

test('a template that names its node keeps a claim unbound that the scheduler alone has bound', async () => {
  const late = CLASS('late', 'WaitForFirstConsumer');
  const claim = CLAIM({ storageClassName: 'late' });
  const pinned = web({ nodeName: 'node-a', volumes: VOLUMES });
  expect(await faultsIn([node('node-a'), late, claim, ...pinned, bound({})])).toContain(`T0-POD-087 ${WEB}`);
  // Placed by the scheduler, or bound already.
  expect(await faultsIn([node('node-a'), late, claim, ...web({ volumes: VOLUMES }), bound({})])).not.toContain(`T0-POD-087 ${WEB}`);
  expect(await faultsIn([node('node-a'), late, CLAIM({ storageClassName: 'late' }, 'Bound'), ...pinned, bound({})])).not.toContain(
    `T0-POD-087 ${WEB}`,
  );
});

const NO_ROOM = '0/1 nodes are available: 1 Insufficient cpu.';
const short = (spec: Part) =>
  pod('p', {
    spec: {
      nodeName: undefined,
      containers: [{ name: 'app', image: 'k8s.example/pause:3.10', resources: { requests: { cpu: '9' } } }],
      ...spec,
    },
    podStatus: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: NO_ROOM, lastTransitionTime: minutesAgo(8) }],
    },
  });

test('a placeholder of negative priority waits for room by design; one that works, or is ranked like all others, does not', async () => {
  expect(await faultsIn([node('node-a'), ...web(), short({ priority: -10 })])).toEqual([]);
  expect(await faultsIn([node('node-a'), ...web(), short({ priority: 0 })])).toEqual([`T0-POD-010 ${WEB}`]);
  const working = { priority: -10, containers: [{ name: 'app', image: 'shop/batch:2', resources: { requests: { cpu: '9' } } }] };
  expect(await faultsIn([node('node-a'), ...web(), short(working)])).toEqual([`T0-POD-010 ${WEB}`]);
});
