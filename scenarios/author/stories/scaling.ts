import { suffer } from '../dependants.ts';
import { record } from '../events.ts';
import type { Item } from '../item.ts';
import { addBudget, buildWorld } from '../neighbours.ts';
import { workersOf } from '../nodes.ts';
import { moveTo } from '../pods.ts';
import { rollOut } from '../rollout.ts';
import { addAutoscaler, scaleToZero } from '../scaling.ts';
import { unschedule } from '../scheduling.ts';
import { at, inContainer, type Story, subjectOf } from '../story.ts';
import { addWorkload } from '../workloads.ts';

const ABLE = {
  type: 'AbleToScale',
  status: 'True',
  reason: 'SucceededGetScale',
  message: "the HPA controller was able to get the target's current scale",
};

const ghost: Story = {
  name: 'after-the-weekend-nobody-came-back',
  title: 'The night watch was sent home and never called back',
  text: [
    'For a cost test on Friday the token desk was scaled to zero. Nobody scaled it up again; its Service still stands.',
    'On Monday check-in and the kiosk cannot get tokens. No warning anywhere: zero of zero pods is healthy.',
  ],
  build() {
    const world = buildWorld({
      seed: 201,
      now: '2026-09-14T06:58:00Z',
      serverVersion: 'v1.32.5',
      trade: 'hospital',
      nodes: 'aws',
      labels: 'recommended',
    });
    const desk = addWorkload(world, {
      namespace: 'front-desk',
      name: 'token-desk',
      image: 'harbor.stlucia.example/clinic/token-desk:3.2.2',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      revisions: 3,
    });
    scaleToZero(world, desk, 2.6 * 1440);
    const apps = ['self-checkin', 'waiting-kiosk'].map((name) =>
      addWorkload(world, {
        namespace: 'front-desk',
        name,
        image: `harbor.stlucia.example/clinic/${name}:1.8.0`,
        labels: 'recommended',
        replicas: 1,
        port: 8080,
        env: { TOKEN_URL: 'http://token-desk.front-desk.svc' },
      }),
    );
    for (const app of apps)
      suffer(world, app, { error: 'POST http://token-desk.front-desk.svc/token: connect: connection refused', ago: 74 });
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'scaled-to-zero',
            subject: subjectOf(desk),
            path: [at('Service', 'front-desk', 'token-desk'), subjectOf(apps[0] as Item)],
          },
        ],
        forbidden: [...apps.map(subjectOf), at('Service', 'front-desk', 'token-desk')],
        fixes: [[{ object: subjectOf(desk), path: 'spec.replicas', atLeast: 1 }]],
      },
    };
  },
};

const conductor: Story = {
  name: 'a-conductor-without-orchestra',
  title: 'A conductor in front of an empty stage',
  text: [
    'The merch counter was renamed from `merch-stall` to `merch-counter`; its autoscaler still conducts the old name.',
    'Under the evening load two pods have to do the work of six, and nothing tells.',
  ],
  build() {
    const world = buildWorld({
      seed: 202,
      now: '2026-07-11T21:33:00Z',
      serverVersion: 'v1.31.3',
      trade: 'festival',
      nodes: 'gke',
      labels: 'app',
    });
    const counter = addWorkload(world, {
      namespace: 'stages',
      name: 'merch-counter',
      image: 'ghcr.io/bigfield-live/merch-counter:2.0.0',
      replicas: 2,
      port: 8080,
      days: 5,
    });
    const hpa = addAutoscaler(world, {
      namespace: 'stages',
      name: 'merch-stall',
      target: 'merch-stall',
      min: 2,
      max: 8,
      ago: 90 * 1440,
      current: 0,
      conditions: [
        {
          type: 'AbleToScale',
          status: 'False',
          reason: 'FailedGetScale',
          message: 'the HPA controller was unable to get the target\'s current scale: deployments.apps "merch-stall" not found',
          ago: 5 * 1440,
        },
      ],
    });
    record(world, hpa, {
      type: 'Warning',
      reason: 'FailedGetScale',
      message: 'deployments.apps "merch-stall" not found',
      by: 'horizontal-pod-autoscaler',
      first: 5 * 1440,
      last: 0.2,
      count: 28790,
    });
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'autoscaler-target-missing', subject: subjectOf(hpa), alsoAccept: [at('Deployment', 'stages', 'merch-stall')] },
        ],
        forbidden: [subjectOf(counter), at('Service', 'stages', 'merch-counter')],
        fixes: [
          [{ object: subjectOf(hpa), path: 'spec.scaleTargetRef.name', equals: 'merch-counter' }],
          [{ object: subjectOf(hpa), exists: false }],
        ],
      },
    };
  },
};

const bathroomScale: Story = {
  name: 'a-scale-without-a-needle',
  title: 'Percent of what?',
  text: [
    'The crane planner scales on a percentage of its CPU request. A sidecar was added that requests nothing, so there is no percentage any more.',
  ],
  build() {
    const world = buildWorld({
      seed: 203,
      now: '2026-05-05T14:44:00Z',
      serverVersion: 'v1.33.3',
      trade: 'workshop',
      nodes: 'metal',
      labels: 'component',
    });
    const crane = addWorkload(world, {
      namespace: 'warehouse',
      name: 'crane-planner',
      image: 'registry.ironworks.example/plant/crane-planner:4.4.1',
      labels: 'component',
      replicas: 2,
      port: 8080,
      revisions: 2,
      sidecars: [{ image: 'docker.io/fluent/fluent-bit:3.2.1', name: 'shipper', resources: { limits: { memory: '128Mi' } } }],
    });
    const pod = world.firstPod(crane);
    const why = `failed to get cpu utilization: missing request for cpu in container shipper of Pod ${pod.metadata.name}`;
    const hpa = addAutoscaler(world, {
      namespace: 'warehouse',
      name: 'crane-planner',
      target: 'crane-planner',
      min: 2,
      max: 6,
      ago: 100 * 1440,
      current: 2,
      conditions: [
        { ...ABLE, ago: 100 * 1440 },
        {
          type: 'ScalingActive',
          status: 'False',
          reason: 'FailedGetResourceMetric',
          message: `the HPA was unable to compute the replica count: ${why}`,
          ago: 400,
        },
      ],
    });
    record(world, hpa, {
      type: 'Warning',
      reason: 'FailedGetResourceMetric',
      message: why,
      by: 'horizontal-pod-autoscaler',
      first: 400,
      last: 0.2,
      count: 1599,
    });
    record(world, hpa, {
      type: 'Warning',
      reason: 'FailedComputeMetricsReplicas',
      message: `invalid metrics (1 invalid out of 1), first error is: failed to get cpu resource metric value: ${why}`,
      by: 'horizontal-pod-autoscaler',
      first: 400,
      last: 0.2,
      count: 1599,
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'autoscaler-missing-requests', subject: subjectOf(crane), alsoAccept: [subjectOf(hpa)] }],
        forbidden: [at('Deployment', 'kube-system', 'metrics-server'), at('Service', 'warehouse', 'crane-planner')],
        fixes: [
          [{ object: subjectOf(crane), path: inContainer('shipper', 'resources.requests.cpu'), exists: true }],
          [{ object: subjectOf(hpa), path: 'spec.metrics[0].containerResource.container', equals: 'crane-planner' }],
        ],
      },
    };
  },
};

const gauge: Story = {
  name: 'the-gauge-on-the-dry-side',
  title: 'A gauge that no one reads',
  text: [
    'The parcel sorter should scale by the length of its queue, under a name that the metrics adapter has never heard of.',
    'CPU metrics work; other autoscalers are fine.',
  ],
  build() {
    const world = buildWorld({
      seed: 204,
      now: '2026-12-18T13:00:00Z',
      serverVersion: 'v1.30.8',
      trade: 'parcels',
      nodes: 'azure',
      labels: 'app',
    });
    const sorter = addWorkload(world, {
      namespace: 'sorting',
      name: 'peak-sorter',
      image: 'registry.swiftpost.example/ops/peak-sorter:3.1.0',
      replicas: 2,
      port: 8080,
    });
    const why =
      'unable to get metric parcels_waiting: unable to fetch metrics from custom metrics API: the server could not find the metric parcels_waiting for pods';
    const metrics = [{ pods: { metric: { name: 'parcels_waiting' }, target: { averageValue: '50', type: 'AverageValue' } }, type: 'Pods' }];
    const hpa = addAutoscaler(world, {
      namespace: 'sorting',
      name: 'peak-sorter',
      target: 'peak-sorter',
      min: 2,
      max: 20,
      metrics,
      ago: 1440,
      current: 2,
      conditions: [
        { ...ABLE, ago: 1439 },
        {
          type: 'ScalingActive',
          status: 'False',
          reason: 'FailedGetPodsMetric',
          message: `the HPA was unable to compute the replica count: ${why}`,
          ago: 1439,
        },
      ],
    });
    record(world, hpa, {
      type: 'Warning',
      reason: 'FailedGetPodsMetric',
      message: why,
      by: 'horizontal-pod-autoscaler',
      first: 1439,
      last: 0.2,
      count: 5755,
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'autoscaler-metric-unavailable', subject: subjectOf(hpa) }],
        forbidden: [subjectOf(sorter), at('Service', 'sorting', 'peak-sorter'), at('Deployment', 'kube-system', 'metrics-server')],
        fixes: [[{ object: subjectOf(hpa), path: 'spec.metrics[0].type', equals: 'Resource' }]],
      },
    };
  },
};

const lastMan: Story = {
  name: 'nobody-leaves-before-the-captain',
  title: 'Nobody may leave, so the ship cannot dock',
  text: [
    'A machine is to be replaced and has been drained since the morning. One pod stays: its disruption budget asks for as many pods as there are.',
    'The workload itself is perfectly healthy.',
  ],
  build() {
    const world = buildWorld({
      seed: 205,
      now: '2026-06-03T17:27:00Z',
      serverVersion: 'v1.31.8',
      trade: 'ferry',
      nodes: 'aws',
      labels: 'recommended',
    });
    const radar = addWorkload(world, {
      namespace: 'harbour',
      name: 'radar-mosaic',
      image: 'ghcr.io/northsound-lines/radar-mosaic:5.0.0',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
    });
    const budget = addBudget(world, 'harbour', 'radar-mosaic', 'recommended', { minAvailable: 2 });
    const node = world.get('Node', undefined, world.firstPod(radar).spec.nodeName);
    const others = workersOf(world).filter((each) => each !== node);
    for (const [index, pod] of world
      .list('Pod')
      .filter((each) => each.spec.nodeName === node.metadata.name && each.metadata.ownerReferences?.[0].kind !== 'DaemonSet')
      .entries())
      if (!world.podsOf(radar).includes(pod)) moveTo(pod, others[index % others.length] as Item);
    node.spec.unschedulable = true;
    node.spec.taints = [
      { effect: 'NoSchedule', key: 'karpenter.sh/disrupted' },
      { effect: 'NoSchedule', key: 'node.kubernetes.io/unschedulable', timeAdded: world.at(500) },
    ];
    world.touch(node, {
      manager: 'karpenter',
      ago: 500,
      paths: [
        ['spec', 'unschedulable'],
        ['spec', 'taints'],
      ],
    });
    record(world, node, {
      type: 'Warning',
      reason: 'FailedDraining',
      message: 'Failed to drain node, 1 pods are waiting to be evicted',
      by: 'karpenter',
      first: 500,
      last: 1,
      count: 250,
    });
    record(world, node, {
      reason: 'DisruptionBlocked',
      message: 'Cannot disrupt Node: pdb "harbour/radar-mosaic" prevents pod evictions',
      by: 'karpenter',
      first: 500,
      last: 3,
      count: 33,
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'disruption-budget-blocks', subject: subjectOf(budget) }],
        forbidden: [subjectOf(radar), subjectOf(node), at('Service', 'harbour', 'radar-mosaic')],
        fixes: [
          [{ object: subjectOf(budget), path: 'spec.minAvailable', atMost: 1 }],
          [{ object: subjectOf(budget), path: 'spec.maxUnavailable', atLeast: 1 }],
          [{ object: subjectOf(radar), path: 'spec.replicas', atLeast: 3 }],
          [{ object: subjectOf(budget), exists: false }],
        ],
      },
    };
  },
};

const fullTable: Story = {
  name: 'one-in-before-one-out',
  title: 'First a free chair, then you may stand up',
  text: [
    'The hive camera runs one pod on each of three machines and must not double up. Its rolling update wants one more pod before it stops an old one:',
    'there is no fourth machine, so the update waits for ever. The old version keeps running.',
  ],
  build() {
    const world = buildWorld({
      seed: 206,
      now: '2026-08-01T12:50:00Z',
      serverVersion: 'v1.30.6',
      trade: 'farm',
      nodes: 'gke',
      workers: 3,
      labels: 'app',
    });
    const term = { labelSelector: { matchLabels: { app: 'hive-camera' } }, topologyKey: 'kubernetes.io/hostname' };
    const camera = addWorkload(world, {
      namespace: 'fields',
      name: 'hive-camera',
      image: 'registry.greenacre.example/agri/hive-camera:1.4.0',
      replicas: 3,
      port: 8080,
      revisions: 2,
      pod: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
      spec: { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } },
    });
    for (const [index, pod] of world.podsOf(camera).entries()) moveTo(pod, workersOf(world)[index] as Item);
    rollOut(world, camera, {
      ago: 83,
      manager: 'argocd-controller',
      change: (template) => {
        template.spec.containers[0].image = 'registry.greenacre.example/agri/hive-camera:1.5.0';
      },
      paths: [['containers', 'name=hive-camera', 'image']],
      fail: (pod) => unschedule(world, pod, "node(s) didn't match pod anti-affinity rules", 82.9),
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'rollout-strategy-impossible', subject: subjectOf(camera), alsoAcceptCauses: ['affinity-unsatisfiable'] }],
        forbidden: [at('Service', 'fields', 'hive-camera'), ...world.list('Node').map(subjectOf)],
        fixes: [
          [{ object: subjectOf(camera), path: 'spec.strategy.rollingUpdate.maxUnavailable', atLeast: 1 }],
          [{ object: subjectOf(camera), path: 'spec.strategy.type', equals: 'Recreate' }],
          [
            {
              object: subjectOf(camera),
              path: 'spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution',
              exists: false,
            },
          ],
          [{ object: subjectOf(camera), path: 'spec.replicas', atMost: 2 }],
        ],
      },
    };
  },
};

export const SCALING_STORIES: readonly Story[] = [ghost, conductor, bathroomScale, gauge, lastMan, fullTable];
