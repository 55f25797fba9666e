import { record } from '../events.ts';
import type { Item } from '../item.ts';
import { buildWorld } from '../neighbours.ts';
import { workersOf } from '../nodes.ts';
import { addPod, moveTo, renew } from '../pods.ts';
import { amountOf, requestedOn } from '../quota.ts';
import { rollOut } from '../rollout.ts';
import { unschedule } from '../scheduling.ts';
import { at, inContainer, type Story, subjectOf } from '../story.ts';
import { addReplica, addWorkload } from '../workloads.ts';
import type { World } from '../world.ts';

const piano: Story = {
  name: 'a-grand-piano-in-the-lift',
  title: 'A program that asks for more than any machine has',
  text: [
    'The forecast for Saturday needs more memory, so its request was raised to 24 GiB, on machines of 16 GiB.',
    'The new pod waits for a machine that does not exist; the old one is still there and still too small.',
  ],
  build() {
    const world = buildWorld({
      seed: 141,
      now: '2026-10-10T08:14:00Z',
      serverVersion: 'v1.32.6',
      trade: 'energy',
      nodes: 'aws',
      labels: 'recommended',
    });
    const model = addWorkload(world, {
      namespace: 'dispatch',
      name: 'wind-model',
      image: 'quay.io/voltaire-grid/wind-model:12.4.0',
      labels: 'recommended',
      replicas: 1,
      port: 8080,
      revisions: 2,
      container: { resources: { limits: { memory: '8Gi' }, requests: { cpu: '1', memory: '8Gi' } } },
    });
    rollOut(world, model, {
      ago: 142,
      manager: 'argocd-controller',
      change: (template) => {
        template.spec.containers[0].resources = { limits: { memory: '24Gi' }, requests: { cpu: '1', memory: '24Gi' } };
      },
      paths: [
        ['containers', 'name=wind-model', 'resources', 'requests', 'memory'],
        ['containers', 'name=wind-model', 'resources', 'limits', 'memory'],
      ],
      fail: (pod) => unschedule(world, pod, 'Insufficient memory', 141.9),
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'insufficient-node-capacity', subject: subjectOf(model) }],
        forbidden: [at('Service', 'dispatch', 'wind-model'), ...world.list('Node').map(subjectOf)],
        fixes: [[{ object: subjectOf(model), path: inContainer('wind-model', 'resources.requests.memory'), atMost: '13Gi' }]],
      },
    };
  },
};

const eastWing: Story = {
  name: 'rooms-in-the-east-wing',
  title: 'Asking for a wing that was renamed',
  text: [
    'Machines used to carry the label wing=east; a new naming scheme made it hall=east. The specimen sorter still asks for the old one.',
    'It was fine until its pod was deleted for a kernel update, an hour ago.',
  ],
  build() {
    const world = buildWorld({
      seed: 142,
      now: '2026-01-14T06:02:00Z',
      serverVersion: 'v1.31.3',
      trade: 'hospital',
      nodes: 'metal',
      labels: 'k8s-app',
    });
    for (const [index, node] of world.list('Node').entries())
      (node.metadata.labels as Record<string, string>)['stlucia.example/hall'] = index % 2 === 0 ? 'east' : 'west';
    const sorter = addWorkload(world, {
      namespace: 'labs',
      name: 'vial-sorter',
      image: 'harbor.stlucia.example/clinic/vial-sorter:3.3.0',
      labels: 'k8s-app',
      replicas: 1,
      port: 8080,
    });
    sorter.spec.template.spec.nodeSelector = { 'stlucia.example/wing': 'east' };
    const [set] = world.ownedBy(sorter) as [Item];
    set.spec.template.spec.nodeSelector = { 'stlucia.example/wing': 'east' };
    world.remove(world.firstPod(sorter));
    const pod = addReplica(world, set, 64);
    unschedule(world, pod, "node(s) didn't match Pod's node affinity/selector", 64);
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'node-selector-unsatisfiable', subject: subjectOf(sorter) }],
        forbidden: [at('Service', 'labs', 'vial-sorter'), ...world.list('Node').map(subjectOf)],
        fixes: [
          [{ object: subjectOf(sorter), path: 'spec.template.spec.nodeSelector["stlucia.example/wing"]', exists: false }],
          ...world
            .list('Node')
            .map((node) => [{ object: subjectOf(node), path: 'metadata.labels["stlucia.example/wing"]', equals: 'east' }]),
        ],
      },
    };
  },
};

const neverTogether: Story = {
  name: 'cousins-who-never-share-a-table',
  title: 'More cousins than tables',
  text: [
    'The escrow keepers must not share a machine. There are four machines, and since this morning somebody wants six of them.',
    'Four run well. A scale-up is not a rollout: the Deployment claims to be progressing fine.',
  ],
  build() {
    const world = buildWorld({
      seed: 143,
      now: '2026-02-25T11:51:00Z',
      serverVersion: 'v1.30.2',
      trade: 'bank',
      nodes: 'gke',
      labels: 'app',
    });
    const term = { labelSelector: { matchLabels: { app: 'escrow-keeper' } }, topologyKey: 'kubernetes.io/hostname' };
    const keeper = addWorkload(world, {
      namespace: 'lending',
      name: 'escrow-keeper',
      image: 'artifacts.meridian.example/core/escrow-keeper:1.1.5',
      replicas: 4,
      port: 8080,
      revisions: 2,
      pod: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
    });
    spreadOverNodes(world, keeper);
    scale(world, keeper, 6, 185);
    const [set] = world.ownedBy(keeper).filter((item) => item.spec.replicas > 0) as [Item];
    for (let extra = 0; extra < 2; extra += 1)
      unschedule(world, addReplica(world, set, 185), "node(s) didn't match pod anti-affinity rules", 185);
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'affinity-unsatisfiable', subject: subjectOf(keeper) }],
        forbidden: [at('Service', 'lending', 'escrow-keeper'), ...world.list('Node').map(subjectOf)],
        fixes: [
          [{ object: subjectOf(keeper), path: 'spec.replicas', atMost: 4 }],
          [
            {
              object: subjectOf(keeper),
              path: 'spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution',
              exists: false,
            },
          ],
        ],
      },
    };
  },
};

/** One pod on each worker, in turn. */
function spreadOverNodes(world: World, workload: Item): void {
  const nodes = workersOf(world);
  for (const [index, pod] of world.podsOf(workload).entries()) {
    const node = nodes[index % nodes.length] as Item;
    moveTo(pod, node);
  }
}

function scale(world: World, deployment: Item, replicas: number, ago: number): void {
  const [set] = world.ownedBy(deployment).filter((item) => item.spec.replicas > 0) as [Item];
  record(world, deployment, {
    reason: 'ScalingReplicaSet',
    message: `Scaled up replica set ${set.metadata.name} from ${deployment.spec.replicas} to ${replicas}`,
    by: 'deployment-controller',
    first: ago,
  });
  world.touch(deployment, { manager: 'kubectl', ago, paths: [['spec', 'replicas']] });
  deployment.spec.replicas = replicas;
  deployment.metadata.generation += 1;
  set.spec.replicas = replicas;
  set.metadata.generation += 1;
  world.rollouts.set(deployment.metadata.uid as string, ago);
}

const reserved: Story = {
  name: 'reserved-for-the-orchestra',
  title: 'A new machine with a sign on the door',
  text: [
    'The render farm asks for the machines with graphics. They were re-installed and now carry the taint `reserved=orchestra:NoSchedule`,',
    'which the renderer does not tolerate. The selector is right; the sign on the door is what keeps it out.',
  ],
  build() {
    const world = buildWorld({
      seed: 144,
      now: '2026-06-19T12:40:00Z',
      serverVersion: 'v1.33.0',
      trade: 'festival',
      nodes: 'azure',
      workers: 5,
      labels: 'recommended',
    });
    const [a, b] = world.list('Node').slice(-2) as [Item, Item];
    for (const node of [a, b]) (node.metadata.labels as Record<string, string>)['bigfield.example/graphics'] = 'yes';
    const render = addWorkload(world, {
      namespace: 'stages',
      name: 'backdrop-renderer',
      image: 'ghcr.io/bigfield-live/backdrop-renderer:0.4.4',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      pod: { nodeSelector: { 'bigfield.example/graphics': 'yes' } },
    });
    for (const node of [a, b]) {
      node.spec.taints = [{ effect: 'NoSchedule', key: 'reserved', value: 'orchestra' }];
      world.touch(node, { manager: 'kubectl-taint', ago: 26 * 60, paths: [['spec', 'taints']] });
      for (const pod of world
        .list('Pod')
        .filter((each) => each.spec.nodeName === node.metadata.name && each.metadata.ownerReferences?.[0].kind === 'ReplicaSet'))
        moveTo(pod, workersOf(world)[0] as Item);
    }
    const others = new Map(
      world
        .list('Node')
        .slice(0, -2)
        .map((node) => [node.metadata.name, "node(s) didn't match Pod's node affinity/selector"]),
    );
    const [set] = world.ownedBy(render) as [Item];
    for (const pod of world.podsOf(render)) {
      world.remove(pod);
      unschedule(
        world,
        addPod(world, {
          owner: set,
          namespace: 'stages',
          name: `${set.metadata.name}-${world.random.suffix()}`,
          template: set.spec.template,
          ago: 25 * 60,
        }),
        '',
        25 * 60,
        others,
      );
    }
    const toleration = [{ effect: 'NoSchedule', key: 'reserved', operator: 'Equal', value: 'orchestra' }];
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'taint-not-tolerated', subject: subjectOf(render), alsoAccept: [subjectOf(a), subjectOf(b)] }],
        forbidden: [at('Service', 'stages', 'backdrop-renderer')],
        fixes: [
          [
            {
              object: subjectOf(render),
              path: 'spec.template.spec.tolerations',
              oneOf: [
                toleration,
                [{ key: 'reserved', operator: 'Exists' }],
                [{ key: 'reserved', operator: 'Exists', effect: 'NoSchedule' }],
                [{ key: 'reserved', operator: 'Equal', value: 'orchestra' }],
              ],
            },
          ],
          [{ object: subjectOf(a), path: 'spec.taints', exists: false }],
          [{ object: subjectOf(b), path: 'spec.taints', exists: false }],
        ],
      },
    };
  },
};

const threeHalls: Story = {
  name: 'evenly-over-three-halls',
  title: 'A third hall that exists on paper',
  text: [
    'Lockers are spread evenly over the zones, at most one apart. One machine lost its zone label when it was re-installed,',
    'and the last machine of its zone is cordoned on purpose for a fan repair. The third locker pod now fits nowhere.',
  ],
  build() {
    const world = buildWorld({
      seed: 145,
      now: '2026-12-15T19:05:00Z',
      serverVersion: 'v1.31.6',
      trade: 'parcels',
      nodes: 'aws',
      workers: 4,
      labels: 'app',
    });
    const spread = [
      {
        labelSelector: { matchLabels: { app: 'locker-doors' } },
        maxSkew: 1,
        topologyKey: 'swiftpost.example/hall',
        whenUnsatisfiable: 'DoNotSchedule',
      },
    ];
    for (const [index, node] of world.list('Node').entries())
      if (index > 0) (node.metadata.labels as Record<string, string>)['swiftpost.example/hall'] = index === 3 ? 'south' : 'north';
    const doors = addWorkload(world, {
      namespace: 'tracking',
      name: 'locker-doors',
      image: 'registry.swiftpost.example/ops/locker-doors:2.9.0',
      replicas: 3,
      port: 8080,
      pod: { topologySpreadConstraints: spread, nodeSelector: { 'kubernetes.io/os': 'linux' } },
    });
    const [north, south] = [world.list('Node')[1] as Item, world.list('Node')[3] as Item];
    const pods = world.podsOf(doors);
    for (const pod of pods) moveTo(pod, north);
    south.spec.unschedulable = true;
    south.spec.taints = [{ effect: 'NoSchedule', key: 'node.kubernetes.io/unschedulable', timeAdded: world.at(200) }];
    const [, , third] = pods as [Item, Item, Item];
    renew(world, third, 90);
    const others = new Map([
      [(world.list('Node')[0] as Item).metadata.name, "node(s) didn't match pod topology spread constraints (missing required label)"],
    ]);
    unschedule(world, third, "node(s) didn't match pod topology spread constraints", 90, others);
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'topology-spread-unsatisfiable',
            subject: subjectOf(doors),
            alsoAccept: [subjectOf(south)],
            alsoAcceptCauses: ['node-cordoned'],
          },
        ],
        forbidden: [at('Service', 'tracking', 'locker-doors')],
        fixes: [
          [
            {
              object: subjectOf(doors),
              path: 'spec.template.spec.topologySpreadConstraints[0].whenUnsatisfiable',
              equals: 'ScheduleAnyway',
            },
          ],
          [{ object: subjectOf(doors), path: 'spec.template.spec.topologySpreadConstraints[0].maxSkew', atLeast: 3 }],
          [{ object: subjectOf(doors), path: 'spec.template.spec.topologySpreadConstraints', exists: false }],
          [{ object: subjectOf(south), path: 'spec.unschedulable', exists: false }],
        ],
      },
    };
  },
};

const oneDoor: Story = {
  name: 'two-ushers-one-door',
  title: 'Two ushers want the same door',
  text: [
    'The floor-plan beacon listens on port 9200 of the machine itself, and so does the humidity collector that was installed on all machines last month.',
    'The beacon was restarted today: no machine has the port free.',
  ],
  build() {
    const world = buildWorld({
      seed: 146,
      now: '2026-03-03T13:13:00Z',
      serverVersion: 'v1.29.8',
      trade: 'museum',
      nodes: 'metal',
      labels: 'k8s-app',
    });
    const ports = [{ containerPort: 9200, hostPort: 9200, name: 'beacon', protocol: 'TCP' }];
    const collector = addWorkload(world, {
      namespace: 'conservation',
      name: 'moisture-probe',
      kind: 'DaemonSet',
      image: 'quay.io/galleria-nova/moisture-probe:1.0.1',
      labels: 'k8s-app',
      days: 30,
      container: { ports },
    });
    const beacon = addWorkload(world, {
      namespace: 'visitors',
      name: 'floor-beacon',
      image: 'quay.io/galleria-nova/floor-beacon:5.2.0',
      labels: 'k8s-app',
      replicas: 1,
      days: 300,
      container: { ports },
    });
    const [set] = world.ownedBy(beacon) as [Item];
    world.remove(world.firstPod(beacon));
    unschedule(world, addReplica(world, set, 47), "node(s) didn't have free ports for the requested pod ports", 47);
    const port = (workload: Item, name: string, value: number) => [
      {
        object: subjectOf(workload),
        path: inContainer(name, 'ports[0].hostPort'),
        ...(value === 0 ? { exists: false } : { equals: value }),
      },
    ];
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'host-port-conflict', subject: subjectOf(beacon), alsoAccept: [subjectOf(collector)] }],
        forbidden: world.list('Node').map(subjectOf),
        fixes: [
          port(beacon, 'floor-beacon', 0),
          port(beacon, 'floor-beacon', 9201),
          port(collector, 'moisture-probe', 0),
          port(collector, 'moisture-probe', 9201),
        ],
      },
    };
  },
};

const royalVisit: Story = {
  name: 'the-royal-visit',
  title: 'Everybody makes room for the guest of honour',
  text: [
    'The evening auction came with a high priority class and three big pods. The cluster was nearly full:',
    'the scheduler pushed the replay archive out to make room, and there is no place left for it.',
  ],
  build() {
    const world = buildWorld({
      seed: 147,
      now: '2026-11-20T20:31:00Z',
      serverVersion: 'v1.32.4',
      trade: 'arcade',
      nodes: 'aws',
      workers: 3,
      labels: 'app',
    });
    world.add(
      {
        apiVersion: 'scheduling.k8s.io/v1',
        description: 'Evening events',
        kind: 'PriorityClass',
        metadata: { name: 'prime-time' },
        preemptionPolicy: 'PreemptLowerPriority',
        value: 100000,
      },
      55,
      'kubectl-create',
    );
    const big = (cpu: string) => ({ resources: { limits: { memory: '2Gi' }, requests: { cpu, memory: '2Gi' } } });
    const archive = addWorkload(world, {
      namespace: 'matches',
      name: 'replay-vault',
      image: 'ghcr.io/pixelforge-games/replay-vault:2.4.4',
      replicas: 2,
      port: 8080,
      revisions: 2,
      container: big('2'),
    });
    const victims = world.podsOf(archive);
    const auction = addWorkload(world, {
      namespace: 'economy',
      name: 'evening-auction',
      image: 'ghcr.io/pixelforge-games/evening-auction:1.0.0',
      replicas: 3,
      port: 8080,
      days: 1 / 30,
      container: big('3'),
      pod: { priority: 100000, priorityClassName: 'prime-time' },
    });
    const guests = world.podsOf(auction);
    const nodes = workersOf(world);
    for (const [index, pod] of guests.entries()) {
      moveTo(pod, nodes[index] as Item);
      renew(world, pod, 48);
    }
    const [set] = world.ownedBy(archive).filter((item) => item.spec.replicas > 0) as [Item];
    for (const [index, victim] of victims.entries()) {
      record(world, victim, {
        reason: 'Preempted',
        message: `Preempted by pod ${guests[index]?.metadata.uid} on node ${nodes[index]?.metadata.name}`,
        by: 'default-scheduler',
        first: 48,
      });
      world.remove(victim);
      unschedule(world, addReplica(world, set, 47.9), 'Insufficient cpu', 47.9);
    }
    for (const node of nodes)
      if (amountOf(node.status.allocatable.cpu) - requestedOn(world, node, 'cpu') >= 2)
        throw new Error('There is room for the victims after all.');
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'preempted-by-priority',
            subject: subjectOf(archive),
            alsoAccept: [subjectOf(auction), at('PriorityClass', undefined, 'prime-time')],
            alsoAcceptCauses: ['insufficient-node-capacity'],
          },
        ],
        forbidden: [at('Service', 'matches', 'replay-vault'), ...world.list('Node').map(subjectOf)],
        fixes: [
          [{ object: subjectOf(auction), path: inContainer('evening-auction', 'resources.requests.cpu'), atMost: '1500m' }],
          [{ object: subjectOf(auction), path: 'spec.replicas', atMost: 1 }],
          [{ object: subjectOf(archive), path: 'spec.template.spec.priorityClassName', equals: 'prime-time' }],
          [{ object: subjectOf(archive), path: inContainer('replay-vault', 'resources.requests.cpu'), atMost: '500m' }],
        ],
      },
    };
  },
};

export const SCHEDULING_STORIES: readonly Story[] = [piano, eastWing, neverTogether, reserved, threeHalls, oneDoor, royalVisit];
