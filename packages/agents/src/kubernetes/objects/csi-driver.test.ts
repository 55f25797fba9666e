import { expect, test } from 'vitest';
import { madeCluster, node, object, ownedBy, type Part } from '../../fixtures/made-cluster.ts';
import { absentDriver } from './csi-driver.ts';

const DRIVER = 'rbd.csi.example.com';
const csiNode = (name: string, drivers: readonly Part[]) =>
  object('CSINode', name, { apiVersion: 'storage.k8s.io/v1', metadata: { namespace: undefined }, spec: { drivers } });

async function absent(template: Part, onMissed = false) {
  const containers = [{ name: 'driver-registrar', image: 'registry.example/csi-node-driver-registrar:2' }];
  const bringer = object('DaemonSet', 'csi-rbdplugin', {
    apiVersion: 'apps/v1',
    spec: { template: { spec: { containers, ...template } } },
  });
  const carrier = (name: string) =>
    object('Pod', `csi-${name}`, {
      metadata: ownedBy('DaemonSet', 'csi-rbdplugin'),
      spec: { nodeName: name, containers },
      status: { phase: 'Running' },
    });
  const tainted = node('b', { spec: { taints: [{ key: 'workload', value: 'db', effect: 'NoSchedule' }] } });
  const objects = [
    node('a'),
    tainted,
    csiNode('a', [{ name: DRIVER }]),
    csiNode('b', []),
    bringer,
    carrier('a'),
    ...(onMissed ? [carrier('b')] : []),
  ];
  return absentDriver(await madeCluster(objects), DRIVER, 'b')?.why;
}

test('the DaemonSet that brings a driver elsewhere and is kept from the node is told with what keeps it', async () => {
  expect(await absent({})).toBe('it does not tolerate the taint workload=db:NoSchedule of the node');
  expect(await absent({ nodeSelector: { disk: 'fast' } })).toBe('its node selector or affinity leaves the node out');
});

test('one that may run there, or does, is not at fault', async () => {
  expect(await absent({ tolerations: [{ operator: 'Exists' }] })).toBeUndefined();
  expect(await absent({}, true)).toBeUndefined();
});
