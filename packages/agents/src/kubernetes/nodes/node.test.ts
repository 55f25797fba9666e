import { expect, test } from 'vitest';
import { clusterWide, LONG_AGO, made, told, workload } from '../../fixtures/cluster-objects.ts';
import { nodeRule } from './node.ts';

const condition = (type: string, status: string, lastTransitionTime = LONG_AGO) => ({ type, status, lastTransitionTime, reason: 'Told' });
const node = (
  name: string,
  conditions: readonly object[] = [condition('Ready', 'True')],
  spec: Readonly<Record<string, unknown>> = {},
  allocatable: object = { cpu: '4', memory: '8Gi', pods: '110' },
) => clusterWide('Node', name, { metadata: { labels: { zone: name } }, spec, status: { conditions, allocatable } });
const asking = (cpu: string, podSpec: Readonly<Record<string, unknown>> = {}) =>
  workload('new', {
    ready: false,
    node: null,
    podSpec,
    container: { resources: { requests: { cpu } } },
    podStatus: {
      phase: 'Pending',
      containerStatuses: [],
      conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
    },
  });
const closed = { unschedulable: true };
const full = { cpu: '4', memory: '8Gi', pods: '1' };
const lease = (name: string, renewTime: string) => made('Lease', name, { metadata: { namespace: 'kube-node-lease' }, spec: { renewTime } });

const cases: readonly (readonly [string, readonly unknown[], readonly string[]])[] = [
  ['a node that stopped reporting', [node('a', [condition('Ready', 'Unknown')])], ['T0-NODE-001 Node a']],
  ['a node that was lost two minutes ago', [node('a', [condition('Ready', 'False', '2026-05-04T11:58:00Z')])], ['T0-NODE-001 Node a']],
  ['a kubelet that says just now that it is not ready', [node('a', [condition('Ready', 'False', '2026-05-04T11:59:40Z')])], []],
  [
    'a node that has just stopped reporting: its controller has waited already',
    [node('a', [condition('Ready', 'Unknown', '2026-05-04T11:59:55Z')])],
    ['T0-NODE-001 Node a'],
  ],
  ['a full disk', [node('a', [condition('Ready', 'True'), condition('DiskPressure', 'True')])], ['T0-NODE-002 Node a']],
  [
    'pressure of a lost node is old news',
    [node('a', [condition('Ready', 'Unknown'), condition('DiskPressure', 'Unknown')])],
    ['T0-NODE-001 Node a'],
  ],
  [
    'a problem detector: problems are true, and everything else is well',
    [
      node('a', [
        condition('Ready', 'True'),
        condition('KernelDeadlock', 'True'),
        condition('ReadonlyFilesystem', 'False'),
        condition('EtcdIsVoter', 'True'),
      ]),
    ],
    ['T0-NODE-003 Node a'],
  ],
  ['no network', [node('a', [condition('Ready', 'True'), condition('NetworkUnavailable', 'True')])], ['T0-NODE-004 Node a']],
  ['a cordon nobody minds', [node('a', undefined, closed), node('b')], ['T0-NODE-007 Node a hygiene']],
  ['a cordon that keeps a pod waiting', [node('a', undefined, closed), asking('1')], ['T0-NODE-005 Node a', 'T0-NODE-007 Node a hygiene']],
  ['a pod that would not fit there either', [node('a', undefined, closed), asking('16')], ['T0-NODE-007 Node a hygiene']],
  [
    'a pod that may not run there',
    [node('a', undefined, closed), asking('1', { nodeSelector: { zone: 'b' } })],
    ['T0-NODE-007 Node a hygiene'],
  ],
  ['a pod that an open node has room for', [node('a', undefined, closed), node('b'), asking('1')], ['T0-NODE-007 Node a hygiene']],
  ['no slot for another pod', [node('a', undefined, {}, full), workload('old', { node: 'a' }), asking('1')], ['T0-NODE-006 Node a']],
  ['a full node and a free one', [node('a', undefined, {}, full), node('b'), workload('old', { node: 'a' }), asking('1')], []],
  [
    'a lease that is old beside others',
    [node('a'), node('b'), lease('a', '2026-05-04T11:40:00Z'), lease('b', '2026-05-04T11:59:58Z')],
    ['T0-NODE-008 Node a degraded'],
  ],
];

test.each(cases)('%s', async (_title, objects, expected) => {
  expect(await told(nodeRule, objects)).toEqual(expected);
});

test('waiting pods are judged only where all nodes are known', async () => {
  for (const [, objects] of cases) expect(await told(nodeRule, objects, ['Node', 'Lease'])).toEqual([]);
});
