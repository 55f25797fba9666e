import { expect, test } from 'vitest';
import type { Rule } from '../../findings/rule.ts';
import { clusterWide, made, told, warning, workload } from '../../fixtures/cluster-objects.ts';
import { persistentVolumeRule } from './persistentvolume.ts';
import { persistentVolumeClaimRule } from './persistentvolumeclaim.ts';
import { storageClassRule } from './storageclass.ts';

const claimed = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
const claim = (spec: object, phase = 'Pending', metadata: object = {}, status: object = {}) =>
  made('PersistentVolumeClaim', 'data', {
    metadata,
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } }, ...spec },
    status: { phase, ...status },
  });
const fast = (fields: object = {}) =>
  clusterWide('StorageClass', 'fast', { provisioner: 'disk.csi.example.com', volumeBindingMode: 'Immediate', ...fields });
const volume = (spec: object = {}, status: object = { phase: 'Available' }) =>
  clusterWide('PersistentVolume', 'pv-1', {
    spec: { capacity: { storage: '10Gi' }, accessModes: ['ReadWriteOnce'], storageClassName: 'manual', ...spec },
    status,
  });
const manual = clusterWide('StorageClass', 'manual', {
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
});
const user = workload('db', { podSpec: claimed, node: null, ready: false, podStatus: { phase: 'Pending', containerStatuses: [] } });
const creating = { phase: 'Pending', containerStatuses: [{ name: 'main', state: { waiting: { reason: 'ContainerCreating' } } }] };
const maker = (input: object) => workload('csi-disk-provisioner', { namespace: 'kube-system', ...input });
const failed = (message: string) =>
  made('Event', 'e', { involvedObject: { uid: 'uid-PersistentVolumeClaim-data' }, reason: 'ProvisioningFailed', type: 'Warning', message });
const node = (name: string) => clusterWide('Node', name, { metadata: { labels: { 'kubernetes.io/hostname': name } } });
const onNode = (name: string) => ({
  claimRef: { namespace: 'shop', name: 'data' },
  nodeAffinity: {
    required: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [name] }] }] },
  },
});

const PENDING = 'T0-PERSISTENTVOLUMECLAIM-003 PersistentVolumeClaim shop/data';
/** A pod that waits for the claim makes it matter. */
const needed = workload('db', { podSpec: claimed, node: null, ready: false, podStatus: { phase: 'Pending', containerStatuses: [] } });

const cases: readonly (readonly [string, Rule, readonly unknown[], readonly string[]])[] = [
  [
    'a class that is not there',
    persistentVolumeClaimRule,
    [needed, fast(), claim({ storageClassName: 'fastest' })],
    ['T0-PERSISTENTVOLUMECLAIM-001 StorageClass fastest', PENDING],
  ],
  [
    'a class that is not there, of a claim nobody uses',
    persistentVolumeClaimRule,
    [fast(), claim({ storageClassName: 'fastest' })],
    ['T0-PERSISTENTVOLUMECLAIM-001 StorageClass fastest degraded', `${PENDING} degraded`],
  ],
  [
    'a class that was there once: a provisioner made volumes of it',
    persistentVolumeClaimRule,
    [
      needed,
      fast(),
      claim({ storageClassName: 'manual' }),
      { ...volume(), metadata: { name: 'pvc-1', annotations: { 'pv.kubernetes.io/provisioned-by': 'disk.csi.example.com' } } },
    ],
    ['T0-PERSISTENTVOLUMECLAIM-001 StorageClass manual', PENDING],
  ],
  ['a class that is only a word on volumes', persistentVolumeClaimRule, [fast(), claim({ storageClassName: 'manual' }), volume()], []],
  [
    'no class and no default',
    persistentVolumeClaimRule,
    [needed, fast(), claim({})],
    ['T0-PERSISTENTVOLUMECLAIM-002 PersistentVolumeClaim shop/data'],
  ],
  ['a provisioner that does nothing', persistentVolumeClaimRule, [needed, fast(), claim({ storageClassName: 'fast' })], [PENDING]],
  [
    'a provisioner that was asked a minute ago',
    persistentVolumeClaimRule,
    [fast(), claim({ storageClassName: 'fast' }, 'Pending', { creationTimestamp: '2026-05-04T11:58:00Z' })],
    [],
  ],
  [
    'a provisioner that says why',
    persistentVolumeClaimRule,
    [
      needed,
      fast(),
      claim({ storageClassName: 'fast' }, 'Pending', { creationTimestamp: '2026-05-04T11:58:00Z' }),
      failed('quota of disks is used up'),
    ],
    [PENDING],
  ],
  [
    'a class that waits for a consumer, and none has come',
    persistentVolumeClaimRule,
    [fast({ volumeBindingMode: 'WaitForFirstConsumer' }), claim({ storageClassName: 'fast' })],
    [],
  ],
  [
    'a consumer that is itself not placed',
    persistentVolumeClaimRule,
    [fast({ volumeBindingMode: 'WaitForFirstConsumer' }), claim({ storageClassName: 'fast' }), user],
    [],
  ],
  [
    'a volume made by hand that is too small',
    persistentVolumeClaimRule,
    [manual, claim({ storageClassName: 'manual' }), user, volume({ capacity: { storage: '5Gi' } })],
    ['T0-PERSISTENTVOLUMECLAIM-004 PersistentVolumeClaim shop/data'],
  ],
  ['a volume made by hand that fits', persistentVolumeClaimRule, [manual, claim({ storageClassName: 'manual' }), user, volume()], []],
  [
    'a claim that lost its volume',
    persistentVolumeClaimRule,
    [needed, claim({ volumeName: 'pv-9' }, 'Lost')],
    ['T0-PERSISTENTVOLUMECLAIM-005 PersistentVolumeClaim shop/data'],
  ],
  [
    'a bound volume that is gone',
    persistentVolumeClaimRule,
    [needed, claim({ volumeName: 'pv-9' }, 'Bound'), volume()],
    ['T0-PERSISTENTVOLUMECLAIM-005 PersistentVolumeClaim shop/data'],
  ],
  [
    'a bound claim',
    persistentVolumeClaimRule,
    [claim({ volumeName: 'pv-1' }, 'Bound'), volume({ claimRef: { name: 'data', namespace: 'shop' } })],
    [],
  ],
  [
    'a resize that the maker of volumes refuses, and why',
    persistentVolumeClaimRule,
    [
      claim({ volumeName: 'pv-1' }, 'Bound', {}, { allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' } }),
      volume(),
      warning('PersistentVolumeClaim', 'data', 'VolumeResizeFailed', 'one growth in six hours is allowed'),
    ],
    ['T0-PERSISTENTVOLUMECLAIM-010 PersistentVolumeClaim shop/data degraded'],
  ],
  [
    'a warning about a resize that has succeeded since',
    persistentVolumeClaimRule,
    [
      claim({ volumeName: 'pv-1' }, 'Bound'),
      volume({}, { phase: 'Bound' }),
      warning('PersistentVolumeClaim', 'data', 'VolumeResizeFailed', 'one growth in six hours is allowed'),
    ],
    [],
  ],
  [
    'a resize that was refused',
    persistentVolumeClaimRule,
    [claim({ volumeName: 'pv-1' }, 'Bound', {}, { allocatedResourceStatuses: { storage: 'ControllerResizeInfeasible' } }), volume()],
    ['T0-PERSISTENTVOLUMECLAIM-006 PersistentVolumeClaim shop/data degraded'],
  ],
  [
    'one volume, two nodes',
    persistentVolumeClaimRule,
    [
      claim({ volumeName: 'pv-1' }, 'Bound'),
      volume(),
      workload('old', { podSpec: claimed }),
      workload('new', { podSpec: claimed, node: 'node-b', ready: false, podStatus: creating }),
    ],
    ['T0-PERSISTENTVOLUMECLAIM-007 PersistentVolumeClaim shop/data'],
  ],
  [
    'a volume still attached elsewhere',
    persistentVolumeClaimRule,
    [
      claim({ volumeName: 'pv-1' }, 'Bound'),
      volume(),
      workload('new', { podSpec: claimed, node: 'node-b', ready: false, podStatus: creating }),
      clusterWide('VolumeAttachment', 'va', {
        spec: { nodeName: 'node-a', source: { persistentVolumeName: 'pv-1' } },
        status: { attached: true },
      }),
    ],
    ['T0-PERSISTENTVOLUMECLAIM-007 PersistentVolumeClaim shop/data'],
  ],
  [
    'one volume, two pods of one node',
    persistentVolumeClaimRule,
    [claim({ volumeName: 'pv-1' }, 'Bound'), volume(), workload('a', { podSpec: claimed }), workload('b', { podSpec: claimed })],
    [],
  ],
  [
    'a volume of a node that is gone',
    persistentVolumeRule,
    [node('node-a'), volume(onNode('node-z')), user],
    ['T0-PERSISTENTVOLUME-001 PersistentVolume pv-1'],
  ],
  ['a volume of a node the pod may use', persistentVolumeRule, [node('node-a'), volume(onNode('node-a')), user], []],
  [
    'a volume that could not be deleted',
    persistentVolumeRule,
    [volume({}, { phase: 'Failed' })],
    ['T0-PERSISTENTVOLUME-002 PersistentVolume pv-1 degraded'],
  ],
  [
    'a released volume',
    persistentVolumeRule,
    [volume({}, { phase: 'Released' })],
    ['T0-PERSISTENTVOLUME-003 PersistentVolume pv-1 hygiene'],
  ],
  [
    'two defaults',
    storageClassRule,
    ['a', 'b'].map((name) =>
      clusterWide('StorageClass', name, { metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } }),
    ),
    ['T0-STORAGECLASS-001 StorageClass a degraded'],
  ],
  [
    'a provisioner without pods',
    storageClassRule,
    [fast(), claim({ storageClassName: 'fast' }), maker({ ready: false })],
    ['T0-STORAGECLASS-002 Deployment kube-system/csi-disk-provisioner'],
  ],
  [
    'a provisioner that was turned off',
    storageClassRule,
    [fast(), claim({ storageClassName: 'fast' }), maker({ replicas: 0 })],
    ['T0-STORAGECLASS-003 Deployment kube-system/csi-disk-provisioner'],
  ],
  ['a provisioner that runs', storageClassRule, [fast(), claim({ storageClassName: 'fast' }), maker({})], []],
];

test.each(cases)('%s', async (_title, rule, objects, expected) => {
  expect(await told(rule, objects)).toEqual(expected);
});

test('nothing is said to be missing where it was not read', async () => {
  for (const [, rule, objects] of cases.filter(
    ([, , , expected]) => /-00[1245] /.test(expected.join()) && !/Lost|StorageClass a/.test(expected.join()),
  )) {
    const found = await told(rule, objects, ['StorageClass', 'PersistentVolume', 'Node']);
    expect(found.filter((line) => !line.includes('-005'))).toEqual([]);
  }
});
