import { expect, test } from 'vitest';
import { madeCluster, minutesAgo, object, ownedBy, type Part } from '../../fixtures/made-cluster.ts';
import { podViews } from '../objects/pod-view.ts';
import { nodeListener } from './node-listener.ts';

const CONTAINER = { name: 'agent', image: 'registry.example/agent:1', ports: [{ containerPort: 8126 }] };
const NODE = object('Node', 'node-a', { status: { addresses: [{ type: 'InternalIP', address: '10.0.0.7' }] } });

function revision(name: string, number: number, spec: Part): Part {
  return object('ControllerRevision', name, {
    apiVersion: 'apps/v1',
    metadata: ownedBy('DaemonSet', 'agent'),
    revision: number,
    data: { spec: { template: { spec: { containers: [CONTAINER], ...spec } } } },
  });
}

async function told(port: number, before: Part, now: Part, host = '10.0.0.7'): Promise<string | undefined> {
  const labels = { 'controller-revision-hash': 'b' };
  const pod = object('Pod', 'agent-x', {
    metadata: { labels, creationTimestamp: minutesAgo(2), ...ownedBy('DaemonSet', 'agent') },
    spec: { nodeName: 'node-a', containers: [CONTAINER], ...now },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const set = object('DaemonSet', 'agent', { apiVersion: 'apps/v1', spec: { template: { spec: { containers: [CONTAINER], ...now } } } });
  const reader = await madeCluster([NODE, set, revision('agent-a', 1, before), revision('agent-b', 2, now), pod]);
  const [speaker] = podViews(reader);
  return speaker && nodeListener(speaker, host, port)?.text;
}

test('an agent whose last revision gave up the network of the host no longer listens at the node', async () => {
  expect(await told(8126, { hostNetwork: true }, {})).toMatch(/gave up the network of the host \(hostNetwork\), so nobody listens there$/);
  const onHost = { containers: [{ ...CONTAINER, ports: [{ containerPort: 8126, hostPort: 8126 }] }] };
  expect(await told(8126, onHost, {})).toMatch(/gave up the port of the host/);
});

test('another port, an address that is no node, and one who still listens are none of it', async () => {
  expect(await told(9000, { hostNetwork: true }, {})).toBeUndefined();
  expect(await told(8126, { hostNetwork: true }, {}, '10.0.0.8')).toBeUndefined();
  expect(await told(8126, { hostNetwork: true }, { hostNetwork: true })).toBeUndefined();
  expect(await told(8126, {}, {})).toBeUndefined();
});
