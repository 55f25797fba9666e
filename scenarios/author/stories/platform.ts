import { addCronJob, addGoodRun, addJob, addJobPod, failJob, finishPod, runNumber } from '../batch.ts';
import { suffer } from '../dependants.ts';
import { record } from '../events.ts';
import type { Item } from '../item.ts';
import { buildWorld } from '../neighbours.ts';
import { workersOf } from '../nodes.ts';
import { cordon, silence } from '../outage.ts';
import { addNamespace } from '../platform.ts';
import { crashLoop, failReadiness } from '../pod-states.ts';
import { moveTo } from '../pods.ts';
import { rollOut } from '../rollout.ts';
import { addAutoscaler } from '../scaling.ts';
import { unschedule } from '../scheduling.ts';
import { at, inContainer, type Story, subjectOf } from '../story.ts';
import { addReplica, addWorkload } from '../workloads.ts';

const blackout: Story = {
  name: 'lights-out-in-row-four',
  title: 'A machine stops answering',
  text: [
    'A power supply failed fourteen minutes ago. Deployments have already made new pods elsewhere; the StatefulSet may not,',
    'since nobody knows whether its pod is really gone. Its users wait.',
  ],
  build() {
    const world = buildWorld({
      seed: 211,
      now: '2026-10-15T02:24:00Z',
      serverVersion: 'v1.32.1',
      trade: 'energy',
      nodes: 'metal',
      workers: 4,
      labels: 'app',
    });
    const store = addWorkload(world, {
      namespace: 'metering',
      name: 'reading-vault',
      kind: 'StatefulSet',
      image: 'docker.io/library/cassandra:5.0.2',
      replicas: 1,
      port: 9042,
      claim: { size: '200Gi', class: 'ceph-block' },
    });
    const reader = addWorkload(world, {
      namespace: 'metering',
      name: 'bill-preview',
      image: 'quay.io/voltaire-grid/bill-preview:2.1.0',
      replicas: 2,
      port: 8080,
      env: { CASSANDRA: 'reading-vault.metering.svc' },
    });
    const node = world.get('Node', undefined, world.firstPod(store).spec.nodeName);
    for (const pod of world.podsOf(reader))
      if (pod.spec.nodeName === node.metadata.name) moveTo(pod, workersOf(world).find((each) => each !== node) as Item);
    const lost = world
      .list('Pod')
      .filter((pod) => pod.spec.nodeName === node.metadata.name && pod.metadata.ownerReferences?.[0].kind === 'ReplicaSet');
    silence(world, node, 14);
    for (const pod of lost) {
      const [owner] = pod.metadata.ownerReferences as [{ name: string }];
      addReplica(world, world.get('ReplicaSet', pod.metadata.namespace, owner.name), 8.9);
    }
    suffer(world, reader, {
      error:
        'gocql: unable to create session: unable to discover protocol version: lookup reading-vault.metering.svc on 10.96.0.10:53: no such host',
      ago: 13,
    });
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'node-not-ready',
            subject: subjectOf(node),
            path: [at('Pod', 'metering', 'reading-vault-0'), at('Service', 'metering', 'reading-vault'), subjectOf(reader)],
          },
        ],
        forbidden: [
          subjectOf(store),
          subjectOf(reader),
          at('Service', 'metering', 'reading-vault'),
          at('DaemonSet', 'kube-system', 'kube-proxy'),
        ],
      },
    };
  },
};

const roadworks: Story = {
  name: 'roadworks-sign-left-behind',
  title: 'The road works are over, the sign still stands',
  text: [
    'The one machine with the label printer hardware was cordoned for an update three days ago and never opened again.',
    'Its pod was deleted this morning by a well-meant restart and finds no way back.',
  ],
  build() {
    const world = buildWorld({
      seed: 212,
      now: '2026-03-26T05:35:00Z',
      serverVersion: 'v1.31.6',
      trade: 'parcels',
      nodes: 'metal',
      workers: 4,
      labels: 'recommended',
    });
    const node = world.list('Node')[3] as Item;
    (node.metadata.labels as Record<string, string>)['swiftpost.example/franking'] = 'true';
    const stamp = addWorkload(world, {
      namespace: 'sorting',
      name: 'franking-head',
      image: 'registry.swiftpost.example/ops/franking-head:1.1.1',
      labels: 'recommended',
      replicas: 1,
      port: 8080,
      pod: { nodeSelector: { 'swiftpost.example/franking': 'true' } },
    });
    cordon(world, node, 3 * 1440);
    const [set] = world.ownedBy(stamp) as [Item];
    world.remove(world.firstPod(stamp));
    const others = new Map(workersOf(world).map((each) => [each.metadata.name, "node(s) didn't match Pod's node affinity/selector"]));
    unschedule(world, addReplica(world, set, 66), '', 66, others);
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'node-cordoned', subject: subjectOf(node), path: [subjectOf(stamp)] }],
        forbidden: [subjectOf(stamp), at('Service', 'sorting', 'franking-head')],
        fixes: [
          [{ object: subjectOf(node), path: 'spec.unschedulable', exists: false }],
          [{ object: subjectOf(node), path: 'spec.unschedulable', equals: false }],
        ],
      },
    };
  },
};

const barometer: Story = {
  name: 'the-barometer-fell-off-the-wall',
  title: 'Every instrument reads nothing',
  text: [
    'Since its upgrade the metrics server refuses a flag and keeps crashing, so the metrics API is unavailable.',
    'Two autoscalers in different namespaces report that they cannot see. They are innocent.',
  ],
  build() {
    const world = buildWorld({
      seed: 213,
      now: '2026-11-23T15:01:00Z',
      serverVersion: 'v1.33.2',
      trade: 'newsroom',
      nodes: 'gke',
      labels: 'component',
    });
    const metrics = world.get('Deployment', 'kube-system', 'metrics-server');
    const service = world.get('APIService', undefined, 'v1beta1.metrics.k8s.io');
    service.status.conditions = [
      {
        lastTransitionTime: world.at(88),
        message: 'endpoints for service/metrics-server in "kube-system" have no addresses with port name "https"',
        reason: 'MissingEndpoints',
        status: 'False',
        type: 'Available',
      },
    ];
    metrics.spec.strategy = { type: 'Recreate' };
    const log = ['Error: unknown flag: --deprecated-kubelet-completely-insecure', 'Usage:', '   [flags]'];
    rollOut(world, metrics, {
      ago: 90,
      manager: 'helm',
      change: (template) => {
        template.spec.containers[0].args.push('--deprecated-kubelet-completely-insecure');
      },
      paths: [['containers', 'name=metrics-server', 'args']],
      fail: (pod) => crashLoop(world, pod, { container: 'metrics-server', exitCode: 1, restarts: 22, ago: 89.9, lived: 1, log }),
    });
    const why =
      'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server is currently unable to handle the request (get pods.metrics.k8s.io)';
    const scalers = [
      ['delivery', 'push-sender'],
      ['audience', 'poll-box'],
    ].map(([namespace, name]) => {
      addWorkload(world, {
        namespace: namespace as string,
        name: name as string,
        image: `registry.morningpost.example/desk/${name}:1.5.0`,
        labels: 'component',
        replicas: 2,
        port: 8080,
      });
      const hpa = addAutoscaler(world, {
        namespace: namespace as string,
        name: name as string,
        target: name as string,
        min: 2,
        max: 9,
        ago: 70 * 1440,
        current: 2,
        conditions: [
          {
            type: 'AbleToScale',
            status: 'True',
            reason: 'SucceededGetScale',
            message: "the HPA controller was able to get the target's current scale",
            ago: 70 * 1440,
          },
          {
            type: 'ScalingActive',
            status: 'False',
            reason: 'FailedGetResourceMetric',
            message: `the HPA was unable to compute the replica count: ${why}`,
            ago: 87,
          },
        ],
      });
      record(world, hpa, {
        type: 'Warning',
        reason: 'FailedGetResourceMetric',
        message: why,
        by: 'horizontal-pod-autoscaler',
        first: 87,
        last: 0.2,
        count: 347,
      });
      return hpa;
    });
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'api-service-unavailable',
            subject: subjectOf(service),
            alsoAccept: [subjectOf(metrics)],
            alsoAcceptCauses: ['wrong-command'],
            path: scalers.slice(0, 1).map(subjectOf),
          },
        ],
        forbidden: [...scalers.map(subjectOf), at('Deployment', 'delivery', 'push-sender'), at('Deployment', 'audience', 'poll-box')],
        fixes: [
          [
            {
              object: subjectOf(metrics),
              path: inContainer('metrics-server', 'args'),
              equals: ['--cert-dir=/tmp', '--secure-port=10250', '--kubelet-use-node-status-port', '--metric-resolution=15s'],
            },
          ],
        ],
      },
    };
  },
};

const guest: Story = {
  name: 'a-guest-who-will-not-leave',
  title: 'The party is over and one guest stays',
  text: [
    'A test namespace was deleted yesterday. One object in it has a finalizer of an operator that was uninstalled last week,',
    'so the namespace stays Terminating. Nothing else is affected, except that the name cannot be used again.',
  ],
  build() {
    const world = buildWorld({
      seed: 214,
      now: '2026-02-03T11:11:00Z',
      serverVersion: 'v1.30.12',
      trade: 'arcade',
      nodes: 'azure',
      labels: 'k8s-app',
    });
    const namespace = addNamespace(world, 'spring-cup-test');
    namespace.metadata.deletionTimestamp = world.at(1380);
    const condition = (type: string, status: string, reason: string, message: string) => ({
      lastTransitionTime: world.at(1379),
      message,
      reason,
      status,
      type,
    });
    namespace.status = {
      conditions: [
        condition('NamespaceDeletionDiscoveryFailure', 'False', 'ResourcesDiscovered', 'All resources successfully discovered'),
        condition(
          'NamespaceDeletionGroupVersionParsingFailure',
          'False',
          'ParsedGroupVersions',
          'All legacy kube types successfully parsed',
        ),
        condition(
          'NamespaceDeletionContentFailure',
          'False',
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        ),
        condition(
          'NamespaceContentRemaining',
          'True',
          'SomeResourcesRemain',
          'Some resources are remaining: brackets.cup.pixelforge.example has 1 resource instances',
        ),
        condition(
          'NamespaceFinalizersRemaining',
          'True',
          'SomeFinalizersRemain',
          'Some content in the namespace has finalizers remaining: cup.pixelforge.example/settle in 1 resource instances',
        ),
      ],
      phase: 'Terminating',
    };
    for (const item of [
      world.get('ConfigMap', 'spring-cup-test', 'kube-root-ca.crt'),
      world.get('ServiceAccount', 'spring-cup-test', 'default'),
    ])
      world.remove(item);
    world.add(
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'brackets.cup.pixelforge.example' },
        spec: {
          group: 'cup.pixelforge.example',
          names: { kind: 'Bracket', listKind: 'BracketList', plural: 'brackets', singular: 'bracket' },
          scope: 'Namespaced',
          versions: [
            {
              name: 'v1',
              schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
              served: true,
              storage: true,
            },
          ],
        },
        status: {
          acceptedNames: { kind: 'Bracket', plural: 'brackets' },
          conditions: [
            {
              lastTransitionTime: world.at(100 * 1440),
              message: 'the initial names have been accepted',
              reason: 'InitialNamesAccepted',
              status: 'True',
              type: 'Established',
            },
          ],
          storedVersions: ['v1'],
        },
      },
      100 * 1440,
      'helm',
    );
    const bracket = world.add(
      {
        apiVersion: 'cup.pixelforge.example/v1',
        kind: 'Bracket',
        metadata: {
          name: 'spring-2026',
          namespace: 'spring-cup-test',
          finalizers: ['cup.pixelforge.example/settle'],
          deletionTimestamp: world.at(1379),
          deletionGracePeriodSeconds: 0,
        },
        spec: { teams: 16 },
      },
      20 * 1440,
      'kubectl-client-side-apply',
    );
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'finalizer-stuck',
            subject: subjectOf(bracket),
            alsoAccept: [subjectOf(namespace)],
            alsoAcceptCauses: ['controller-down'],
          },
        ],
        fixes: [
          [{ object: subjectOf(bracket), path: 'metadata.finalizers[0]', exists: false }],
          [{ object: subjectOf(bracket), exists: false }],
        ],
      },
    };
  },
};

const invoices: Story = {
  name: 'invoices-for-the-night-owl',
  title: 'The nightly statements give up',
  text: [
    'The nightly run tried its statement job four times and stopped. Each try ended at the same customer. Earlier nights were fine.',
    'The pods are kept; the last lines of their log say what happened.',
  ],
  build() {
    const world = buildWorld({
      seed: 215,
      now: '2026-05-27T05:10:00Z',
      serverVersion: 'v1.31.7',
      trade: 'bank',
      nodes: 'metal',
      labels: 'recommended',
    });
    const cron = addCronJob(world, {
      namespace: 'accounts',
      name: 'night-statements',
      schedule: '30 2 * * *',
      image: 'artifacts.meridian.example/core/night-statements:9.3.0',
      lastRun: 160,
      jobSpec: { backoffLimit: 3 },
    });
    addGoodRun(world, cron, 160 + 1440);
    const job = addJob(world, {
      namespace: 'accounts',
      name: `night-statements-${runNumber(world, 160)}`,
      image: 'artifacts.meridian.example/core/night-statements:9.3.0',
      container: { name: 'night-statements' },
      spec: { backoffLimit: 3 },
      ago: 160,
      owner: cron,
    });
    for (const [index, ago] of [160, 155, 149, 140].entries())
      finishPod(world, addJobPod(world, job, ago), {
        exitCode: 1,
        ended: ago - 3,
        log: [
          `statement run, attempt ${index + 1}`,
          'customer 40117: overdraft table row has negative interest days (-4)',
          'ValueError: interest days must not be negative',
        ],
      });
    failJob(world, job, { reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit', ended: 137, failed: 4 });
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'job-backoff-exceeded', subject: subjectOf(cron), alsoAccept: [subjectOf(job)], alsoAcceptCauses: ['application-bug'] },
        ],
      },
    };
  },
};

const marathon: Story = {
  name: 'the-marathon-is-closed-at-noon',
  title: 'Stopped by the clock, not by the road',
  text: [
    'The yearly re-index takes about three hours since the archive doubled. Its Job may take one. It was making steady progress when it was ended.',
  ],
  build() {
    const world = buildWorld({
      seed: 216,
      now: '2026-01-03T13:20:00Z',
      serverVersion: 'v1.32.4',
      trade: 'bookshop',
      nodes: 'aws',
      labels: 'app',
    });
    const job = addJob(world, {
      namespace: 'catalogue',
      name: 'yearly-reindex',
      image: 'registry.inkwell.example/shop/yearly-reindex:2.0.0',
      spec: { activeDeadlineSeconds: 3600, backoffLimit: 1 },
      ago: 100,
    });
    const pod = addJobPod(world, job, 100);
    finishPod(world, pod, {
      exitCode: 143,
      ended: 39.5,
      log: [
        `${world.at(99)} re-index started, 4211034 titles`,
        `${world.at(70)} 1400000 of 4211034 (33 %)`,
        `${world.at(41)} 2170000 of 4211034 (52 %), no errors`,
        `${world.at(40)} SIGTERM`,
      ],
    });
    world.remove(pod);
    for (const name of [...world.logs.keys()]) if (name.includes('yearly-reindex')) world.logs.delete(name);
    failJob(world, job, { reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline', ended: 40, failed: 1 });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'job-deadline-exceeded', subject: subjectOf(job) }],
        fixes: [
          [{ object: subjectOf(job), path: 'spec.activeDeadlineSeconds', atLeast: 7200 }],
          [{ object: subjectOf(job), path: 'spec.activeDeadlineSeconds', exists: false }],
        ],
      },
    };
  },
};

const leap: Story = {
  name: 'see-you-on-the-thirty-first',
  title: 'An appointment on a day that does not come',
  text: [
    'The semester closing was to run on the last day of February, and was set for the 31st. The controller accepts the text and can never compute a time.',
    'The CronJob is not suspended, has never run, and nobody missed it until today.',
  ],
  build() {
    const world = buildWorld({
      seed: 217,
      now: '2026-03-02T09:00:00Z',
      serverVersion: 'v1.31.1',
      trade: 'university',
      nodes: 'gke',
      labels: 'component',
    });
    const cron = addCronJob(world, {
      namespace: 'exams',
      name: 'semester-closing',
      schedule: '59 23 31 2 *',
      image: 'harbor.uni-elm.example/campus/semester-closing:1.0.0',
      days: 45,
    });
    record(world, cron, {
      type: 'Warning',
      reason: 'InvalidSchedule',
      message: 'invalid schedule: 59 23 31 2 * : time difference between two schedules is less than 1 second',
      by: 'cronjob-controller',
      first: 45 * 1440,
      last: 4,
      count: 1296,
    });
    const other = addCronJob(world, {
      namespace: 'library',
      name: 'overdue-letters',
      schedule: '0 6 * * *',
      image: 'harbor.uni-elm.example/campus/overdue-letters:2.2.0',
      lastRun: 180,
    });
    addGoodRun(world, other, 180);
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'cron-schedule-invalid', subject: subjectOf(cron) }],
        forbidden: [subjectOf(other)],
        fixes: [[{ object: subjectOf(cron), path: 'spec.schedule', oneOf: ['59 23 28 2 *', '59 23 28,29 2 *', '59 23 29 2 *'] }]],
      },
    };
  },
};

const silentCellar: Story = {
  name: 'no-music-from-the-basement',
  title: 'The basement is silent and three floors notice',
  text: [
    'The message broker runs and does not answer: its readiness check times out and its log ends in the middle of a line an hour ago.',
    'Three applications wait for it. The recording holds nothing that says why the broker hangs.',
  ],
  build() {
    const world = buildWorld({
      seed: 218,
      now: '2026-06-06T23:45:00Z',
      serverVersion: 'v1.33.4',
      trade: 'festival',
      nodes: 'aws',
      labels: 'recommended',
    });
    const broker = addWorkload(world, {
      namespace: 'backstage',
      name: 'cue-broker',
      kind: 'StatefulSet',
      image: 'docker.io/library/rabbitmq:4.0.5',
      labels: 'recommended',
      replicas: 1,
      port: 5672,
      claim: { size: '10Gi', class: 'gp3' },
    });
    const pod = world.firstPod(broker);
    failReadiness(world, pod, { container: 'cue-broker', saw: `dial tcp ${pod.status.podIP}:5672: i/o timeout`, ago: 63.5 });
    world.log(pod, 'cue-broker', [
      `${world.at(3000)} [info] Server startup complete; 4 plugins started.`,
      `${world.at(66)} [info] accepting AMQP connection <0.8812.0>`,
      `${world.at(64.6)} [info] accepting AMQP conn`,
    ]);
    const apps = ['light-desk', 'fog-machine', 'pyro-board'].map((name) =>
      addWorkload(world, {
        namespace: 'backstage',
        name,
        image: `ghcr.io/bigfield-live/${name}:1.2.0`,
        labels: 'recommended',
        replicas: name === 'light-desk' ? 2 : 1,
        port: 8080,
        env: { AMQP_URL: 'amqp://cue-broker.backstage.svc:5672' },
      }),
    );
    for (const app of apps)
      suffer(world, app, {
        error: 'amqp://cue-broker.backstage.svc:5672: dial tcp: lookup cue-broker.backstage.svc: no such host',
        ago: 63,
      });
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'dependency-down',
            subject: subjectOf(broker),
            alsoAccept: [at('Service', 'backstage', 'cue-broker')],
            path: [at('Service', 'backstage', 'cue-broker'), subjectOf(apps[0] as Item)],
          },
        ],
        forbidden: [...apps.map(subjectOf), ...apps.map((app) => at('Service', 'backstage', app.metadata.name))],
      },
    };
  },
};

const wrongCounter: Story = {
  name: 'asking-at-the-wrong-counter',
  title: 'The right house, the wrong counter',
  text: [
    'The seed catalogue calls the right Service on a port that the Service does not have: 8443, from the days of another proxy.',
    'The price board behind it is healthy and serves others.',
  ],
  build() {
    const world = buildWorld({
      seed: 219,
      now: '2026-04-17T12:34:00Z',
      serverVersion: 'v1.30.9',
      trade: 'farm',
      nodes: 'metal',
      labels: 'app',
    });
    const board = addWorkload(world, {
      namespace: 'market',
      name: 'price-chalkboard',
      image: 'registry.greenacre.example/agri/price-chalkboard:3.0.0',
      replicas: 2,
      port: 8080,
    });
    addWorkload(world, {
      namespace: 'market',
      name: 'egg-stand',
      image: 'registry.greenacre.example/agri/egg-stand:1.0.0',
      replicas: 1,
      port: 8080,
      env: { PRICES: 'http://price-chalkboard.market.svc.cluster.local' },
    });
    const seeds = addWorkload(world, {
      namespace: 'fields',
      name: 'seed-brochure',
      image: 'registry.greenacre.example/agri/seed-brochure:5.2.0',
      replicas: 2,
      port: 8080,
      days: 1,
      env: { PRICES_URL: 'http://price-chalkboard.market.svc.cluster.local:8443/prices' },
    });
    const { clusterIP } = world.get('Service', 'market', 'price-chalkboard').spec;
    suffer(world, seeds, {
      error: `Get "http://price-chalkboard.market.svc.cluster.local:8443/prices": dial tcp ${clusterIP}:8443: i/o timeout`,
      ago: 1430,
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'dependency-misconfigured', subject: subjectOf(seeds), alsoAcceptCauses: ['invalid-environment-value'] }],
        forbidden: [subjectOf(board), at('Service', 'market', 'price-chalkboard'), at('Service', 'fields', 'seed-brochure')],
        fixes: [
          [
            {
              object: subjectOf(seeds),
              path: inContainer('seed-brochure', 'env[name=PRICES_URL].value'),
              oneOf: [
                'http://price-chalkboard.market.svc.cluster.local/prices',
                'http://price-chalkboard.market.svc.cluster.local:80/prices',
              ],
            },
          ],
        ],
      },
    };
  },
};

export const NODE_STORIES: readonly Story[] = [blackout, roadworks, barometer, guest];
export const BATCH_STORIES: readonly Story[] = [invoices, marathon, leap];
export const DEPENDENCY_STORIES: readonly Story[] = [silentCellar, wrongCounter];
