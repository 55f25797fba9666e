import { addJob, addJobPod, failJob, finishPod } from '../batch.ts';
import { suffer } from '../dependants.ts';
import { record } from '../events.ts';
import type { Item } from '../item.ts';
import { buildWorld } from '../neighbours.ts';
import { workersOf } from '../nodes.ts';
import { silence } from '../outage.ts';
import { addIngress } from '../platform.ts';
import { crashLoop, failConfiguration, failPull, restartByProbe } from '../pod-states.ts';
import { moveTo, renew } from '../pods.ts';
import { quotaUsage } from '../quota.ts';
import { refusePods, rollOut } from '../rollout.ts';
import { addAutoscaler, scaleToZero } from '../scaling.ts';
import { newestOf } from '../settle.ts';
import { at, inContainer, type Story, subjectOf } from '../story.ts';
import { addReplica, addWorkload } from '../workloads.ts';
import { addApplication } from './gitops.ts';

const leaks: Story = {
  name: 'two-leaks-in-one-boat',
  title: 'Two leaks that have nothing to do with each other',
  text: [
    'Half an hour ago a release of the buoy watcher named a tag that does not exist. Since yesterday the Service of the anchor log selects',
    'a label that no pod has, and the deck tablet has been without it. Two teams, two mistakes, one evening.',
  ],
  build() {
    const world = buildWorld({
      seed: 231,
      now: '2026-03-13T20:08:00Z',
      serverVersion: 'v1.31.2',
      trade: 'ferry',
      nodes: 'gke',
      labels: 'k8s-app',
    });
    const image = 'ghcr.io/northsound-lines/buoy-watcher:2.5.0-rc';
    const buoy = addWorkload(world, {
      namespace: 'harbour',
      name: 'buoy-watcher',
      image: 'ghcr.io/northsound-lines/buoy-watcher:2.4.0',
      labels: 'k8s-app',
      replicas: 2,
      port: 8080,
      revisions: 2,
    });
    rollOut(world, buoy, {
      ago: 31,
      change: (template) => {
        template.spec.containers[0].image = image;
      },
      paths: [['containers', 'name=buoy-watcher', 'image']],
      fail: (pod) =>
        failPull(world, pod, {
          container: 'buoy-watcher',
          ago: 30.9,
          error: `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${image}: not found`,
        }),
    });
    const anchor = addWorkload(world, {
      namespace: 'fleet',
      name: 'anchor-log',
      image: 'ghcr.io/northsound-lines/anchor-log:1.0.3',
      labels: 'k8s-app',
      replicas: 2,
      port: 8080,
    });
    const service = world.get('Service', 'fleet', 'anchor-log');
    service.spec.selector = { 'k8s-app': 'anchorlog' };
    world.touch(service, { manager: 'kubectl-edit', ago: 1500, paths: [['spec', 'selector', 'k8s-app']] });
    const tablet = addWorkload(world, {
      namespace: 'fleet',
      name: 'deck-tablet',
      image: 'ghcr.io/northsound-lines/deck-tablet:3.0.0',
      labels: 'k8s-app',
      replicas: 1,
      port: 8080,
      env: { ANCHOR_LOG: 'http://anchor-log.fleet' },
    });
    suffer(world, tablet, { error: 'GET http://anchor-log.fleet/last: connect: connection refused', ago: 1499 });
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'image-not-found', subject: subjectOf(buoy) },
          { cause: 'service-selector-mismatch', subject: subjectOf(service), path: [subjectOf(tablet)] },
        ],
        forbidden: [subjectOf(anchor), subjectOf(tablet), at('Service', 'harbour', 'buoy-watcher')],
        fixes: [
          [
            { object: subjectOf(buoy), path: inContainer('buoy-watcher', 'image'), equals: 'ghcr.io/northsound-lines/buoy-watcher:2.4.0' },
            { object: subjectOf(service), path: 'spec.selector.k8s-app', equals: 'anchor-log' },
          ],
        ],
      },
    };
  },
};

const rain: Story = {
  name: 'rain-and-a-flat-tyre',
  title: 'It rains, and the tyre is flat too',
  text: [
    'The route solver dies of its memory limit since the number of stops doubled. At the same time the scooter app cannot start',
    'on its new node, because the Secret with its map key was never created in this cluster.',
  ],
  build() {
    const world = buildWorld({
      seed: 232,
      now: '2026-11-27T07:41:00Z',
      serverVersion: 'v1.33.0',
      trade: 'parcels',
      nodes: 'aws',
      labels: 'app',
    });
    const solver = addWorkload(world, {
      namespace: 'routes',
      name: 'stop-solver',
      image: 'registry.swiftpost.example/ops/stop-solver:4.2.0',
      replicas: 2,
      port: 8080,
      revisions: 2,
      container: { resources: { limits: { memory: '192Mi' }, requests: { cpu: '100m', memory: '128Mi' } } },
    });
    for (const pod of world.podsOf(solver))
      crashLoop(world, pod, {
        container: 'stop-solver',
        exitCode: 137,
        reason: 'OOMKilled',
        restarts: 25,
        ago: 128,
        lived: 48,
        log: [`${world.at(2.2)} INFO solving 812 stops`, `${world.at(1.5)} INFO iteration 210, best 91.4 km`],
      });
    const scooter = addWorkload(world, {
      namespace: 'tracking',
      name: 'scooter-app',
      image: 'registry.swiftpost.example/ops/scooter-app:1.1.0',
      replicas: 1,
      port: 8080,
      env: { MAP_KEY: { secretKeyRef: { key: 'key', name: 'map-tiles' } } },
      days: 1 / 24,
    });
    const pod = world.firstPod(scooter);
    failConfiguration(world, pod, 'scooter-app', 'secret "map-tiles" not found', 58);
    world.rollouts.set(scooter.metadata.uid as string, 60);
    const missing = at('Secret', 'tracking', 'map-tiles');
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'memory-limit-too-low', subject: subjectOf(solver), alsoAcceptCauses: ['memory-leak'] },
          { cause: 'secret-missing', subject: missing, alsoAccept: [subjectOf(scooter)] },
        ],
        forbidden: [at('Service', 'routes', 'stop-solver'), at('Service', 'tracking', 'scooter-app'), ...world.list('Node').map(subjectOf)],
        fixes: [
          [
            { object: subjectOf(solver), path: inContainer('stop-solver', 'resources.limits.memory'), atLeast: '256Mi' },
            { object: missing, path: 'data.key', exists: true },
          ],
        ],
      },
    };
  },
};

const breakfast: Story = {
  name: 'three-things-before-breakfast',
  title: 'Three things before breakfast',
  text: [
    'Nothing burns, three things are wrong: a program asks for a key its settings do not have, an ingress names a class of another cluster,',
    'and an autoscaler points at a workload that was renamed. None has to do with the others.',
  ],
  build() {
    const world = buildWorld({
      seed: 233,
      now: '2026-06-18T05:59:00Z',
      serverVersion: 'v1.30.4',
      trade: 'newsroom',
      nodes: 'azure',
      labels: 'recommended',
    });
    const settings = world.add(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'horoscope-settings', namespace: 'editorial' },
        data: { locale: 'en', tone: 'cheerful' },
      },
      30 * 1440,
      'kubectl-client-side-apply',
    );
    const stars = addWorkload(world, {
      namespace: 'editorial',
      name: 'horoscope-writer',
      image: 'registry.morningpost.example/desk/horoscope-writer:1.2.0',
      labels: 'recommended',
      replicas: 1,
      port: 8080,
      env: { ZODIAC: { configMapKeyRef: { key: 'zodiac', name: 'horoscope-settings' } } },
    });
    renew(world, world.firstPod(stars), 340);
    failConfiguration(
      world,
      world.firstPod(stars),
      'horoscope-writer',
      "couldn't find key zodiac in ConfigMap editorial/horoscope-settings",
      340,
    );
    const quiz = addWorkload(world, {
      namespace: 'audience',
      name: 'quiz-night',
      image: 'registry.morningpost.example/desk/quiz-night:2.0.0',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
    });
    const ingress = addIngress(world, {
      namespace: 'audience',
      name: 'quiz-night',
      host: 'quiz.morningpost.example',
      service: 'quiz-night',
      className: 'contour-public',
      ago: 2 * 1440,
    });
    ingress.status = { loadBalancer: {} };
    const sender = addWorkload(world, {
      namespace: 'delivery',
      name: 'dawn-sender-v2',
      image: 'registry.morningpost.example/desk/dawn-sender:2.0.0',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      days: 3,
    });
    const hpa = addAutoscaler(world, {
      namespace: 'delivery',
      name: 'dawn-sender',
      target: 'dawn-sender',
      min: 2,
      max: 5,
      ago: 90 * 1440,
      current: 0,
      conditions: [
        {
          type: 'AbleToScale',
          status: 'False',
          reason: 'FailedGetScale',
          message: 'the HPA controller was unable to get the target\'s current scale: deployments.apps "dawn-sender" not found',
          ago: 3 * 1440,
        },
      ],
    });
    record(world, hpa, {
      type: 'Warning',
      reason: 'FailedGetScale',
      message: 'deployments.apps "dawn-sender" not found',
      by: 'horizontal-pod-autoscaler',
      first: 3 * 1440,
      last: 0.2,
      count: 17272,
    });
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'configmap-key-missing', subject: subjectOf(settings), alsoAccept: [subjectOf(stars)] },
          { cause: 'ingress-class-missing', subject: subjectOf(ingress), alsoAccept: [at('IngressClass', undefined, 'contour-public')] },
          { cause: 'autoscaler-target-missing', subject: subjectOf(hpa), alsoAccept: [at('Deployment', 'delivery', 'dawn-sender')] },
        ],
        forbidden: [
          subjectOf(quiz),
          subjectOf(sender),
          at('Service', 'audience', 'quiz-night'),
          at('Service', 'delivery', 'dawn-sender-v2'),
        ],
        fixes: [
          [
            { object: subjectOf(settings), path: 'data.zodiac', exists: true },
            { object: subjectOf(ingress), path: 'spec.ingressClassName', equals: 'nginx' },
            { object: subjectOf(hpa), path: 'spec.scaleTargetRef.name', equals: 'dawn-sender-v2' },
          ],
        ],
      },
    };
  },
};

const storm: Story = {
  name: 'the-storm-and-the-fuse',
  title: 'A storm took a machine, a fuse took the import',
  text: [
    'A machine went silent twenty minutes ago. Long before that, the weekly weather import had failed on every try over a file it cannot read.',
    'It is tempting to blame the machine for both.',
  ],
  build() {
    const world = buildWorld({
      seed: 234,
      now: '2026-01-25T04:30:00Z',
      serverVersion: 'v1.32.7',
      trade: 'energy',
      nodes: 'metal',
      workers: 4,
      labels: 'component',
    });
    const job = addJob(world, {
      namespace: 'trading',
      name: 'weather-import-w04',
      image: 'quay.io/voltaire-grid/weather-import:6.0.0',
      spec: { backoffLimit: 2 },
      ago: 150,
    });
    for (const ago of [150, 146, 138])
      finishPod(world, addJobPod(world, job, ago), {
        exitCode: 65,
        ended: ago - 2,
        log: [
          'reading /in/ecmwf-w04.grib2',
          'grib_api: message 118: wrong length (expected 221844, got 0)',
          'import stopped: file is damaged',
        ],
      });
    failJob(world, job, { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit', ended: 136, failed: 3 });
    const node = world.list('Node')[4] as Item;
    const others = workersOf(world).filter((each) => each !== node);
    for (const [index, pod] of world.podsOf(job).entries()) moveTo(pod, others[index] as Item);
    const lost = world
      .list('Pod')
      .filter((pod) => pod.spec.nodeName === node.metadata.name && pod.metadata.ownerReferences?.[0].kind === 'ReplicaSet');
    silence(world, node, 20);
    for (const pod of lost)
      addReplica(world, world.get('ReplicaSet', pod.metadata.namespace, pod.metadata.ownerReferences?.[0].name), 14.8);
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'node-not-ready', subject: subjectOf(node) },
          { cause: 'job-backoff-exceeded', subject: subjectOf(job), alsoAcceptCauses: ['application-bug'] },
        ],
        forbidden: [at('DaemonSet', 'kube-system', 'kube-proxy')],
      },
    };
  },
};

const purse: Story = {
  name: 'a-full-purse-and-a-false-alarm',
  title: 'An empty purse and a false alarm',
  text: [
    'The loan calculator wants a fifth pod and the namespace has no memory budget left for it. In another namespace a health check',
    'asks for a page that needs a login, gets 401, and has the kubelet restart a healthy program every minute.',
  ],
  build() {
    const world = buildWorld({
      seed: 235,
      now: '2026-10-30T16:36:00Z',
      serverVersion: 'v1.31.11',
      trade: 'bank',
      nodes: 'aws',
      labels: 'app',
    });
    const loans = addWorkload(world, {
      namespace: 'lending',
      name: 'annuity-calculator',
      image: 'artifacts.meridian.example/core/annuity-calculator:3.3.0',
      replicas: 4,
      port: 8080,
      revisions: 2,
    });
    const spare = world.list('Pod', 'lending').length * 256;
    const quota = world.add(
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'lending-envelope', namespace: 'lending' },
        spec: { hard: { 'requests.memory': `${spare + 128}Mi` } },
      },
      200 * 1440,
      'kubectl-client-side-apply',
    );
    loans.spec.replicas = 5;
    loans.metadata.generation += 1;
    world.touch(loans, { manager: 'kubectl', ago: 43, paths: [['spec', 'replicas']] });
    const set = newestOf(world.ownedBy(loans)) as Item;
    set.spec.replicas = 5;
    const used = quotaUsage(world, quota)['requests.memory'];
    refusePods(
      world,
      set,
      `pods "{pod}" is forbidden: exceeded quota: lending-envelope, requested: requests.memory=256Mi, used: requests.memory=${used}, limited: requests.memory=${spare + 128}Mi`,
      43,
    );
    const live = (path: string) => ({
      failureThreshold: 3,
      httpGet: { path, port: 'http', scheme: 'HTTP' },
      periodSeconds: 10,
      successThreshold: 1,
      timeoutSeconds: 1,
    });
    const vault = addWorkload(world, {
      namespace: 'accounts',
      name: 'signature-vault',
      image: 'artifacts.meridian.example/core/signature-vault:2.2.0',
      replicas: 2,
      port: 8080,
      revisions: 2,
      container: { livenessProbe: live('/healthz') },
    });
    rollOut(world, vault, {
      ago: 95,
      change: (template) => {
        template.spec.containers[0].livenessProbe = live('/admin/health');
      },
      paths: [['containers', 'name=signature-vault', 'livenessProbe', 'httpGet', 'path']],
      fail: (pod) => {
        restartByProbe(world, pod, {
          container: 'signature-vault',
          probe: 'Liveness',
          saw: 'HTTP probe failed with statuscode: 401',
          ago: 94,
          restarts: 22,
          exitCode: 143,
          lived: 32,
        });
        for (const name of ['signature-vault', 'signature-vault.previous'])
          world.log(pod, name, [
            `${world.at(2.2)} INFO ready`,
            `${world.at(1.9)} WARN GET /admin/health 401 login required (kube-probe)`,
            `${world.at(1.7)} INFO stopping on SIGTERM`,
          ]);
      },
    });
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'quota-exceeded', subject: subjectOf(quota), alsoAccept: [subjectOf(loans)] },
          { cause: 'liveness-probe-wrong', subject: subjectOf(vault) },
        ],
        forbidden: [at('Service', 'lending', 'annuity-calculator'), at('Service', 'accounts', 'signature-vault')],
        fixes: [
          [
            { object: subjectOf(quota), path: 'spec.hard["requests.memory"]', atLeast: `${spare + 256}Mi` },
            { object: subjectOf(vault), path: inContainer('signature-vault', 'livenessProbe.httpGet.path'), equals: '/healthz' },
          ],
          [
            { object: subjectOf(loans), path: 'spec.replicas', atMost: 4 },
            { object: subjectOf(vault), path: inContainer('signature-vault', 'livenessProbe.httpGet.path'), equals: '/healthz' },
          ],
        ],
      },
    };
  },
};

const stagehand: Story = {
  name: 'asleep-and-turned-away',
  title: 'One is asleep, the other was turned away',
  text: [
    'The trophy cabinet was scaled to zero for a test yesterday, and the hall of fame misses it. Independently, the repository asks for a change',
    'to the dice roller that the API server refuses, so its application cannot be synced; the old version runs.',
  ],
  build() {
    const world = buildWorld({
      seed: 236,
      now: '2026-05-21T18:00:00Z',
      serverVersion: 'v1.33.5',
      trade: 'arcade',
      nodes: 'gke',
      labels: 'recommended',
      manager: 'argocd-controller',
    });
    const cabinet = addWorkload(world, {
      namespace: 'economy',
      name: 'trophy-cabinet',
      image: 'ghcr.io/pixelforge-games/trophy-cabinet:4.0.0',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      revisions: 2,
    });
    scaleToZero(world, cabinet, 1300);
    const hall = addWorkload(world, {
      namespace: 'economy',
      name: 'hall-of-fame',
      image: 'ghcr.io/pixelforge-games/hall-of-fame:2.2.2',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      env: { CABINET: 'http://trophy-cabinet.economy.svc' },
    });
    suffer(world, hall, { error: 'GET http://trophy-cabinet.economy.svc/top: connect: connection refused', ago: 1299 });
    const dice = addWorkload(world, {
      namespace: 'matches',
      name: 'dice-roller',
      image: 'ghcr.io/pixelforge-games/dice-roller:1.1.0',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      manager: 'argocd-controller',
    });
    const message =
      'one or more objects failed to apply, reason: Deployment.apps "dice-roller" is invalid: spec.template.spec.containers[0].resources.requests: Invalid value: "1Gi": must be less than or equal to memory limit of 512Mi. Retrying attempt #5 at 5:58PM.';
    const application = addApplication(world, {
      name: 'dice-roller',
      namespace: 'matches',
      repository: 'https://git.pixelforge.example/live/deploy.git',
      path: 'matches/dice-roller',
      status: {
        conditions: [
          {
            lastTransitionTime: world.at(210),
            message: 'Failed sync attempt to 7d3e0b1: one or more objects failed to apply (retried 5 times).',
            type: 'SyncError',
          },
        ],
        operationState: {
          finishedAt: world.at(2),
          message,
          operation: { retry: { limit: 5 }, sync: { revision: '7d3e0b1c4a5968f7e2d1c0b9a8f7e6d5c4b3a291' } },
          phase: 'Failed',
          retryCount: 5,
          startedAt: world.at(212),
        },
        sync: { revision: '7d3e0b1c4a5968f7e2d1c0b9a8f7e6d5c4b3a291', status: 'OutOfSync' },
      },
    });
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'scaled-to-zero', subject: subjectOf(cabinet), path: [at('Service', 'economy', 'trophy-cabinet'), subjectOf(hall)] },
          { cause: 'gitops-apply-rejected', subject: subjectOf(application) },
        ],
        forbidden: [subjectOf(hall), subjectOf(dice), at('Service', 'matches', 'dice-roller')],
      },
    };
  },
};

const lift: Story = {
  name: 'stuck-lift-and-cold-soup',
  title: 'The lift is stuck and the soup is cold',
  text: [
    'A new policy for the kitchen lets nobody in from the wards: the meal order app times out. And the bed planner, since its update, wants to watch nodes,',
    'which its cluster role does not allow.',
  ],
  build() {
    const world = buildWorld({
      seed: 237,
      now: '2026-12-11T11:31:00Z',
      serverVersion: 'v1.34.0',
      trade: 'hospital',
      nodes: 'metal',
      labels: 'k8s-app',
    });
    const kitchen = addWorkload(world, {
      namespace: 'front-desk',
      name: 'soup-kitchen',
      image: 'harbor.stlucia.example/clinic/soup-kitchen:1.3.0',
      labels: 'k8s-app',
      replicas: 2,
      port: 8080,
    });
    const orders = addWorkload(world, {
      namespace: 'wards',
      name: 'meal-orders',
      image: 'harbor.stlucia.example/clinic/meal-orders:2.0.0',
      labels: 'k8s-app',
      replicas: 2,
      port: 8080,
      env: { KITCHEN: 'http://soup-kitchen.front-desk.svc' },
    });
    const policy = world.add(
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'soup-kitchen', namespace: 'front-desk', generation: 1 },
        spec: {
          ingress: [{ from: [{ podSelector: {} }] }],
          podSelector: { matchLabels: { 'k8s-app': 'soup-kitchen' } },
          policyTypes: ['Ingress'],
        },
      },
      92,
      'kubectl-client-side-apply',
    );
    suffer(world, orders, { error: 'GET http://soup-kitchen.front-desk.svc/menu: dial tcp: i/o timeout', ago: 91 });
    const role = world.add(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'bed-planner' },
        rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }],
      },
      180 * 1440,
      'helm',
    );
    const beds = addWorkload(world, {
      namespace: 'wards',
      name: 'bed-planner',
      image: 'harbor.stlucia.example/clinic/bed-planner:5.0.0',
      labels: 'k8s-app',
      replicas: 1,
      serviceAccount: 'bed-planner',
      days: 1 / 4,
    });
    const binding = world.add(
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'bed-planner' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'bed-planner' },
        subjects: [{ kind: 'ServiceAccount', name: 'bed-planner', namespace: 'wards' }],
      },
      180 * 1440,
      'helm',
    );
    crashLoop(world, world.firstPod(beds), {
      container: 'bed-planner',
      exitCode: 1,
      restarts: 45,
      ago: 350,
      lived: 31,
      log: [
        'E1211 11:29:50.412 reflector.go:166] "Unhandled Error" err="failed to list *v1.Node: nodes is forbidden: User \\"system:serviceaccount:wards:bed-planner\\" cannot list resource \\"nodes\\" in API group \\"\\" at the cluster scope"',
        'F1211 11:29:58.001 main.go:71] cache did not sync within 30s',
      ],
    });
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'network-policy-blocks', subject: subjectOf(policy), path: [subjectOf(orders)] },
          {
            cause: 'rbac-missing-permission',
            subject: subjectOf(role),
            alsoAccept: [at('ServiceAccount', 'wards', 'bed-planner'), subjectOf(binding)],
          },
        ],
        forbidden: [subjectOf(kitchen), subjectOf(orders), subjectOf(beds), at('Service', 'front-desk', 'soup-kitchen')],
      },
    };
  },
};

export const TWOFOLD_STORIES: readonly Story[] = [leaks, rain, breakfast, storm, purse, stagehand, lift];
