import { expect, test } from 'vitest';
import { faultsIn, minutesAgo, node, object, ownedBy, type Part, pod } from '../../fixtures/made-cluster.ts';

const CRON = object('CronJob', 'bells', {
  spec: { schedule: '* * * * *', concurrencyPolicy: 'Forbid' },
  status: { lastScheduleTime: minutesAgo(3), active: [{ name: 'bells-1' }] },
});
const job = (name: string, status: Part, more: Part = {}) =>
  object('Job', name, { metadata: ownedBy('CronJob', 'bells'), spec: {}, status, ...more });
const blocked = (count: number) =>
  object('Event', 'e', {
    type: 'Normal',
    reason: 'JobAlreadyActive',
    message: 'Not starting job because prior execution is running',
    count,
    firstTimestamp: minutesAgo(2),
    lastTimestamp: minutesAgo(0.2),
    involvedObject: { kind: 'CronJob', name: 'bells', namespace: 'ns', uid: 'uid-CronJob-bells' },
  });
const running = job('bells-1', { active: 1, startTime: minutesAgo(3) });
const finished = (minutes: number) =>
  job('bells-0', {
    startTime: minutesAgo(60),
    completionTime: minutesAgo(60 - minutes),
    conditions: [{ type: 'Complete', status: 'True' }],
  });

test('a run that keeps the next from starting is told when the controller has said it twice, unless runs always take so long', async () => {
  expect(await faultsIn([CRON, running, blocked(3)])).toEqual(['T0-CRONJOB-003 CronJob ns/bells']);
  expect(await faultsIn([CRON, running, blocked(1)])).toEqual([]);
  expect(await faultsIn([CRON, running, blocked(3), finished(2)])).toEqual([]);
  expect(await faultsIn([CRON, running, blocked(3), finished(0.5)])).toEqual(['T0-CRONJOB-003 CronJob ns/bells']);
});

const killed = (name: string) =>
  pod(name, {
    metadata: ownedBy('Job', 'crunch'),
    container: { resources: { limits: { memory: '100Mi' } } },
    status: { state: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: minutesAgo(5) } } },
    podStatus: { phase: 'Failed' },
  });
const CRUNCH = object('Job', 'crunch', { spec: { backoffLimit: 6 }, status: { failed: 2, active: 1 } });

test('pods of a Job that are killed one after another are a fault while retries are left; a single one is not', async () => {
  expect(await faultsIn([node('node-a'), CRUNCH, killed('a'), killed('b')])).toEqual(['T0-POD-005 Job ns/crunch']);
  expect(await faultsIn([node('node-a'), CRUNCH, killed('a')])).toEqual([]);
});

const withProxy = (minutes: number) =>
  pod('m', {
    metadata: ownedBy('Job', 'move'),
    spec: { restartPolicy: 'Never', containers: [{ name: 'app' }, { name: 'proxy' }] },
    podStatus: {
      phase: 'Running',
      containerStatuses: [
        { name: 'app', ready: false, restartCount: 0, state: { terminated: { exitCode: 0, finishedAt: minutesAgo(minutes) } } },
        { name: 'proxy', ready: true, restartCount: 0, state: { running: { startedAt: minutesAgo(60) } } },
      ],
    },
  });

test('a proxy that outlives the work keeps its Job open; one that is just ending does not', async () => {
  const move = object('Job', 'move', { spec: {}, status: { active: 1 } });
  expect(await faultsIn([node('node-a'), move, withProxy(30)])).toEqual(['T0-JOB-005 Job ns/move']);
  expect(await faultsIn([node('node-a'), move, withProxy(1)])).toEqual([]);
});

const slow = (status: Part = {}) =>
  object('CronJob', 'bells', {
    spec: { schedule: '* * * * *', concurrencyPolicy: 'Replace' },
    status: { lastScheduleTime: minutesAgo(0.5), active: [{ name: 'bells-1' }], ...status },
  });
const deleted = (minutes: number) =>
  object('Event', `gone-${minutes}`, {
    type: 'Normal',
    reason: 'SuccessfulDelete',
    message: `Deleted job bells-${minutes}`,
    count: 1,
    firstTimestamp: minutesAgo(minutes),
    lastTimestamp: minutesAgo(minutes),
    involvedObject: { kind: 'CronJob', name: 'bells', namespace: 'ns', uid: 'uid-CronJob-bells' },
  });

test('runs that replace each other before any has ended are told, and one that does end in between is none of them', async () => {
  expect(await faultsIn([slow(), running, deleted(0.5), deleted(1.5)])).toEqual(['T0-CRONJOB-006 CronJob ns/bells']);
  expect(await faultsIn([slow(), running, deleted(0.5)])).toEqual([]);
  expect(await faultsIn([slow({ lastSuccessfulTime: minutesAgo(0.6) }), running, deleted(0.5), deleted(1.5)])).toEqual([]);
  // Old runs that were tidied away, and nothing runs.
  expect(await faultsIn([slow({ active: [] }), deleted(0.5), deleted(1.5)])).toEqual([]);
});

const left = (managedBy: string, more: Part = {}) =>
  object('Job', 'knead', { apiVersion: 'batch/v1', spec: { managedBy }, status: {}, ...more });

test('a Job that is left to a controller which is not there is told; one that its controller may yet begin is not', async () => {
  expect(await faultsIn([left('oven.example/remote')])).toEqual(['T0-JOB-006 Job ns/knead']);
  expect(await faultsIn([left('kubernetes.io/job-controller')])).toEqual([]);
  expect(await faultsIn([left('oven.example/remote', { status: { startTime: minutesAgo(3) } })])).toEqual([]);
  const controller = pod('oven-manager-1', { metadata: { labels: { app: 'oven-manager' }, ownerReferences: [] }, podStatus: READY });
  expect(await faultsIn([left('oven.example/remote'), controller])).toEqual([]);
});

const READY = { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: minutesAgo(60) }] };
const APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const cron = (declared: Part) =>
  object('CronJob', 'milk', {
    metadata: { annotations: { [APPLIED]: JSON.stringify({ spec: declared }) } },
    spec: {
      schedule: '*/5 * * * *',
      suspend: true,
      jobTemplate: { spec: { template: { spec: { containers: [{ name: 'm', command: ['fill', '--host', 'churn'] }] } } } },
    },
    status: { lastScheduleTime: minutesAgo(30) },
  });
const eater = (host: string, minutes: number) =>
  pod('cheese-1', {
    metadata: { labels: { app: 'cheese' }, ownerReferences: [], creationTimestamp: minutesAgo(300) },
    container: { env: [{ name: 'STORE', value: `redis://${host}:6379` }] },
    podStatus: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: minutesAgo(minutes) }] },
  });
const STORE = [
  object('Service', 'churn', { spec: { selector: { app: 'churn' }, ports: [{ port: 6379 }] } }),
  pod('churn-1', { metadata: { labels: { app: 'churn' }, ownerReferences: [] }, podStatus: READY }),
];

test('a CronJob that somebody suspended is at fault where one who uses what it uses starves since', async () => {
  expect(await faultsIn([cron({}), ...STORE, eater('churn', 20)])).toEqual(['T0-CRONJOB-007 CronJob ns/milk']);
  expect(await faultsIn([cron({ suspend: true }), ...STORE, eater('churn', 20)])).toEqual([]);
  expect(await faultsIn([cron({}), ...STORE, eater('elsewhere', 20)])).toEqual([]);
  // It was not ready before any run was left out.
  expect(await faultsIn([cron({}), ...STORE, eater('churn', 40)])).toEqual([]);
});
