import { type FieldPath, type Finding, type ItemEdit, type JsonValue, readField } from '@tier0/core';
import { expect, test } from 'vitest';
import { runRules } from '../findings/run-rules.ts';
import { clusterWide, made, snapshotOf, workload } from '../fixtures/cluster-objects.ts';
import { MATTERS } from '../kubernetes/matters.ts';
import { rehearseRemedy } from './rehearse.ts';

type Fields = Readonly<Record<string, unknown>>;

const POD_SPEC: FieldPath = ['spec', 'template', 'spec'];
const MAIN: FieldPath = [...POD_SPEC, 'containers', { key: 'name', value: 'main' }];

const node = (name: string, labels: Fields = {}, spec: Fields = {}) =>
  clusterWide('Node', name, {
    metadata: { labels },
    spec,
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' }, conditions: [{ type: 'Ready', status: 'True' }] },
  });

/** A finding that only a log told of: no object shows it. */
const toldByLog = (item: string): Finding => ({
  code: 'T0-LOG-001',
  cause: 'needs-investigation',
  severity: 'fault',
  depth: 0,
  subject: item,
  message: 'told by a log',
  fingerprint: 'told by a log',
  evidence: [],
  explainedBy: [],
});

/** Rehearses one edit of workload `web` that answers a finding which a log told of. */
async function rehearsed(objects: readonly unknown[], fieldPath: FieldPath, value: JsonValue, assumption: string | null = 'it starts') {
  const reader = await snapshotOf(objects);
  const item = reader.items({ name: 'web' }).items.find(({ kind }) => /^(Deployment|StatefulSet)$/.test(kind))?.id ?? '';
  const expectOld = readField(reader.object(item), fieldPath) as JsonValue | undefined;
  const edits: readonly ItemEdit[] = [{ item, fieldPath, value, ...(expectOld === undefined ? {} : { expectOld }) }];
  const finding = toldByLog(item);
  return rehearseRemedy({
    matters: MATTERS,
    reader,
    remedy: { kind: 'edit', cause: finding.cause, edits, assumption: assumption ?? undefined },
    finding,
  });
}

const LOG = 'what the cause depends on is changed; the pods or the log that told of it are not there to ask';
const GRANTED = 'taken for granted: it starts';
const STARTS = 'taken for granted: the new pods of web start as the ones before them did';

test.each<readonly [string, readonly unknown[], FieldPath, JsonValue, readonly string[]]>([
  [
    'nothing speaks against it',
    [...workload('web'), node('node-a')],
    [...MAIN, 'env'],
    [{ name: 'MODE', value: 'plain' }],
    [LOG, GRANTED, 'no new fault appears', STARTS],
  ],
  [
    'a selector that no node has places no pod',
    [...workload('web', { node: null }), node('node-a', { pool: 'east' })],
    [...POD_SPEC, 'nodeSelector'],
    { pool: 'west' },
    ['no node takes a new pod of web: node-selector'],
  ],
  [
    'requests must fit beside those of others',
    [...workload('web'), ...workload('other', { container: { resources: { requests: { memory: '6Gi' } } } }), node('node-a')],
    [...MAIN, 'resources'],
    { requests: { memory: '3Gi' } },
    ['no node takes a new pod of web: resources'],
  ],
  [
    'pods that must stand apart are placed one after the other',
    [
      ...workload('web', { kind: 'StatefulSet' }),
      node('node-a', { 'kubernetes.io/hostname': 'node-a' }),
      node('node-b', { 'kubernetes.io/hostname': 'node-b' }),
    ],
    ['spec'],
    {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [{ name: 'main', image: 'registry.example/web:1.0.0' }],
          affinity: {
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [
                { labelSelector: { matchLabels: { app: 'web' } }, topologyKey: 'kubernetes.io/hostname' },
              ],
            },
          },
        },
      },
    },
    ['no node takes a new pod of web: pod-affinity'],
  ],
  [
    'a namespace that forbids the template makes no pod of it',
    [clusterWide('Namespace', 'shop', { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } } }), ...workload('web')],
    [...MAIN, 'securityContext'],
    { privileged: true },
    ['no pod of web would be made: the level baseline of the namespace forbids it: privileged'],
  ],
  [
    'a limit above the LimitRange is refused',
    [made('LimitRange', 'bounds', { spec: { limits: [{ type: 'Container', max: { memory: '1Gi' } }] } }), ...workload('web')],
    [...MAIN, 'resources'],
    { limits: { memory: '2Gi' } },
    ['no pod of web would be made: limits.memory is outside the bound of 1Gi'],
  ],
  [
    'what a quota counts must be said',
    [made('ResourceQuota', 'rules', { spec: { hard: { 'limits.cpu': '4' } } }), ...workload('web')],
    [...MAIN, 'env'],
    [{ name: 'MODE', value: 'plain' }],
    ['no pod of web would be made: a quota wants limits.cpu'],
  ],
  [
    'a quota must have room',
    [made('ResourceQuota', 'rules', { spec: { hard: { 'requests.memory': '1Gi' } } }), ...workload('web')],
    [...MAIN, 'resources'],
    { requests: { memory: '2Gi' } },
    ['quota rules has no room: requests.memory ends at 1Gi'],
  ],
])('%s', async (_title, objects, path, value, expected) => {
  const { passed, notes } = await rehearsed(objects, path, value);

  expect(notes.filter((note) => expected.includes(note))).toEqual(expected);
  expect(passed).toBe(expected.includes(LOG));
});

test('what only a log tells of does not pass without saying what it rests on', async () => {
  const { verdict, passed, reason } = await rehearsed(workload('web'), [...MAIN, 'env'], [{ name: 'MODE', value: 'plain' }], null);

  expect({ verdict, passed, reason }).toEqual({
    verdict: 'cannot-be-known',
    passed: false,
    reason: 'whether it is enough cannot be known beforehand',
  });
});

test('where a set keeps a broken pod whatever its template says, the deletion that is needed beside the edit is told', async () => {
  const broken = [...workload('web', { kind: 'StatefulSet', ready: false }), node('node-a')];
  const { verdict, passed, beside, reason } = await rehearsed(broken, [...MAIN, 'env'], [{ name: 'MODE', value: 'plain' }]);
  expect({ verdict, passed }).toEqual({ verdict: 'cannot-be-known', passed: false });
  expect(beside).toMatch(/^pod web-\S+ is deleted$/);
  expect(reason).toMatch(/^once pod web-\S+ is deleted, taken for granted: it starts: /);
  // Nothing that the cause depends on: no deletion helps.
  expect((await rehearsed(broken, ['spec', 'minReadySeconds'], 5)).beside).toBeUndefined();
  const well = await rehearsed(
    [...workload('web', { kind: 'StatefulSet' }), node('node-a')],
    [...MAIN, 'env'],
    [{ name: 'MODE', value: 'plain' }],
  );
  expect(well.beside).toBeUndefined();
});

test('what a rule that could not run would have found before is not put down to the remedy', async () => {
  const down = clusterWide('Node', 'node-b', { status: { conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady' }] } });
  const reader = await snapshotOf([...workload('web'), node('node-a'), down]);
  const item = reader.items({ name: 'web' }).items.find(({ kind }) => kind === 'Deployment')?.id ?? '';
  const edits: readonly ItemEdit[] = [{ item, fieldPath: [...MAIN, 'env'], value: [{ name: 'MODE', value: 'plain' }] }];
  const finding = toldByLog(item);
  const trial = {
    matters: MATTERS,
    reader,
    remedy: { kind: 'edit' as const, cause: finding.cause, edits, assumption: 'it starts' },
    finding,
  };
  const broken = {
    source: 'scheduling',
    code: 'not-judged' as const,
    message: 'could not run rule scheduling: it took longer than its time.',
  };
  const before = runRules(MATTERS, reader).findings;
  expect(before.some(({ severity }) => severity === 'fault')).toBe(true);
  expect(rehearseRemedy({ ...trial, before: { findings: [], unknowns: [broken] } }).notes).toEqual(rehearseRemedy(trial).notes);
  expect(rehearseRemedy({ ...trial, before: { findings: [], unknowns: [] } }).notes[0]).toMatch(/^new fault /);
});
