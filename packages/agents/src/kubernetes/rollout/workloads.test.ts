import { expect, test } from 'vitest';
import { event, faultsIn, minutesAgo, node, object, ownedBy, type Part, pod, web } from '../../fixtures/made-cluster.ts';
import { parseCron, previousDue, zoneOffsetMs } from '../batch/cron-schedule.ts';

const WEB = 'Deployment ns/web';

/** The Deployment whose ReplicaSet may not create pods. */
function refused(message: string): readonly Part[] {
  const [deployment] = web();
  const conditions = [{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message, lastTransitionTime: minutesAgo(9) }];
  return [
    deployment as Part,
    object('ReplicaSet', 'web-1', { metadata: ownedBy('Deployment', 'web'), spec: { replicas: 1 }, status: { replicas: 0, conditions } }),
  ];
}

const HOOK = object('ValidatingWebhookConfiguration', 'gate', { webhooks: [{ name: 'pods.gate.example' }] });

test.each([
  [
    'pods "web-1-x" is forbidden: exceeded quota: compute, requested: limits.cpu=1, used: limits.cpu=2, limited: limits.cpu=2',
    ['T0-REPLICASET-001 ResourceQuota ns/compute', `T0-REPLICASET-008 ${WEB} <- ResourceQuota ns/compute`],
  ],
  [
    'pods "web-1-x" is forbidden: failed quota: compute: must specify limits.cpu for: app',
    [`T0-REPLICASET-002 ${WEB}`, `T0-REPLICASET-008 ${WEB}`],
  ],
  [
    'pods "web-1-x" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi',
    [`T0-REPLICASET-003 ${WEB}`, `T0-REPLICASET-008 ${WEB}`],
  ],
  [
    'pods "web-1-x" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false',
    [`T0-REPLICASET-004 ${WEB}`, `T0-REPLICASET-008 ${WEB}`],
  ],
  [
    'admission webhook "pods.gate.example" denied the request: no latest tags',
    ['T0-REPLICASET-005 ValidatingWebhookConfiguration gate', `T0-REPLICASET-008 ${WEB} <- ValidatingWebhookConfiguration gate`],
  ],
  [
    'Internal error occurred: failed calling webhook "pods.gate.example": failed to call webhook: Post "https://gate.sys.svc:443/check?timeout=10s": dial tcp 10.0.0.1:443: connect: connection refused',
    [
      'T0-REPLICASET-006 ValidatingWebhookConfiguration gate <- Service sys/gate',
      `T0-REPLICASET-008 ${WEB} <- ValidatingWebhookConfiguration gate, Service sys/gate`,
    ],
  ],
  [
    'pods "web-1-" is forbidden: error looking up service account ns/runner: serviceaccount "runner" not found',
    ['T0-POD-060 ServiceAccount ns/runner', `T0-REPLICASET-008 ${WEB} <- ServiceAccount ns/runner`],
  ],
  ['etcdserver: request timed out', [`T0-REPLICASET-008 ${WEB}`]],
])('a refusal "%s" is told at the place that refuses', async (message, expected) => {
  expect(await faultsIn([HOOK, ...refused(message)])).toEqual(expected);
});

const SET = (status: Part, spec: Part = {}) =>
  object('StatefulSet', 'db', {
    spec: {
      replicas: 3,
      serviceName: 'db',
      template: { spec: { containers: [{ name: 'db', resources: { requests: { memory: '1Gi' } } }] } },
      ...spec,
    },
    status,
  });
const HEADLESS = object('Service', 'db', { spec: { clusterIP: 'None', selector: { app: 'db' } } });
const member = (ordinal: number, ready: boolean, minutes = 30) => {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: minutesAgo(minutes) }];
  return pod(`db-${ordinal}`, {
    metadata: { labels: { app: 'db' }, ...ownedBy('StatefulSet', 'db') },
    status: { ready, state: { running: {} } },
    podStatus: { conditions },
  });
};

test('a StatefulSet names the first member that is late, and waits for one that is just starting', async () => {
  expect(await faultsIn([HEADLESS, SET({ readyReplicas: 1 }), member(0, true), member(1, false)])).toContain(
    'T0-STATEFULSET-001 StatefulSet ns/db',
  );
  const starting = await faultsIn([HEADLESS, SET({ readyReplicas: 1 }), member(0, true), member(1, false, 1)]);
  expect(starting.filter((line) => line.startsWith('T0-STATEFULSET'))).toEqual([]);
});

test('a missing governing Service is a fault only while members lack and somebody is told their names', async () => {
  const all = [member(0, true), member(1, true), member(2, true)];
  expect(await faultsIn([SET({ readyReplicas: 3, replicas: 3 }), ...all])).toEqual([]);
  const short = [SET({ readyReplicas: 1 }), member(0, true), member(1, false)];
  expect(await faultsIn(short)).not.toContain('T0-STATEFULSET-002 Service ns/db');
  const told = object('ConfigMap', 'peers', { data: { seeds: 'db-0.db,db-1.db' } });
  expect(await faultsIn([...short, told])).toContain('T0-STATEFULSET-002 Service ns/db');
});

test('a full quota is told without any event, when it leaves no room for one more member', async () => {
  const quota = (used: string) =>
    object('ResourceQuota', 'memory', { spec: {}, status: { hard: { 'requests.memory': '2Gi' }, used: { 'requests.memory': used } } });
  const short = SET({ readyReplicas: 2, replicas: 2 });
  expect(await faultsIn([HEADLESS, short, member(0, true), member(1, true), quota('2Gi')])).toContain(
    'T0-REPLICASET-001 ResourceQuota ns/memory',
  );
  expect(await faultsIn([HEADLESS, short, member(0, true), member(1, true), quota('1Gi')])).toEqual([
    'T0-STATEFULSET-001 StatefulSet ns/db',
  ]);
});

test('the Pod Security level of the namespace is told for a StatefulSet that has no pods', async () => {
  const space = object('Namespace', 'ns', { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } } });
  expect(await faultsIn([space, HEADLESS, SET({ replicas: 0 })])).toContain('T0-REPLICASET-004 StatefulSet ns/db');
});

const DAEMON = (ready: number) =>
  object('DaemonSet', 'agent', {
    spec: { template: { spec: { containers: [{ name: 'a' }] } } },
    status: { desiredNumberScheduled: 2, currentNumberScheduled: 2, numberReady: ready, updatedNumberScheduled: 2 },
  });
const agent = (on: string, ready: boolean) => {
  const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: minutesAgo(30) }];
  return pod(`agent-${on}`, {
    metadata: { labels: { app: 'agent' }, ...ownedBy('DaemonSet', 'agent') },
    spec: { nodeName: on, containers: [{ name: 'a' }] },
    status: { name: 'a', ready: true, state: { running: {} } },
    podStatus: { conditions },
  });
};

test('a DaemonSet names the node that is not ready', async () => {
  const nodes = [node('node-a'), node('node-b', { ready: 'Unknown' })];
  expect(await faultsIn([...nodes, DAEMON(1), agent('node-a', true), agent('node-b', false)])).toEqual([
    'T0-DAEMONSET-001 DaemonSet ns/agent <- Node node-b',
    'T0-POD-074 DaemonSet ns/agent <- Node node-b',
  ]);
  expect(await faultsIn([...nodes, DAEMON(2), agent('node-a', true), agent('node-b', true)])).toEqual([]);
});

const IDLE = [
  object('Deployment', 'web', { spec: { replicas: 0, template: { metadata: { labels: { app: 'web' } } } }, status: { replicas: 0 } }),
  object('Service', 'web', { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }),
];

test('scaled to zero is a fault where a running workload or a route needs it, and never where demand scales it', async () => {
  const caller = object('Deployment', 'front', {
    spec: { replicas: 1, template: { spec: { containers: [{ name: 'f', env: [{ name: 'API', value: 'http://web:80' }] }] } } },
    status: { replicas: 1, readyReplicas: 1, updatedReplicas: 1 },
  });
  expect(await faultsIn([...IDLE, caller])).toEqual([`T0-DEPLOYMENT-004 ${WEB}`]);
  expect(await faultsIn(IDLE)).toEqual([]);
  const [deployment, service] = IDLE as [Part, Part];
  const byDemand = {
    ...deployment,
    metadata: { ...(deployment.metadata as Part), annotations: { 'autoscaling.keda.sh/paused': 'false' } },
  };
  expect(await faultsIn([byDemand, service, caller])).toEqual([]);
});

test('a rollout that may neither add nor remove a pod is at fault while one is wanted', async () => {
  const rolling = (maxSurge: unknown) =>
    object('Deployment', 'web', {
      spec: { replicas: 2, strategy: { rollingUpdate: { maxSurge, maxUnavailable: 0 } } },
      status: { replicas: 2, readyReplicas: 2, updatedReplicas: 0 },
    });
  expect(await faultsIn([rolling(0)])).toEqual([`T0-DEPLOYMENT-003 ${WEB}`]);
  expect(await faultsIn([rolling(1)])).toEqual([]);
});

const TEMPLATE = { template: { spec: { containers: [{ name: 'run' }], restartPolicy: 'Never' } } };
const job = (name: string, conditions: readonly Part[], metadata: Part = {}) =>
  object('Job', name, { metadata: { creationTimestamp: minutesAgo(60), ...metadata }, spec: TEMPLATE, status: { conditions, failed: 1 } });
const FAILED = [
  {
    type: 'Failed',
    status: 'True',
    reason: 'BackoffLimitExceeded',
    message: 'Job has reached the specified backoff limit',
    lastTransitionTime: minutesAgo(30),
  },
];
const DONE = [{ type: 'Complete', status: 'True', lastTransitionTime: minutesAgo(10) }];
const CRON = (spec: Part = {}, status: Part = { lastScheduleTime: minutesAgo(30) }) =>
  object('CronJob', 'nightly', { spec: { schedule: '30 * * * *', jobTemplate: { spec: TEMPLATE }, ...spec }, status });
const end = (exitCode: number, reason = 'Error', message = '') =>
  pod('run-1', {
    metadata: { labels: {}, ...ownedBy('Job', 'run') },
    podStatus: { phase: 'Failed', containerStatuses: [{ name: 'run', state: { terminated: { exitCode, reason, message } } }] },
    spec: { containers: [{ name: 'run', resources: { limits: { memory: '1Mi' } } }] },
  });
const OF_CRON = ownedBy('CronJob', 'nightly');

test.each([
  ['a failed Job', [job('run', FAILED), end(1)], ['T0-JOB-001 Job ns/run']],
  ['one that took too long', [job('run', [{ ...FAILED[0], reason: 'DeadlineExceeded' }])], ['T0-JOB-002 Job ns/run']],
  ['one that was killed for memory', [job('run', FAILED), end(137, 'OOMKilled')], ['T0-JOB-001 Job ns/run', 'T0-POD-005 Job ns/run']],
  [
    'one whose program is missing',
    [job('run', FAILED), end(128, 'StartError', 'exec: "x": executable file not found in $PATH')],
    ['T0-JOB-001 Job ns/run', 'T0-POD-017 Job ns/run'],
  ],
  ['one with retries left', [job('run', []), end(1)], []],
  [
    'one whose like succeeded later',
    [
      job('run', FAILED, { labels: { app: 'migrate' } }),
      job('run-2', DONE, { labels: { app: 'migrate' }, creationTimestamp: minutesAgo(20) }),
    ],
    [],
  ],
  ['one of a CronJob', [CRON(), job('nightly-1', FAILED, OF_CRON)], ['T0-JOB-001 CronJob ns/nightly']],
  [
    'one of a CronJob that succeeded since',
    [CRON(), job('nightly-1', FAILED, OF_CRON), job('nightly-2', DONE, { ...OF_CRON, creationTimestamp: minutesAgo(20) })],
    [],
  ],
  ['a schedule that cannot be read', [CRON({ schedule: '61 * * * *' })], ['T0-CRONJOB-001 CronJob ns/nightly']],
  ['a day that never comes', [CRON({ schedule: '0 0 31 2 *' })], ['T0-CRONJOB-001 CronJob ns/nightly']],
  ['a time zone that does not exist', [CRON({ timeZone: 'Mars/Olympus' })], ['T0-CRONJOB-001 CronJob ns/nightly']],
  ['one that never ran', [CRON({}, {})], ['T0-CRONJOB-002 CronJob ns/nightly']],
  [
    'one blocked by its last run',
    [CRON({ concurrencyPolicy: 'Forbid' }, { lastScheduleTime: minutesAgo(300), active: [{ name: 'nightly-0' }] })],
    ['T0-CRONJOB-003 CronJob ns/nightly'],
  ],
  ['one suspended on purpose', [CRON({ suspend: true, schedule: 'x' }, {})], []],
  ['one that runs', [CRON()], []],
])('work in batches: %s', async (_, objects, expected) => {
  expect(await faultsIn(objects)).toEqual(expected);
});

test('a DaemonSet without any pod is explained by the event of its refusal', async () => {
  const short = object('DaemonSet', 'agent', {
    spec: {},
    status: { desiredNumberScheduled: 2, currentNumberScheduled: 0, numberReady: 0 },
  });
  const words = event(
    'agent',
    'FailedCreate',
    'Error creating: pods "agent-" is forbidden: exceeded quota: few, requested: pods=1, used: pods=5, limited: pods=5',
    'DaemonSet',
  );
  expect(await faultsIn([short, words])).toContain('T0-REPLICASET-001 ResourceQuota ns/few');
});

test('a schedule is due when robfig/cron says so', () => {
  const at = Date.parse('2026-11-22T12:00:00Z');
  const due = (text: string, timeZone = 'UTC') =>
    new Date(previousDue(parseCron(text) ?? never(), at, zoneOffsetMs(timeZone, at)) ?? 0).toISOString();
  expect(due('*/15 * * * *')).toBe('2026-11-22T12:00:00.000Z');
  expect(due('0 3 * * mon-fri')).toBe('2026-11-20T03:00:00.000Z');
  expect(due('0 0 1 * 0')).toBe('2026-11-22T00:00:00.000Z');
  expect(due('@monthly')).toBe('2026-11-01T00:00:00.000Z');
  expect(due('0 9 * * *', 'America/New_York')).toBe('2026-11-21T14:00:00.000Z');
  for (const wrong of ['', '* * * *', '60 * * * *', '5-1 * * * *', '*/0 * * * *', 'a * * * *']) expect(parseCron(wrong)).toBeUndefined();
});

function never(): never {
  throw new Error('the schedule was not read');
}

const scaled = (annotations: Part, declared?: Part) =>
  object('ScaledObject', 'web', {
    metadata: {
      annotations: {
        ...annotations,
        ...(declared === undefined
          ? {}
          : { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ metadata: { annotations: declared } }) }),
      },
    },
    spec: { scaleTargetRef: { name: 'web' } },
  });

test('a ScaledObject that somebody paused at zero is at fault where others need its workload; one that is declared so is not', async () => {
  const caller = pod('caller', {
    metadata: { labels: { app: 'caller' }, ownerReferences: [] },
    container: { env: [{ name: 'URL', value: 'http://web:80' }] },
    podStatus: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const paused = { 'autoscaling.keda.sh/paused-replicas': '0' };
  expect(await faultsIn([...IDLE, caller, scaled(paused, {})])).toContain('T0-DEPLOYMENT-004 ScaledObject ns/web');
  expect(await faultsIn([...IDLE, caller, scaled(paused, paused)])).not.toContain('T0-DEPLOYMENT-004 ScaledObject ns/web');
  expect(await faultsIn([...IDLE, caller, scaled({}, {})])).not.toContain('T0-DEPLOYMENT-004 ScaledObject ns/web');
});
