import { suffer } from '../dependants.ts';
import { record } from '../events.ts';
import type { Item } from '../item.ts';
import { buildWorld } from '../neighbours.ts';
import { setNodeCondition } from '../nodes.ts';
import { crashLoop, evict, restartByProbe } from '../pod-states.ts';
import { renew } from '../pods.ts';
import { rollOut } from '../rollout.ts';
import { unschedule } from '../scheduling.ts';
import { at, inContainer, type Story, subjectOf } from '../story.ts';
import { addReplica, addWorkload } from '../workloads.ts';

const photoWeek: Story = {
  name: 'photo-week',
  title: 'Bigger pictures, the same little room',
  text: [
    'For photo week the heap of the thumbnail cutter was raised to 900 MiB, and its container limit stayed at 512 MiB.',
    'It starts, takes a few pictures, and the kernel kills it. No line in the log: the process has no time for last words.',
  ],
  build() {
    const world = buildWorld({
      seed: 131,
      now: '2026-05-18T18:36:00Z',
      serverVersion: 'v1.32.2',
      trade: 'newsroom',
      nodes: 'gke',
      labels: 'app',
    });
    const cutter = addWorkload(world, {
      namespace: 'delivery',
      name: 'thumbnail-cutter',
      image: 'registry.morningpost.example/desk/thumbnail-cutter:6.2.0',
      replicas: 3,
      port: 8080,
      revisions: 3,
      env: { JAVA_TOOL_OPTIONS: '-Xmx320m' },
    });
    const log = [
      `${world.at(1.9)} INFO thumbnail-cutter 6.2.0 up in 9.1 s`,
      `${world.at(1.6)} INFO cutting 4800x3200`,
      `${world.at(1.4)} INFO cutting 6000x4000`,
    ];
    rollOut(world, cutter, {
      ago: 88,
      change: (template) => {
        template.spec.containers[0].env[0].value = '-Xmx900m';
      },
      paths: [['containers', 'name=thumbnail-cutter', 'env', 'name=JAVA_TOOL_OPTIONS', 'value']],
      fail: (pod) =>
        crashLoop(world, pod, { container: 'thumbnail-cutter', exitCode: 137, reason: 'OOMKilled', restarts: 16, ago: 87, lived: 34, log }),
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'memory-limit-too-low', subject: subjectOf(cutter) }],
        forbidden: [at('Service', 'delivery', 'thumbnail-cutter'), ...world.list('Node').map(subjectOf)],
        fixes: [
          [{ object: subjectOf(cutter), path: inContainer('thumbnail-cutter', 'resources.limits.memory'), atLeast: '1Gi' }],
          [
            {
              object: subjectOf(cutter),
              path: inContainer('thumbnail-cutter', 'env[name=JAVA_TOOL_OPTIONS].value'),
              oneOf: ['-Xmx320m', '-Xmx384m'],
            },
          ],
        ],
      },
    };
  },
};

const slowMotion: Story = {
  name: 'finish-line-in-slow-motion',
  title: 'The referee takes eight seconds for a blink',
  text: [
    'A cost-saving change gave the anti-cheat referee a hundredth of a core. It still works, only so slowly that its health check',
    'times out and the kubelet restarts it over and over. The program, asked on a laptop, answers at once.',
  ],
  build() {
    const world = buildWorld({
      seed: 132,
      now: '2026-06-14T22:02:00Z',
      serverVersion: 'v1.31.1',
      trade: 'arcade',
      nodes: 'aws',
      labels: 'component',
    });
    const referee = addWorkload(world, {
      namespace: 'matches',
      name: 'fairplay-referee',
      image: 'ghcr.io/pixelforge-games/fairplay-referee:3.0.7',
      labels: 'component',
      replicas: 2,
      port: 8080,
      revisions: 2,
      container: {
        livenessProbe: {
          failureThreshold: 3,
          httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' },
          periodSeconds: 10,
          successThreshold: 1,
          timeoutSeconds: 2,
        },
        resources: { limits: { cpu: '500m', memory: '512Mi' }, requests: { cpu: '200m', memory: '256Mi' } },
      },
    });
    const log = [
      `${world.at(3)} INFO referee 3.0.7 starting`,
      `${world.at(2.1)} WARN rules loaded in 41.7 s (expected below 1 s)`,
      `${world.at(1.8)} WARN event loop delayed by 8123 ms`,
      `${world.at(1.7)} WARN cgroup cpu.stat: nr_periods 1190 nr_throttled 1188 throttled_usec 117202114`,
      `${world.at(1.65)} INFO SIGTERM received, leaving`,
    ];
    rollOut(world, referee, {
      ago: 63,
      manager: 'helm',
      change: (template) => {
        template.spec.containers[0].resources = { limits: { cpu: '10m', memory: '512Mi' }, requests: { cpu: '10m', memory: '256Mi' } };
      },
      paths: [
        ['containers', 'name=fairplay-referee', 'resources', 'limits', 'cpu'],
        ['containers', 'name=fairplay-referee', 'resources', 'requests', 'cpu'],
      ],
      fail: (pod) => {
        restartByProbe(world, pod, {
          container: 'fairplay-referee',
          probe: 'Liveness',
          saw: `Get "http://${pod.status.podIP}:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
          ago: 62,
          restarts: 14,
          exitCode: 137,
          lived: 71,
        });
        for (const name of ['fairplay-referee', 'fairplay-referee.previous']) world.log(pod, name, log);
      },
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'cpu-limit-too-low', subject: subjectOf(referee) }],
        forbidden: [at('Service', 'matches', 'fairplay-referee')],
        fixes: [
          [{ object: subjectOf(referee), path: inContainer('fairplay-referee', 'resources.limits.cpu'), atLeast: '200m' }],
          [{ object: subjectOf(referee), path: inContainer('fairplay-referee', 'resources.limits.cpu'), exists: false }],
        ],
      },
    };
  },
};

const confetti: Story = {
  name: 'confetti-on-the-floor',
  title: 'The shuttle planner fills its own floor',
  text: [
    'A debug switch makes the shuttle planner write every route it tries to /tmp. Each pod lives for forty minutes, passes its limit of 1 GiB',
    'of local storage, and is evicted; a trail of failed pods tells the story. Nodes have plenty of room.',
  ],
  build() {
    const world = buildWorld({
      seed: 133,
      now: '2026-07-04T20:20:00Z',
      serverVersion: 'v1.30.9',
      trade: 'festival',
      nodes: 'metal',
      labels: 'app',
    });
    const planner = addWorkload(world, {
      namespace: 'backstage',
      name: 'shuttle-router',
      image: 'ghcr.io/bigfield-live/shuttle-router:1.6.0',
      replicas: 1,
      port: 8080,
      revisions: 2,
      env: { DUMP_ROUTES: 'all' },
      container: {
        resources: {
          limits: { 'ephemeral-storage': '1Gi', memory: '512Mi' },
          requests: { cpu: '100m', 'ephemeral-storage': '200Mi', memory: '256Mi' },
        },
      },
    });
    const [set] = world.ownedBy(planner).filter((item) => item.spec.replicas > 0);
    const current = world.firstPod(planner);
    renew(world, current, 12);
    world.log(current, 'shuttle-router', [
      `${world.at(11)} INFO shuttle-router 1.6.0, dumping all routes to /tmp/routes`,
      `${world.at(1)} WARN /tmp/routes holds 311 MiB`,
    ]);
    for (const ended of [12.2, 53, 95, 136]) {
      const pod = addReplica(world, set as Item, ended + 40);
      evict(world, pod, 'Container shuttle-router exceeded its local ephemeral storage limit "1Gi". ', ended);
    }
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'ephemeral-storage-exhausted', subject: subjectOf(planner) }],
        forbidden: [at('Service', 'backstage', 'shuttle-router'), ...world.list('Node').map(subjectOf)],
        fixes: [
          [{ object: subjectOf(planner), path: inContainer('shuttle-router', 'resources.limits.ephemeral-storage'), atLeast: '4Gi' }],
          [{ object: subjectOf(planner), path: inContainer('shuttle-router', 'env[name=DUMP_ROUTES]'), exists: false }],
          [
            {
              object: subjectOf(planner),
              path: inContainer('shuttle-router', 'env[name=DUMP_ROUTES].value'),
              oneOf: ['none', 'off', 'false'],
            },
          ],
        ],
      },
    };
  },
};

const cellar: Story = {
  name: 'no-room-in-the-cellar',
  title: 'The barrel is full to the brim',
  text: [
    'The yield history of the dairy is kept in a database of 20 GiB, which is now full. The database panics at each write of its journal',
    'and restarts; what asks it gets refused connections. Kubernetes itself sees only exit codes.',
  ],
  build() {
    const world = buildWorld({
      seed: 134,
      now: '2026-08-30T03:33:00Z',
      serverVersion: 'v1.33.3',
      trade: 'farm',
      nodes: 'aws',
      labels: 'recommended',
    });
    const store = addWorkload(world, {
      namespace: 'dairy',
      name: 'yield-history',
      kind: 'StatefulSet',
      image: 'docker.io/timescale/timescaledb:2.17.2',
      labels: 'recommended',
      replicas: 1,
      port: 5432,
      claim: { size: '20Gi', class: 'gp3' },
      secret: { POSTGRES_PASSWORD: 'demo-only' },
    });
    const charts = addWorkload(world, {
      namespace: 'dairy',
      name: 'milk-charts',
      image: 'registry.greenacre.example/agri/milk-charts:1.19.0',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      env: { PGHOST: 'yield-history.dairy.svc' },
    });
    const log = [
      `${world.at(1.6)} UTC [1] LOG:  database system was shut down in recovery`,
      `${world.at(1.5)} UTC [29] PANIC:  could not write to file "pg_wal/xlogtemp.29": No space left on device`,
      `${world.at(1.5)} UTC [1] LOG:  startup process (PID 29) was terminated by signal 6: Aborted`,
      `${world.at(1.5)} UTC [1] LOG:  aborting startup due to startup process failure`,
    ];
    crashLoop(world, world.firstPod(store), { container: 'yield-history', exitCode: 1, restarts: 19, ago: 97, lived: 4, log });
    suffer(world, charts, {
      error: 'could not translate host name "yield-history.dairy.svc" to address: Name or service not known',
      ago: 96,
    });
    const claim = at('PersistentVolumeClaim', 'dairy', 'data-yield-history-0');
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'disk-full',
            subject: claim,
            alsoAccept: [subjectOf(store)],
            path: [subjectOf(store), at('Service', 'dairy', 'yield-history'), subjectOf(charts)],
          },
        ],
        forbidden: [subjectOf(charts), at('Service', 'dairy', 'yield-history'), at('Service', 'dairy', 'milk-charts')],
        fixes: [[{ object: claim, path: 'spec.resources.requests.storage', atLeast: '21Gi' }]],
      },
    };
  },
};

const heat: Story = {
  name: 'one-hot-machine-in-the-row',
  title: 'A machine with a full disk throws its guests out',
  text: [
    'Image layers and logs filled the disk of one machine. The kubelet reports pressure, taints the node and evicts pods without storage requests.',
    'Most of them found a place elsewhere. Kiln control must run in the hall of that machine and now waits.',
  ],
  build() {
    const world = buildWorld({
      seed: 135,
      now: '2026-09-24T15:49:00Z',
      serverVersion: 'v1.31.8',
      trade: 'workshop',
      nodes: 'metal',
      workers: 4,
      labels: 'app',
    });
    const node = world.list('Node')[2] as Item;
    (node.metadata.labels as Record<string, string>)['ironworks.example/kiln'] = 'true';
    const kiln = addWorkload(world, {
      namespace: 'quality',
      name: 'kiln-control',
      image: 'registry.ironworks.example/plant/kiln-control:2.2.2',
      replicas: 1,
      port: 8080,
      pod: { nodeSelector: { 'ironworks.example/kiln': 'true' } },
    });
    const first = world.firstPod(kiln);
    const message =
      'The node was low on resource: ephemeral-storage. Threshold quantity: 5126531850, available: 4891204Ki. Container kiln-control was using 88Ki, request is 0, has larger consumption of ephemeral-storage. ';
    const next = addReplica(world, world.ownedBy(kiln)[0] as Item, 37);
    evict(world, first, message, 37.2);
    setNodeCondition(world, node, {
      type: 'DiskPressure',
      status: 'True',
      reason: 'KubeletHasDiskPressure',
      message: 'kubelet has disk pressure',
      ago: 39,
    });
    node.spec.taints = [{ effect: 'NoSchedule', key: 'node.kubernetes.io/disk-pressure', timeAdded: world.at(39) }];
    record(world, node, {
      reason: 'NodeHasDiskPressure',
      message: `Node ${node.metadata.name} status is now: NodeHasDiskPressure`,
      by: 'kubelet',
      host: node.metadata.name,
      first: 39,
    });
    record(world, node, {
      type: 'Warning',
      reason: 'FreeDiskSpaceFailed',
      message:
        'Failed to garbage collect required amount of images. Attempted to free 6128391372 bytes, but only found 0 bytes eligible to free.',
      by: 'kubelet',
      host: node.metadata.name,
      first: 44,
      last: 4,
      count: 9,
    });
    record(world, node, {
      type: 'Warning',
      reason: 'EvictionThresholdMet',
      message: 'Attempting to reclaim ephemeral-storage',
      by: 'kubelet',
      host: node.metadata.name,
      first: 39,
      last: 1,
      count: 212,
    });
    unschedule(world, next, "node(s) didn't match Pod's node affinity/selector", 37);
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'node-pressure', subject: subjectOf(node), path: [subjectOf(kiln)] }],
        forbidden: [subjectOf(kiln), at('Service', 'quality', 'kiln-control')],
      },
    };
  },
};

export const RESOURCE_STORIES: readonly Story[] = [photoWeek, slowMotion, confetti, cellar, heat];
