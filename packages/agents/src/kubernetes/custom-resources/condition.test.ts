import { expect, test } from 'vitest';
import { clusterWide, made, told, warning } from '../../fixtures/cluster-objects.ts';
import { conditionRule } from './condition.ts';

type Fields = Readonly<Record<string, unknown>>;

const LONG = '2026-05-04T11:00:00Z';
const condition = (type: string, status: string, rest: Fields = {}) => ({ type, status, lastTransitionTime: LONG, ...rest });
const queue = (status: Fields, rest: Fields = {}) => made('Queue', 'jobs', { apiVersion: 'mq.example.com/v1', status, ...rest });
const event = (lastTimestamp: string) =>
  made('Event', 'e', {
    type: 'Warning',
    reason: 'Failed',
    message: 'x',
    count: 9,
    firstTimestamp: LONG,
    lastTimestamp,
    involvedObject: { kind: 'Queue', name: 'jobs', namespace: 'shop', uid: 'uid-Queue-jobs' },
  });
const NOW = '2026-05-04T11:59:50Z';

test.each([
  [
    'a definite reason',
    [queue({ conditions: [condition('Ready', 'False', { reason: 'BackendFailed', message: 'no such vhost' })] })],
    ['T0-CONDITION-001 Queue shop/jobs'],
  ],
  [
    'a controller at work for an hour',
    [queue({ conditions: [condition('Ready', 'False', { reason: 'Creating', message: 'creating the queue' })] })],
    ['T0-CONDITION-001 Queue shop/jobs degraded'],
  ],
  [
    'a controller at work since this minute',
    [queue({ conditions: [condition('Ready', 'False', { reason: 'Creating', lastTransitionTime: NOW })] })],
    [],
  ],
  [
    'a first try that failed just now',
    [queue({ conditions: [condition('Ready', 'False', { reason: 'Failed', lastTransitionTime: NOW })] })],
    [],
  ],
  [
    'a controller that retries: its condition is always new, its warnings are not',
    [queue({ conditions: [condition('Ready', 'False', { reason: 'Failed', lastTransitionTime: NOW })] }), event(NOW)],
    ['T0-CONDITION-001 Queue shop/jobs'],
  ],
  [
    'what cannot be known, for a reason that is a failure',
    [queue({ conditions: [condition('Healthy', 'Unknown', { reason: 'Unknown', message: 'cannot resolve dependencies: [b]' })] })],
    ['T0-CONDITION-001 Queue shop/jobs'],
  ],
  ['what cannot be known yet', [queue({ conditions: [condition('Healthy', 'Unknown', { message: 'no probe has run' })] })], []],
  [
    'a list of what is wrong with it',
    [queue({ phase: 'FailedValidation', validationErrors: ['the vhost is closed'] })],
    ['T0-CONDITION-001 Queue shop/jobs'],
  ],
  ['a storage that cannot be had', [queue({ phase: 'Unavailable', message: 'bucket gone' })], ['T0-CONDITION-001 Queue shop/jobs']],
  [
    'general words, and an event that says why',
    [
      queue({ conditions: [condition('Ready', 'False', { reason: 'Failed', message: 'unable to validate' })] }),
      warning('Queue', 'jobs', 'Failed', 'login: 403 AccessDenied for "worker"'),
    ],
    ['T0-CONDITION-003 Queue shop/jobs'],
  ],
  [
    'nothing of its state, and a warning again and again',
    [queue({}), warning('Queue', 'jobs', 'SyncFailed', 'no such vhost "b"')],
    ['T0-CONDITION-001 Queue shop/jobs'],
  ],
  ['nothing of its state, and two warnings', [queue({}), warning('Queue', 'jobs', 'SyncFailed', 'no such vhost', { count: 2 })], []],
  ['well', [queue({ conditions: [condition('Ready', 'True'), condition('Degraded', 'False')] })], []],
  [
    'degraded',
    [queue({ conditions: [condition('Degraded', 'True', { message: '1 of 3 brokers lost' })] })],
    ['T0-CONDITION-001 Queue shop/jobs degraded'],
  ],
  ['switched off', [queue({ conditions: [condition('Ready', 'False', { reason: 'Failed' })] }, { spec: { suspend: true } })], []],
  [
    'said of an older generation',
    [queue({ conditions: [condition('Ready', 'False', { reason: 'Failed', observedGeneration: 1 })] }, { metadata: { generation: 2 } })],
    [],
  ],
  ['a phase', [queue({ phase: 'Failed', message: 'quota of queues is used up' })], ['T0-CONDITION-001 Queue shop/jobs']],
  ['a phase that is passed through', [queue({ phase: 'Pending', message: 'waiting for its turn' })], []],
  [
    'credentials',
    [queue({ conditions: [condition('Synced', 'False', { reason: 'ReconcileError', message: '403 Forbidden' })] })],
    ['T0-CONDITION-003 Queue shop/jobs'],
  ],
  [
    'a server outside',
    [
      queue({
        conditions: [condition('Available', 'False', { reason: 'Error', message: 'dial tcp 10.1.2.3:5671: connect: connection refused' })],
      }),
    ],
    ['T0-CONDITION-002 Queue shop/jobs'],
  ],
  [
    'a kind with a rule of its own',
    [clusterWide('Node', 'n', { apiVersion: 'v1', status: { conditions: [condition('Ready', 'False')] } })],
    [],
  ],
] as const)('%s', async (_title, objects, expected) => {
  expect(await told(conditionRule, objects)).toEqual(expected);
});
