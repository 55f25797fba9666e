import { expect, test } from 'vitest';
import { examineCluster } from '../../diagnosis/examine.ts';
import { MADE_NOW, madeCluster, node, object, type Part, pod, web } from '../../fixtures/made-cluster.ts';
import { nodeLoads } from '../objects/node-fit.ts';
import { podViews } from '../objects/pod-view.ts';
import { lateTaints } from './late-taint.ts';

const TAINT = { key: 'acme.example/quarantine', value: 'disk', effect: 'NoSchedule' };
const waiting = pod('p', {
  spec: { nodeName: undefined },
  podStatus: {
    phase: 'Pending',
    conditions: [
      {
        type: 'PodScheduled',
        status: 'False',
        reason: 'Unschedulable',
        message: '0/1 nodes are available: 1 node(s) had untolerated taint(s).',
      },
    ],
  },
});
const running = (spec: Part = {}) =>
  object('Pod', 'other', {
    spec: { nodeName: 'node-a', containers: [{ name: 'app' }], ...spec },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });

async function codes(taint: Part, ...others: readonly Part[]): Promise<readonly string[]> {
  const reader = await madeCluster([node('node-a', { spec: { taints: [taint] } }), ...web(), waiting, ...others]);
  const { causes } = await examineCluster(reader, {}, { signal: AbortSignal.timeout(20_000), now: () => MADE_NOW });
  return causes.map(({ finding }) => finding.code);
}

test('a taint that pods endure which do not tolerate it came after them: the node is told', async () => {
  expect(await codes(TAINT, running())).toEqual(['T0-NODE-011']);
});

test('a node that was always so, and what Kubernetes taints by itself, take no blame', async () => {
  expect(await codes(TAINT)).toEqual(['T0-POD-052']);
  expect(await codes(TAINT, running({ tolerations: [{ key: 'acme.example/quarantine', operator: 'Exists' }] }))).toEqual(['T0-POD-052']);
  const late = async (key: string) => {
    const reader = await madeCluster([node('node-a', { spec: { taints: [{ key, effect: 'NoSchedule' }] } }), ...web(), waiting, running()]);
    const [asked] = podViews(reader).filter(({ id }) => id.endsWith('/p'));
    return asked === undefined ? 'no pod' : lateTaints(asked, nodeLoads(reader))?.taints;
  };
  expect(await late('acme.example/quarantine')).toEqual(['acme.example/quarantine:NoSchedule']);
  expect(await late('node.kubernetes.io/out-of-service')).toBeUndefined();
});
