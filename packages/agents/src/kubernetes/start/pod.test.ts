import { expect, test } from 'vitest';
import {
  crashing,
  event,
  faultsIn,
  minutesAgo,
  node,
  object,
  ownedBy,
  type Part,
  pod,
  UNREADY,
  waiting,
  web,
} from '../../fixtures/made-cluster.ts';

const NODE = node('node-a');
const WEB = 'Deployment ns/web';

type Row = readonly [string, readonly Part[], readonly string[]];
const row = (title: string, pods: readonly Part[], expected: readonly string[], template: Part = {}): Row => [
  title,
  [NODE, ...web(template), ...pods],
  expected,
];

const pull = (message: string, reason = 'ImagePullBackOff', more = {}) => pod('p', { ...waiting(reason, message), ...more });
const hub = { container: { image: 'shop/web:9' } };

test.each([
  row(
    'a missing tag',
    [pull('rpc error: code = NotFound desc = failed to pull and unpack image "registry.example/web:1": registry.example/web:1: not found')],
    [`T0-POD-001 ${WEB}`],
  ),
  row(
    'a name the hub does not know',
    [
      pull(
        'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
        'ErrImagePull',
        hub,
      ),
    ],
    [`T0-POD-001 ${WEB}`],
  ),
  row(
    'the same words from a private registry',
    [
      pull(
        'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
      ),
    ],
    [`T0-POD-002 ${WEB}`],
  ),
  row(
    'a refused login',
    [
      pull(
        'failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://registry.example/token: 401 Unauthorized',
      ),
    ],
    [`T0-POD-002 ${WEB}`],
  ),
  row('an unreachable registry', [pull('dial tcp: lookup registry.example on 10.96.0.10:53: no such host')], [`T0-POD-003 ${WEB}`]),
  row(
    'a limit on pulls',
    [pull('unexpected status code 429 Too Many Requests: toomanyrequests: You have reached your pull rate limit')],
    [`T0-POD-026 ${WEB}`],
  ),
  row('another platform', [pull('no match for platform in manifest sha256:0a: not found')], [`T0-POD-013 ${WEB}`]),
  row('an invalid name', [pull('couldn\'t parse image name "UPPER:1"', 'InvalidImageName')], [`T0-POD-001 ${WEB}`]),
  row(
    'a pull that may never happen',
    [pull('Container image "registry.example/web:1" is not present with pull policy of Never', 'ErrImageNeverPull')],
    [`T0-POD-001 ${WEB}`],
  ),
  row('a first failure of a young pod', [pull('i/o timeout', 'ErrImagePull', { metadata: { creationTimestamp: minutesAgo(0.1) } })], []),
  row(
    'a back-off whose reason an event tells',
    [
      pull('Back-off pulling image "registry.example/web:1"'),
      event('p', 'Failed', 'Failed to pull image "registry.example/web:1": 403 Forbidden'),
    ],
    [`T0-POD-002 ${WEB}`],
  ),
  row(
    'a refused pull whose secret is not there',
    [
      pull('401 Unauthorized', 'ImagePullBackOff', { spec: { nodeName: 'node-a', imagePullSecrets: [{ name: 'login' }] } }),
      event(
        'p',
        'FailedToRetrieveImagePullSecret',
        'Unable to retrieve some image pull secrets (login); attempting to pull the image may not succeed.',
      ),
    ],
    [`T0-POD-008 Secret ns/login`, `T0-POD-012 ${WEB} <- Secret ns/login`],
  ),
])('an image: %s', async (_, objects, expected) => {
  expect(await faultsIn(objects)).toEqual(expected);
});

const start = (message: string, container: Part = {}, reason = 'StartError') =>
  pod('p', { container, status: crashing(128, reason, 0, { message }) });

test.each([
  row(
    'a command that is not in the image',
    [start('failed to create containerd task: exec: "srve": executable file not found in $PATH: unknown', { command: ['srve'] })],
    [`T0-POD-016 ${WEB}`],
  ),
  row(
    'a program missing in the image',
    [start('runc create failed: unable to start container process: exec: "/app/web": stat /app/web: no such file or directory: unknown')],
    [`T0-POD-017 ${WEB}`],
  ),
  row('a program for another processor', [start('exec /app/web: exec format error', {}, 'ContainerCannotRun')], [`T0-POD-013 ${WEB}`]),
  row(
    'root where root is refused',
    [pod('p', waiting('CreateContainerConfigError', 'container has runAsNonRoot and image will run as root (pod: "p", container: app)'))],
    [`T0-POD-015 ${WEB}`],
  ),
  row('a failing hook', [pod('p', waiting('PostStartHookError', 'Exec lifecycle hook failed'))], [`T0-POD-019 ${WEB}`]),
  row(
    'a mount the runtime refuses',
    [pod('p', waiting('RunContainerError', 'error mounting "/var/lib/x" to rootfs at "/etc/app": not a directory'))],
    [`T0-POD-018 ${WEB}`],
  ),
])('a start: %s', async (_, objects, expected) => {
  expect(await faultsIn(objects)).toEqual(expected);
});

test('the program of an image is missing when the revision before ran the same command with another image', async () => {
  const command = ['/app/web'];
  const trouble = pod('p', {
    container: { command, image: 'registry.example/web:2' },
    metadata: { ownerReferences: [{ kind: 'ReplicaSet', name: 'web-2', uid: 'u', controller: true }] },
    status: crashing(128, 'StartError', 0, { message: 'exec: "/app/web": stat /app/web: no such file or directory' }),
  });
  const revision = (number: number, image: string) =>
    object('ReplicaSet', `web-${number}`, {
      metadata: {
        ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'u', controller: true }],
        annotations: { 'deployment.kubernetes.io/revision': String(number) },
      },
      spec: { replicas: 1, template: { spec: { containers: [{ name: 'app', image, command }] } } },
    });
  const [deployment] = web();
  expect(await faultsIn([NODE, deployment, revision(1, 'registry.example/web:1'), revision(2, 'registry.example/web:2'), trouble])).toEqual(
    [`T0-POD-017 ${WEB}`],
  );
  expect(await faultsIn([NODE, deployment, revision(2, 'registry.example/web:2'), trouble])).toEqual([`T0-POD-016 ${WEB}`]);
});

const needs = (part: Part) => ({ containers: [{ name: 'app', image: 'i', env: [{ name: 'MODE', valueFrom: part }] }] });
const MAP = { configMapKeyRef: { name: 'settings', key: 'mode' } };
const KEY_MESSAGE = "couldn't find key mode in ConfigMap ns/settings";
const configured = (message: string) =>
  pod('p', { ...waiting('CreateContainerConfigError', message), spec: { nodeName: 'node-a', ...needs(MAP) } });

test.each([
  row(
    'a ConfigMap that is not there',
    [configured('configmap "settings" not found')],
    ['T0-POD-006 ConfigMap ns/settings', `T0-POD-014 ${WEB} <- ConfigMap ns/settings`],
    needs(MAP),
  ),
  row(
    'a key that is not there',
    [configured(KEY_MESSAGE), object('ConfigMap', 'settings', { data: { other: 'x' } })],
    ['T0-POD-007 ConfigMap ns/settings', `T0-POD-014 ${WEB} <- ConfigMap ns/settings`],
    needs(MAP),
  ),
  row(
    'a Secret the kubelet misses',
    [pod('p', waiting('CreateContainerConfigError', 'secret "login" not found'))],
    [`T0-POD-014 ${WEB} <- Secret ns/login`, 'T0-POD-008 Secret ns/login'].sort(),
  ),
  row(
    'a key of a Secret',
    [pod('p', waiting('CreateContainerConfigError', "couldn't find key token in Secret ns/login"))],
    ['T0-POD-009 Secret ns/login', `T0-POD-014 ${WEB} <- Secret ns/login`],
  ),
  row('a ServiceAccount that is not there', [], ['T0-POD-060 ServiceAccount ns/runner'], { serviceAccountName: 'runner' }),
  row('an optional ConfigMap', [], [], {
    containers: [{ name: 'app', envFrom: [{ configMapRef: { name: 'settings', optional: true } }] }],
  }),
])('a reference: %s', async (_, objects, expected) => {
  expect(await faultsIn(objects)).toEqual(expected);
});

test('a missing ConfigMap is no fault while all that needs it runs, and none is told where ConfigMaps were not read', async () => {
  const [deployment, set] = web(needs(MAP));
  const running = { ...deployment, status: { replicas: 1, readyReplicas: 1, updatedReplicas: 1 } };
  const ready = pod('p', {
    status: { ready: true, state: { running: {} } },
    podStatus: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  expect(await faultsIn([NODE, running, set, ready])).toEqual([]);
  expect(await faultsIn([NODE, ...web(needs(MAP))], [{ kind: 'ConfigMap', state: 'forbidden' }])).toEqual([]);
});

const volume = (source: Part) => ({ nodeName: 'node-a', containers: [{ name: 'app' }], volumes: [{ name: 'v', ...source }] });
const RWO = object('PersistentVolumeClaim', 'data', {
  status: { phase: 'Bound' },
  spec: { volumeName: 'pv-1', accessModes: ['ReadWriteOnce'] },
});
const creating = (spec: Part) => pod('p', { ...waiting('ContainerCreating'), spec });

test.each([
  row(
    'a volume of a missing ConfigMap, without any event',
    [creating(volume({ configMap: { name: 'files' } }))],
    ['T0-POD-006 ConfigMap ns/files', `T0-POD-025 ${WEB} <- ConfigMap ns/files`],
  ),
  row(
    'a volume of a Secret that only an event names',
    [
      creating(volume({ secret: { secretName: 'tls' } })),
      event('p', 'FailedMount', 'MountVolume.SetUp failed for volume "v" : secret "tls" not found'),
    ],
    ['T0-POD-008 Secret ns/tls', `T0-POD-025 ${WEB} <- Secret ns/tls`],
  ),
  row(
    'an item that the ConfigMap does not have',
    [creating(volume({ configMap: { name: 'files', items: [{ key: 'a.conf', path: 'a' }] } })), object('ConfigMap', 'files', { data: {} })],
    ['T0-POD-007 ConfigMap ns/files', `T0-POD-024 ${WEB} <- Node node-a`],
  ),
  row(
    'a sandbox',
    [
      creating({ nodeName: 'node-a', containers: [{ name: 'app' }] }),
      event('p', 'FailedCreatePodSandBox', 'Failed to create pod sandbox: plugin type="cni" failed (add): no IPs left'),
    ],
    [`T0-POD-023 ${WEB} <- Node node-a`],
  ),
  row(
    'a sandbox that the specification asks what the node cannot give',
    [
      creating({ nodeName: 'node-a', containers: [{ name: 'app' }] }),
      {
        ...event(
          'p',
          'FailedCreatePodSandBox',
          "Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support it",
        ),
        count: 5,
      },
    ],
    [`T0-POD-023 ${WEB}`],
  ),
  row(
    'a volume that another node has, without any event',
    [
      creating(volume({ persistentVolumeClaim: { claimName: 'data' } })),
      RWO,
      pod('q', {
        spec: { ...volume({ persistentVolumeClaim: { claimName: 'data' } }), nodeName: 'node-b' },
        status: { ready: true, state: { running: {} } },
        podStatus: { conditions: [{ type: 'Ready', status: 'True' }] },
      }),
    ],
    [`T0-POD-027 ${WEB} <- PersistentVolume pv-1, PersistentVolumeClaim ns/data`],
  ),
  row(
    'a mount that times out',
    [
      creating(volume({ persistentVolumeClaim: { claimName: 'data' } })),
      object('PersistentVolumeClaim', 'data', { status: { phase: 'Bound' }, spec: { volumeName: 'pv-1' } }),
      event('p', 'FailedAttachVolume', 'Multi-Attach error for volume "pv-1"'),
    ],
    [`T0-POD-025 ${WEB} <- Node node-a, PersistentVolume pv-1, PersistentVolumeClaim ns/data`],
  ),
  row('nothing to see', [creating({ nodeName: 'node-a', containers: [{ name: 'app' }] })], [`T0-POD-024 ${WEB} <- Node node-a`]),
  row('a young pod', [pod('p', { ...waiting('ContainerCreating'), metadata: { creationTimestamp: minutesAgo(1) } })], []),
])('a creation: %s', async (_, objects, expected) => {
  expect(await faultsIn(objects)).toEqual(expected);
});

const LIVENESS = { httpGet: { path: '/live', port: 8080 }, initialDelaySeconds: 10, periodSeconds: 10 };
const probed = (container: Part, status: Part, more: Part = {}) =>
  pod('p', { container: { ports: [{ containerPort: 8080, name: 'http' }], ...container }, status, ...more });
const killed = (container: Part, exitCode = 137, seconds = 65) => probed(container, crashing(exitCode, 'Error', seconds));

test.each([
  row('an error at once', [pod('p', { status: crashing(1) })], [`T0-POD-004 ${WEB}`]),
  row('a command not found by a shell', [pod('p', { status: crashing(127) })], [`T0-POD-031 ${WEB}`]),
  row('a process that is done', [pod('p', { status: crashing(0, 'Completed') })], [`T0-POD-030 ${WEB}`]),
  row(
    'the memory limit',
    [pod('p', { container: { resources: { limits: { memory: '64Mi' } } }, status: crashing(137, 'OOMKilled') })],
    [`T0-POD-004 ${WEB}`, `T0-POD-005 ${WEB}`],
  ),
  row('no memory limit', [pod('p', { status: crashing(137, 'OOMKilled') })], [`T0-POD-004 ${WEB}`, `T0-POD-032 ${WEB} <- Node node-a`]),
  row(
    'three short runs, and running just now',
    [pod('p', { status: { ...crashing(1), restartCount: 3, state: { running: { startedAt: minutesAgo(0.5) } } } })],
    [`T0-POD-004 ${WEB}`],
  ),
  row(
    'one restart',
    [pod('p', { status: { ...crashing(1), ready: true, restartCount: 1, state: { running: { startedAt: minutesAgo(0.5) } } } })],
    [],
  ),
  row('kills in the rhythm of the liveness probe', [killed({ livenessProbe: LIVENESS })], [`T0-POD-033 ${WEB}`]),
  row(
    'ends in the rhythm of the probe, and the kubelet tells of no kill',
    [killed({ livenessProbe: LIVENESS }), event('p', 'BackOff', 'Back-off restarting failed container')],
    [`T0-POD-004 ${WEB}`],
  ),
  row('kills in no such rhythm', [killed({ livenessProbe: LIVENESS }, 137, 2)], [`T0-POD-004 ${WEB}`]),
  row(
    'kills that events explain',
    [killed({ livenessProbe: LIVENESS }, 0, 2), event('p', 'Unhealthy', 'Liveness probe failed: HTTP probe failed with statuscode: 404')],
    [`T0-POD-033 ${WEB}`],
  ),
  row(
    'a liveness probe that asks for more than the program',
    [killed({ livenessProbe: LIVENESS }, 0, 2), event('p', 'Unhealthy', 'Liveness probe failed: HTTP probe failed with statuscode: 503')],
    [`T0-POD-041 ${WEB}`],
  ),
  row(
    'a program that ends by itself, at which its probe fails too',
    [
      probed({ livenessProbe: LIVENESS }, crashing(1, 'Error', 15)),
      event(
        'p',
        'Unhealthy',
        'Liveness probe failed: Get "http://10.1.2.3:8080/healthz": dial tcp 10.1.2.3:8080: connect: connection refused',
      ),
    ],
    [`T0-POD-004 ${WEB}`],
  ),
  row(
    'an impatient startup probe',
    [killed({ startupProbe: { ...LIVENESS, failureThreshold: 1, periodSeconds: 2 } }, 143, 13)],
    [`T0-POD-034 ${WEB}`],
  ),
  row('hardly any processor', [killed({ livenessProbe: LIVENESS, resources: { limits: { cpu: '5m' } } })], [`T0-POD-035 ${WEB}`]),
])('an end: %s', async (_, objects, expected) => {
  expect(await faultsIn(objects)).toEqual(expected);
});

const ready = (httpGet: Part) => ({ readinessProbe: { httpGet } });
const SERVICE = object('Service', 'web', { spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } });
const behind = (container: Part, extra: readonly Part[] = []) => [probed(container, UNREADY), ...extra];

test.each([
  row('a port that is not declared', behind(ready({ port: 9999 })), [`T0-POD-011 ${WEB}`]),
  row('a port name that is not declared', behind(ready({ port: 'admin' })), [`T0-POD-011 ${WEB}`]),
  row(
    'a path that is not there',
    behind(ready({ port: 8080, path: '/redy' }), [
      event('p', 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 404'),
    ]),
    [`T0-POD-036 ${WEB}`],
  ),
  row(
    'another scheme',
    behind(ready({ port: 8080, scheme: 'HTTPS' }), [
      event('p', 'Unhealthy', 'Readiness probe failed: Get "https://10.0.0.1:8080/": http: server gave HTTP response to HTTPS client'),
    ]),
    [`T0-POD-036 ${WEB}`],
  ),
  row(
    'a server error',
    behind(ready({ port: 8080 }), [event('p', 'Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503')]),
    [`T0-POD-038 ${WEB}`],
  ),
  row('no reason at all', behind(ready({ port: 8080 })), [`T0-POD-037 ${WEB}`]),
  row('no time to answer', behind({ ...ready({ port: 8080 }), resources: { limits: { cpu: '20m' } } }), [`T0-POD-035 ${WEB}`]),
  row(
    'a start that may last longer',
    [
      probed(
        { startupProbe: { httpGet: { port: 8080 }, failureThreshold: 100 }, ...ready({ port: 8080 }) },
        { ...UNREADY, started: false },
      ),
    ],
    [],
  ),
])('readiness: %s', async (_, objects, expected) => {
  expect(await faultsIn(objects)).toEqual(expected);
});

test('a pod that does not go away is told at its node where the node was not recorded', async () => {
  const held = pod('p', { metadata: { deletionTimestamp: minutesAgo(40), deletionGracePeriodSeconds: 30 }, status: UNREADY });
  const told = await faultsIn([...web(), held], [{ kind: 'Node', state: 'forbidden' }]);
  expect(told).toContain('T0-POD-073 Node node-a <- Node node-a');
});

const stopped = (minutes: number) => ({
  conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: minutesAgo(minutes) }],
});
const CLIENT = [
  object('Deployment', 'front', {
    spec: {
      selector: { matchLabels: { app: 'front' } },
      template: { spec: { containers: [{ name: 'app', env: [{ name: 'WEB_URL', value: 'http://web:80' }] }] } },
    },
  }),
  object('ReplicaSet', 'front-1', { metadata: ownedBy('Deployment', 'front') }),
  pod('front-x', { metadata: { labels: { app: 'front' }, ...ownedBy('ReplicaSet', 'front-1') }, status: crashing(1) }),
];
const asked = { ...ready({ port: 8080 }), ports: [{ containerPort: 8080 }] };

test('a probe that was answered before is not called wrong; whether others miss the pod decides what is said', async () => {
  const wasReady = pod('p', { container: asked, status: UNREADY, podStatus: stopped(3) });
  expect(await faultsIn([NODE, ...web(), SERVICE, wasReady])).toContain(`T0-POD-043 ${WEB}`);
  expect(await faultsIn([NODE, ...web(), SERVICE, wasReady, ...CLIENT])).toContain(`T0-POD-042 ${WEB}`);
  const never = pod('p', { container: asked, status: UNREADY });
  expect(await faultsIn([NODE, ...web(), SERVICE, never, ...CLIENT])).toContain(`T0-POD-037 ${WEB}`);
});

test('pods whose ReplicaSet was not recorded are told at the Deployment that it is named for', async () => {
  const metadata = { labels: { app: 'web', 'pod-template-hash': '1' } };
  const lone = pod('p', { metadata, status: crashing(1) });
  const [deployment] = web();
  expect(await faultsIn([NODE, deployment, lone])).toEqual([`T0-POD-004 ${WEB}`]);
  expect(await faultsIn([NODE, lone])).toEqual([`T0-POD-004 ${WEB}`]);
});

test('with no port declared the port of the Service in front is the one that is served', async () => {
  const container = { ...ready({ port: 9000 }), ports: [] };
  const faults = await faultsIn([NODE, ...web(), probed(container, UNREADY), SERVICE]);
  expect(faults).toContain(`T0-POD-036 ${WEB}`);
});

const init = (state: Part, args = ['sleep 1'], more: Part = {}) => {
  const podStatus = { phase: 'Pending', initContainerStatuses: [{ name: 'wait', ready: false, restartCount: 0, state, ...more }] };
  return pod('p', {
    spec: { nodeName: 'node-a', initContainers: [{ name: 'wait', command: ['sh', '-c'], args }], containers: [{ name: 'app' }] },
    status: { state: { waiting: { reason: 'PodInitializing' } } },
    podStatus,
  });
};
const HANGS = { running: { startedAt: minutesAgo(9) } };
const awaitedDb = (spec: Part, name = 'db') => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { namespace: 'ns', name },
  spec: { clusterIP: '10.9.8.7', ports: [{ port: 5432 }], ...spec },
});

test.each([
  row('one that fails', [init({}, [], crashing(1))], [`T0-POD-020 ${WEB}`]),
  row('one that hangs', [init(HANGS)], [`T0-POD-021 ${WEB}`]),
  row(
    'one that waits for a Service that is not there',
    [init(HANGS, ['until nslookup db; do sleep 2; done'])],
    [`T0-POD-021 ${WEB} <- Service ns/db`, 'T0-POD-022 Service ns/db'],
  ),
  row(
    'one that waits for a Service that is not there, for a minute',
    [init({ running: { startedAt: minutesAgo(1) } }, ['until nc -z db 5432; do sleep 2; done'])],
    ['T0-POD-022 Service ns/db'],
  ),
  row(
    'one that waits for a Service of nearly this name',
    [init({ running: { startedAt: minutesAgo(1) } }, ['until nc -z dbase-main 5432; do sleep 2; done']), awaitedDb({}, 'dbase-mian')],
    [`T0-POD-101 ${WEB}`],
  ),
  row(
    'one that waits for a port that the Service does not offer',
    [init({ running: { startedAt: minutesAgo(1) } }, ['until nc -z -w 2 db 5423; do sleep 2; done']), awaitedDb({})],
    [`T0-POD-100 ${WEB}`],
  ),
  row(
    'one that waits for a port that the Service offers',
    [init({ running: { startedAt: minutesAgo(1) } }, ['until pg_isready -h db -p 5432; do sleep 2; done']), awaitedDb({})],
    [],
  ),
  row(
    'one that asks the pods behind a headless Service at a port of their own',
    [init({ running: { startedAt: minutesAgo(1) } }, ['until nc -z db 5423; do sleep 2; done']), awaitedDb({ clusterIP: 'None' })],
    [],
  ),
  row('one that works', [init({ running: { startedAt: minutesAgo(1) } })], []),
])('an init container: %s', async (_, objects, expected) => {
  expect(await faultsIn(objects)).toEqual(expected);
});

const evicted = (message: string, more = {}) =>
  pod('p', { podStatus: { phase: 'Failed', reason: 'Evicted', message, startTime: minutesAgo(20) }, ...more });
const STUCK = (finalizers: readonly string[]) => pod('p', { metadata: { deletionTimestamp: minutesAgo(30), finalizers } });

test.each([
  row('its own limit', [evicted('Pod ephemeral local storage usage exceeds the total limit of containers 1Gi.')], [`T0-POD-070 ${WEB}`]),
  row(
    'a node in need',
    [evicted('The node was low on resource: memory. Threshold quantity: 100Mi, available: 40Mi.')],
    [`T0-POD-071 ${WEB} <- Node node-a`],
  ),
  row(
    'history of a workload that is well',
    [
      evicted('The node was low on resource: memory.'),
      pod('q', { status: { ready: true, state: { running: {} } }, podStatus: { conditions: [{ type: 'Ready', status: 'True' }] } }),
    ],
    [],
  ),
  row('a finalizer', [STUCK(['example.com/hold'])], [`T0-POD-072 ${WEB}`]),
  row('a node that does not confirm', [STUCK([])], [`T0-POD-073 ${WEB} <- Node node-a`]),
  row(
    'a node that is gone silent',
    [
      node('node-z', { ready: 'Unknown' }),
      pod('p', { spec: { nodeName: 'node-z', containers: [{ name: 'app' }] }, status: { ready: true, state: { running: {} } } }),
    ],
    [`T0-POD-074 ${WEB} <- Node node-z`],
  ),
])('an ending: %s', async (_, objects, expected) => {
  expect(await faultsIn(objects)).toEqual(expected);
});

const limited = (memory: string) => ({ container: { resources: { limits: { memory } } } });

test('memory in thousandths of a byte is told where the pod does not start, and only there', async () => {
  const stuck = pod('p', { ...waiting('ContainerCreating'), ...limited('160m') });
  expect(await faultsIn([NODE, ...web(), stuck])).toContain(`T0-POD-094 ${WEB}`);
  expect(await faultsIn([NODE, ...web(), pod('p', { ...waiting('ContainerCreating'), ...limited('160Mi') })])).not.toContain(
    `T0-POD-094 ${WEB}`,
  );
  const ready = pod('p', {
    ...limited('160m'),
    status: { ready: true, state: { running: {} } },
    podStatus: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  expect(await faultsIn([NODE, ...web(), ready])).toEqual([]);
});
