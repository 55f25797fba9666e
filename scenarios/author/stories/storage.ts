import { suffer } from '../dependants.ts';
import { record } from '../events.ts';
import type { Item, Loose } from '../item.ts';
import { buildWorld } from '../neighbours.ts';
import { failMount, leaveUnschedulable } from '../pod-states.ts';
import { moveTo, renew } from '../pods.ts';
import { rollOut } from '../rollout.ts';
import { unschedule } from '../scheduling.ts';
import { at, type Story, subjectOf } from '../story.ts';
import { addWorkload } from '../workloads.ts';
import type { World } from '../world.ts';

/** Turns a bound claim back into one that never got a volume. */
function unbind(world: World, claim: Item): void {
  const volume = world.find('PersistentVolume', undefined, claim.spec.volumeName);
  if (volume) world.remove(volume);
  delete claim.spec.volumeName;
  delete claim.metadata.annotations;
  claim.status = { phase: 'Pending' };
}

/** The first pod of a StatefulSet waits for its claim, and no later one was made. */
function stallAtFirst(world: World, set: Item, ago: number): Item {
  const [first, ...later] = world.podsOf(set) as [Item, ...Item[]];
  for (const pod of later) {
    world.remove(world.get('PersistentVolumeClaim', pod.metadata.namespace, `data-${pod.metadata.name}`));
    world.remove(pod);
  }
  const claim = world.get('PersistentVolumeClaim', first.metadata.namespace, `data-${first.metadata.name}`);
  unbind(world, claim);
  renew(world, first, ago);
  return claim;
}

function unbound(world: World, pod: Item, ago: number): void {
  const total = world.list('Node').length;
  leaveUnschedulable(
    world,
    pod,
    `0/${total} nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`,
    ago,
  );
}

const goldTray: Story = {
  name: 'the-tray-marked-gold',
  title: 'A tray that this kitchen does not have',
  text: [
    'The chart of the guest book comes from a cluster with a storage class `gold`. Here there is none. Its first pod waits,',
    'the others were never made, and the welcome screen, which needs it, is not ready.',
  ],
  build() {
    const world = buildWorld({
      seed: 181,
      now: '2026-02-20T16:16:00Z',
      serverVersion: 'v1.31.5',
      trade: 'museum',
      nodes: 'metal',
      labels: 'recommended',
    });
    const book = addWorkload(world, {
      namespace: 'visitors',
      name: 'guestbook-store',
      kind: 'StatefulSet',
      image: 'docker.io/library/redis:7.4.1',
      labels: 'recommended',
      replicas: 3,
      port: 6379,
      days: 1 / 8,
      manager: 'helm',
      claim: { size: '5Gi', class: 'gold' },
    });
    const claim = stallAtFirst(world, book, 176);
    record(world, claim, {
      type: 'Warning',
      reason: 'ProvisioningFailed',
      message: 'storageclass.storage.k8s.io "gold" not found',
      by: 'persistentvolume-controller',
      first: 176,
      last: 0.2,
      count: 704,
    });
    unbound(world, world.firstPod(book), 176);
    const screen = addWorkload(world, {
      namespace: 'visitors',
      name: 'welcome-screen',
      image: 'quay.io/galleria-nova/welcome-screen:1.0.0',
      labels: 'recommended',
      replicas: 1,
      port: 8080,
      env: { REDIS_ADDR: 'guestbook-store:6379' },
      days: 1 / 8,
    });
    suffer(world, screen, { error: 'redis: dial tcp: lookup guestbook-store on 10.96.0.10:53: no such host', ago: 175 });
    const missing = at('StorageClass', undefined, 'gold');
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'storage-class-missing',
            subject: missing,
            alsoAccept: [subjectOf(claim), subjectOf(book)],
            path: [subjectOf(claim), at('Pod', 'visitors', 'guestbook-store-0'), subjectOf(screen)],
          },
        ],
        forbidden: [subjectOf(screen), at('Service', 'visitors', 'guestbook-store'), at('Service', 'visitors', 'welcome-screen')],
        fixes: [[{ object: missing, exists: true }], [{ object: subjectOf(claim), path: 'spec.storageClassName', equals: 'ceph-block' }]],
      },
    };
  },
};

const emptyShelf: Story = {
  name: 'an-empty-hook-on-the-wall',
  title: 'The key is expected on a hook that was taken down',
  text: ["The backup clerk mounts a claim that was deleted with last year's archive. Its pod has been waiting since the weekend."],
  build() {
    const world = buildWorld({
      seed: 182,
      now: '2026-03-16T07:30:00Z',
      serverVersion: 'v1.30.3',
      trade: 'newsroom',
      nodes: 'azure',
      labels: 'app',
    });
    const clerk = addWorkload(world, {
      namespace: 'audience',
      name: 'mailbag-clerk',
      image: 'registry.morningpost.example/desk/mailbag-clerk:2.0.2',
      replicas: 1,
      port: 8080,
      container: { volumeMounts: [{ mountPath: '/mailbag', name: 'mailbag' }] },
      pod: { volumes: [{ name: 'mailbag', persistentVolumeClaim: { claimName: 'mailbag-2025' } }] },
    });
    const pod = world.firstPod(clerk);
    renew(world, pod, 2 * 1440 + 40);
    const total = world.list('Node').length;
    leaveUnschedulable(
      world,
      pod,
      `0/${total} nodes are available: persistentvolumeclaim "mailbag-2025" not found. preemption: 0/${total} nodes are available: ${total} Preemption is not helpful for scheduling.`,
      2 * 1440 + 40,
    );
    const missing = at('PersistentVolumeClaim', 'audience', 'mailbag-2025');
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'volume-claim-missing', subject: missing, alsoAccept: [subjectOf(clerk)] }],
        forbidden: [at('Service', 'audience', 'mailbag-clerk'), ...world.list('Node').map(subjectOf)],
        fixes: [
          [{ object: missing, exists: true }],
          [{ object: subjectOf(clerk), path: 'spec.template.spec.volumes[name=mailbag].persistentVolumeClaim', exists: false }],
        ],
      },
    };
  },
};

const soldOut: Story = {
  name: 'the-warehouse-is-sold-out',
  title: 'The landlord has no more rooms',
  text: [
    'The class is right and the claim is right, but the cloud account may own no further disks. The provisioner says so in events of the claim;',
    'the pod only says that it waits for a volume.',
  ],
  build() {
    const world = buildWorld({
      seed: 183,
      now: '2026-07-30T18:22:00Z',
      serverVersion: 'v1.32.3',
      trade: 'parcels',
      nodes: 'aws',
      labels: 'k8s-app',
      waitForConsumer: false,
    });
    const track = addWorkload(world, {
      namespace: 'tracking',
      name: 'waybill-journal',
      kind: 'StatefulSet',
      image: 'docker.io/library/mongo:7.0.14',
      labels: 'k8s-app',
      replicas: 1,
      port: 27017,
      days: 1 / 12,
      claim: { size: '500Gi', class: 'gp3' },
    });
    const claim = stallAtFirst(world, track, 118);
    claim.metadata.annotations = {
      'volume.beta.kubernetes.io/storage-provisioner': 'ebs.csi.aws.com',
      'volume.kubernetes.io/storage-provisioner': 'ebs.csi.aws.com',
    };
    record(world, claim, {
      reason: 'ExternalProvisioning',
      message:
        "Waiting for a volume to be created either by the external provisioner 'ebs.csi.aws.com' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.",
      by: 'persistentvolume-controller',
      first: 118,
      last: 0.2,
      count: 470,
    });
    record(world, claim, {
      type: 'Warning',
      reason: 'ProvisioningFailed',
      message:
        'failed to provision volume with StorageClass "gp3": rpc error: code = Internal desc = Could not create volume "pvc-waybill": could not create volume in EC2: operation error EC2: CreateVolume, https response error StatusCode: 400, api error VolumeLimitExceeded: You have exceeded your maximum gp3 storage limit of 50 TiB in this region.',
      by: 'ebs.csi.aws.com_ebs-csi-controller-6d5f9c7b8-x2lqp_4b0f',
      first: 117.8,
      last: 3,
      count: 24,
    });
    unbound(world, world.firstPod(track), 118);
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'volume-provisioning-failed', subject: subjectOf(claim), alsoAccept: [subjectOf(track)] }],
        forbidden: [at('StorageClass', undefined, 'gp3'), at('Service', 'tracking', 'waybill-journal')],
      },
    };
  },
};

const oneChair: Story = {
  name: 'two-guests-one-chair',
  title: 'A new guest asks for a chair that is taken',
  text: [
    'The recipe store is a Deployment with a volume that only one machine may hold. A rolling update starts the new pod on another machine',
    'and waits for the old pod to let go, which waits for the new one to be ready.',
  ],
  build() {
    const world = buildWorld({
      seed: 184,
      now: '2026-10-06T10:54:00Z',
      serverVersion: 'v1.33.5',
      trade: 'farm',
      nodes: 'gke',
      labels: 'app',
    });
    const claimSpec = {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '30Gi' } },
      storageClassName: 'standard-rwo',
      volumeMode: 'Filesystem',
    };
    const store = addWorkload(world, {
      namespace: 'dairy',
      name: 'cheese-cellar',
      image: 'registry.greenacre.example/agri/cheese-cellar:1.7.0',
      replicas: 1,
      port: 8080,
      revisions: 2,
      container: { volumeMounts: [{ mountPath: '/srv/cheese', name: 'cellar' }] },
      pod: { volumes: [{ name: 'cellar', persistentVolumeClaim: { claimName: 'cheese-cellar' } }] },
    });
    const old = world.firstPod(store);
    const claim = boundTo(world, 'dairy', 'cheese-cellar', claimSpec, old);
    const other = world.list('Node').find((node) => node.metadata.name !== old.spec.nodeName) as Item;
    const message = `Multi-Attach error for volume "${claim.spec.volumeName}" Volume is already used by pod(s) ${old.metadata.name}`;
    rollOut(world, store, {
      ago: 41,
      manager: 'kubectl-set',
      change: (template) => {
        template.spec.containers[0].image = 'registry.greenacre.example/agri/cheese-cellar:1.8.0';
      },
      paths: [['containers', 'name=cheese-cellar', 'image']],
      fail: (pod) => {
        moveTo(pod, other);
        failMount(world, pod, message, 40.9, 'FailedAttachVolume');
      },
    });
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'volume-attach-conflict',
            subject: subjectOf(claim),
            alsoAccept: [subjectOf(store), at('PersistentVolume', undefined, claim.spec.volumeName)],
            alsoAcceptCauses: ['rollout-strategy-impossible'],
          },
        ],
        forbidden: [at('Service', 'dairy', 'cheese-cellar'), ...world.list('Node').map(subjectOf)],
        fixes: [
          [{ object: subjectOf(store), path: 'spec.strategy.type', equals: 'Recreate' }],
          [{ object: subjectOf(store), path: 'spec.strategy.rollingUpdate.maxSurge', equals: 0 }],
        ],
      },
    };
  },
};

function boundTo(world: World, namespace: string, name: string, spec: Loose, pod: Item): Item {
  const node = world.get('Node', undefined, pod.spec.nodeName);
  const zone = node.metadata.labels?.['topology.kubernetes.io/zone'];
  const claim = world.add(
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: {
        name,
        namespace,
        annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
        finalizers: ['kubernetes.io/pvc-protection'],
      },
      spec: { ...spec },
      status: { accessModes: spec.accessModes, capacity: spec.resources.requests, phase: 'Bound' },
    },
    90 * 1440,
    'kubectl-client-side-apply',
  );
  claim.spec.volumeName = `pvc-${claim.metadata.uid}`;
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid: claim.metadata.uid };
  const term = { matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] }] };
  const [driver] = world.list('StorageClass').map((storage) => storage.provisioner);
  world.add(
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: claim.spec.volumeName, finalizers: ['kubernetes.io/pv-protection'] },
      spec: {
        accessModes: spec.accessModes,
        capacity: spec.resources.requests,
        claimRef,
        csi: { driver, volumeHandle: 'projects/dairy/disks/cheese-1' },
        nodeAffinity: { required: { nodeSelectorTerms: [term] } },
        persistentVolumeReclaimPolicy: 'Delete',
        storageClassName: spec.storageClassName,
        volumeMode: 'Filesystem',
      },
      status: { phase: 'Bound' },
    },
    90 * 1440,
  );
  return claim;
}

const otherShore: Story = {
  name: 'luggage-on-the-other-shore',
  title: 'The guest crossed the river, the luggage did not',
  text: [
    "The zone of the logbook's disk has no machine any more: the last one was retired yesterday. The pod may go anywhere, its volume may not.",
    'The crew app reads the logbook and is not ready since.',
  ],
  build() {
    const world = buildWorld({
      seed: 185,
      now: '2026-12-20T12:00:00Z',
      serverVersion: 'v1.30.11',
      trade: 'ferry',
      nodes: 'aws',
      workers: 3,
      zones: ['eu-central-1a', 'eu-central-1b'],
      labels: 'component',
    });
    const log = addWorkload(world, {
      namespace: 'fleet',
      name: 'ships-logbook',
      kind: 'StatefulSet',
      image: 'docker.io/library/mariadb:11.4',
      labels: 'component',
      replicas: 1,
      port: 3306,
      claim: { size: '40Gi', class: 'gp3' },
    });
    const claim = world.get('PersistentVolumeClaim', 'fleet', 'data-ships-logbook-0');
    const volume = world.get('PersistentVolume', undefined, claim.spec.volumeName);
    volume.spec.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values = ['eu-central-1c'];
    const pod = world.firstPod(log);
    renew(world, pod, 1190);
    unschedule(world, pod, 'node(s) had volume node affinity conflict', 1190);
    const crew = addWorkload(world, {
      namespace: 'fleet',
      name: 'bridge-tablet',
      image: 'ghcr.io/northsound-lines/bridge-tablet:4.1.1',
      labels: 'component',
      replicas: 2,
      port: 8080,
      env: { DB_HOST: 'ships-logbook.fleet.svc' },
    });
    suffer(world, crew, { error: 'getaddrinfo ENOTFOUND ships-logbook.fleet.svc', ago: 1189 });
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'volume-node-affinity-conflict',
            subject: subjectOf(volume),
            alsoAccept: [subjectOf(claim), subjectOf(log)],
            path: [at('Pod', 'fleet', 'ships-logbook-0'), at('Service', 'fleet', 'ships-logbook'), subjectOf(crew)],
          },
        ],
        forbidden: [subjectOf(crew), at('Service', 'fleet', 'ships-logbook'), ...world.list('Node').map(subjectOf)],
      },
    };
  },
};

export const STORAGE_STORIES: readonly Story[] = [goldTray, emptyShelf, soldOut, oneChair, otherShore];
