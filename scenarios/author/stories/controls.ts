import { addCronJob, addGoodRun, addJob, addJobPod, completeJob, finishPod } from '../batch.ts';
import { record } from '../events.ts';
import type { Item } from '../item.ts';
import { addBudget, buildWorld, type WorldPlan } from '../neighbours.ts';
import { setNodeCondition, workersOf } from '../nodes.ts';
import { cordon } from '../outage.ts';
import { evict, keepCreating, markUnready, recordScheduled, statusOf, terminate, terminated } from '../pod-states.ts';
import { moveTo, qosOf, renew, setPodCondition } from '../pods.ts';
import { rollOut } from '../rollout.ts';
import { addAutoscaler, scaleToZero, scalingFine } from '../scaling.ts';
import { addService } from '../services.ts';
import { at, type Story, type Subject, subjectOf } from '../story.ts';
import { addReplica, addSecret, addWorkload } from '../workloads.ts';
import type { World } from '../world.ts';

interface Control {
  readonly name: string;
  readonly title: string;
  readonly text: readonly string[];
  readonly plan: WorldPlan;
  /** Puts in what looks suspicious; returns the innocents. */
  readonly stage: (world: World) => readonly Subject[];
}

function control({ plan, stage, ...story }: Control): Story {
  return {
    ...story,
    build() {
      const world = buildWorld(plan);
      const forbidden = stage(world);
      return { world, answer: { forbidden } };
    },
  };
}

/** A new pod that started moments ago and is about to be ready. */
function startUp(world: World, pod: Item, container: string, ago: number): void {
  statusOf(pod, container).ready = false;
  markUnready(world, pod, [container], ago);
  recordScheduled(world, pod, ago);
}

const carpets = control({
  name: 'new-carpets-room-by-room',
  title: 'New carpets, room by room',
  text: [
    'A rollout began ninety seconds ago. One new pod pulls its image, another has started and is not ready yet, an old one is leaving.',
    'Nothing is wrong; in two minutes it will be done.',
  ],
  plan: {
    seed: 301,
    now: '2026-04-22T10:01:30Z',
    serverVersion: 'v1.32.3',
    trade: 'museum',
    nodes: 'aws',
    labels: 'recommended',
    manager: 'argocd-controller',
  },
  stage(world) {
    const tour = addWorkload(world, {
      namespace: 'exhibits',
      name: 'tour-narrator',
      image: 'quay.io/galleria-nova/tour-narrator:7.1.0',
      labels: 'recommended',
      replicas: 4,
      port: 8080,
      revisions: 2,
      spec: { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } } },
      manager: 'argocd-controller',
    });
    const [fresh, second] = rollOut(world, tour, {
      ago: 1.5,
      manager: 'argocd-controller',
      change: (template) => {
        template.spec.containers[0].image = 'quay.io/galleria-nova/tour-narrator:7.2.0';
      },
      paths: [['containers', 'name=tour-narrator', 'image']],
      fail: (pod) => startUp(world, pod, 'tour-narrator', 1.2),
    }) as [Item, Item];
    keepCreating(world, second, 1.2);
    record(world, second, {
      reason: 'Pulling',
      message: 'Pulling image "quay.io/galleria-nova/tour-narrator:7.2.0"',
      by: 'kubelet',
      host: second.spec.nodeName,
      first: 1.1,
    });
    const budget = addBudget(world, 'exhibits', 'tour-narrator', 'recommended', { minAvailable: 3 });
    return [subjectOf(tour), subjectOf(fresh), subjectOf(second), subjectOf(budget), at('Service', 'exhibits', 'tour-narrator')];
  },
});

const lucky = control({
  name: 'third-time-lucky',
  title: 'The third attempt was the good one',
  text: [
    'A nightly import failed twice because the source was not there yet, and succeeded at its third try. Its failed pods are still around.',
    'A finished pod of another job is there too.',
  ],
  plan: { seed: 302, now: '2026-02-18T06:12:00Z', serverVersion: 'v1.31.5', trade: 'parcels', nodes: 'metal', labels: 'app' },
  stage(world) {
    const job = addJob(world, {
      namespace: 'tracking',
      name: 'customs-codes-import',
      image: 'registry.swiftpost.example/ops/customs-codes-import:1.0.0',
      ago: 48,
    });
    const failed = [48, 44].map((ago) => addJobPod(world, job, ago));
    for (const pod of failed)
      finishPod(world, pod, {
        exitCode: 1,
        ended: world.minutesSince(pod.metadata.creationTimestamp as string) - 1,
        log: ['ERROR: 404 from https://codes.example/2026-02.csv, not published yet'],
      });
    const good = addJobPod(world, job, 36);
    finishPod(world, good, { exitCode: 0, ended: 30, log: ['imported 11842 codes, 0 errors'] });
    completeJob(world, job, 30, 2);
    const cron = addCronJob(world, {
      namespace: 'sorting',
      name: 'belt-report',
      schedule: '0 5 * * *',
      image: 'registry.swiftpost.example/ops/belt-report:2.0.0',
      lastRun: 72,
    });
    addGoodRun(world, cron, 72);
    return [subjectOf(job), ...failed.map(subjectOf), subjectOf(good), subjectOf(cron)];
  },
});

const sunday = control({
  name: 'a-quiet-sunday',
  title: 'A quiet Sunday',
  text: [
    'Hardly anybody is here, so two autoscalers stand at their minimum and say that they would like to go lower: ScalingLimited is True.',
    'That is what a minimum is for.',
  ],
  plan: { seed: 303, now: '2026-08-16T08:30:00Z', serverVersion: 'v1.33.1', trade: 'airline', nodes: 'gke', labels: 'app' },
  stage(world) {
    return ['checkin-rush', 'bag-drop'].flatMap((name) => {
      const app = addWorkload(world, {
        namespace: 'departures',
        name,
        image: `registry.cirrus.example/sky/${name}:3.0.0`,
        replicas: 2,
        port: 8080,
      });
      const hpa = addAutoscaler(world, {
        namespace: 'departures',
        name,
        target: name,
        min: 2,
        max: 12,
        ago: 90 * 1440,
        current: 2,
        conditions: scalingFine(900, {
          reason: 'TooFewReplicas',
          message: 'the desired replica count is less than the minimum replica count',
        }),
        currentMetrics: [{ resource: { current: { averageUtilization: 4, averageValue: '4m' }, name: 'cpu' }, type: 'Resource' }],
      });
      return [subjectOf(app), subjectOf(hpa)];
    });
  },
});

const checkup = control({
  name: 'the-check-up-found-nothing',
  title: 'A thorough check-up that found nothing',
  text: [
    'The node problem detector writes a dozen conditions with unusual names on each node. All of them are False, which means: no problem.',
  ],
  plan: { seed: 304, now: '2026-05-01T12:00:00Z', serverVersion: 'v1.30.9', trade: 'workshop', nodes: 'gke', labels: 'k8s-app' },
  stage(world) {
    const checks: readonly (readonly [string, string, string])[] = [
      ['KernelDeadlock', 'KernelHasNoDeadlock', 'kernel has no deadlock'],
      ['ReadonlyFilesystem', 'FilesystemIsNotReadOnly', 'Filesystem is not read-only'],
      ['CorruptDockerOverlay2', 'NoCorruptDockerOverlay2', 'docker overlay2 is functioning properly'],
      ['FrequentUnregisterNetDevice', 'NoFrequentUnregisterNetDevice', 'node is functioning properly'],
      ['FrequentKubeletRestart', 'NoFrequentKubeletRestart', 'kubelet is functioning properly'],
      ['FrequentContainerdRestart', 'NoFrequentContainerdRestart', 'containerd is functioning properly'],
      ['XfsShutdown', 'XfsHasNotShutDown', 'XFS has not shutdown'],
    ];
    for (const node of world.list('Node')) {
      for (const [type, reason, message] of checks)
        setNodeCondition(world, node, { type, status: 'False', reason, message, ago: 40 * 1440, heartbeat: 3 });
      node.status.conditions.push({
        lastHeartbeatTime: world.at(420 * 1440),
        lastTransitionTime: world.at(420 * 1440),
        message: 'RouteController created a route',
        reason: 'RouteCreated',
        status: 'False',
        type: 'NetworkUnavailable',
      });
    }
    addWorkload(world, {
      namespace: 'kube-system',
      name: 'node-problem-detector',
      kind: 'DaemonSet',
      image: 'registry.k8s.io/node-problem-detector/node-problem-detector:v0.8.20',
      labels: 'k8s-app',
      days: 200,
    });
    return world.list('Node').map(subjectOf);
  },
});

const doors = control({
  name: 'doors-closed-by-default',
  title: 'All doors are closed by default',
  text: [
    'Each namespace has a policy with an empty selector that denies everything, and others that let in what is needed.',
    'Traffic flows. An empty selector is how one writes "all pods".',
  ],
  plan: { seed: 305, now: '2026-03-05T15:20:00Z', serverVersion: 'v1.31.8', trade: 'bank', nodes: 'azure', labels: 'app' },
  stage(world) {
    const policy = (namespace: string, name: string, spec: object) =>
      subjectOf(
        world.add(
          { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace, generation: 1 }, spec },
          200 * 1440,
          'kubectl-client-side-apply',
        ),
      );
    const dns = {
      to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } } }],
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
      ],
    };
    return ['accounts', 'lending', 'risk'].flatMap((namespace) => [
      policy(namespace, 'default-deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
      policy(namespace, 'allow-in-house', {
        egress: [{ to: [{ namespaceSelector: {} }] }, dns],
        ingress: [{ from: [{ namespaceSelector: {} }] }],
        podSelector: {},
        policyTypes: ['Ingress', 'Egress'],
      }),
    ]);
  },
});

const attic = control({
  name: 'boxes-in-the-attic',
  title: 'Boxes in the attic that nobody opens',
  text: [
    'ConfigMaps that no pod refers to: a lock of a leader election, dashboards that a sidecar reads through the API, an empty one that a tool keeps.',
    'A Secret nobody mounts and an account nobody uses. All of it is harmless.',
  ],
  plan: { seed: 306, now: '2026-10-12T09:09:00Z', serverVersion: 'v1.29.13', trade: 'newsroom', nodes: 'aws', labels: 'component' },
  stage(world) {
    const map = (name: string, data: Record<string, string> | undefined, annotations?: Record<string, string>) =>
      subjectOf(
        world.add(
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name, namespace: 'editorial', ...(annotations ? { annotations } : {}) },
            ...(data ? { data } : {}),
          },
          90 * 1440,
          'kubectl-client-side-apply',
        ),
      );
    const secret = addSecret(world, { namespace: 'editorial', name: 'old-wire-service', data: { token: 'demo-unused' }, ago: 300 * 1440 });
    const account = world.add(
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'summer-trainee', namespace: 'editorial' } },
      90 * 1440,
      'kubectl-create',
    );
    return [
      map('print-run-dashboard', { 'print-run.json': '{"title":"Print run","panels":[]}' }),
      map('sorter-leader', undefined, {
        'control-plane.alpha.kubernetes.io/leader': `{"holderIdentity":"sorter-0","leaseDurationSeconds":15,"renewTime":"${world.at(0.1)}"}`,
      }),
      map('scratch', {}),
      map('columnists-2019', { list: 'ada,grace' }),
      subjectOf(secret),
      subjectOf(account),
    ];
  },
});

const reservedSeat = control({
  name: 'a-seat-kept-for-later',
  title: 'A seat kept for a guest who is not here yet',
  text: [
    'A claim is Pending because its class waits for the first pod, and nobody has made one yet. A CronJob is suspended over the holidays.',
    'Both are meant.',
  ],
  plan: { seed: 307, now: '2026-07-27T13:37:00Z', serverVersion: 'v1.32.0', trade: 'university', nodes: 'gke', labels: 'recommended' },
  stage(world) {
    const claim = world.add(
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: 'winter-term-scans', namespace: 'library', finalizers: ['kubernetes.io/pvc-protection'] },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '100Gi' } },
          storageClassName: 'standard-rwo',
          volumeMode: 'Filesystem',
        },
        status: { phase: 'Pending' },
      },
      200,
      'kubectl-create',
    );
    record(world, claim, {
      reason: 'WaitForFirstConsumer',
      message: 'waiting for first consumer to be created before binding',
      by: 'persistentvolume-controller',
      first: 200,
      last: 0.2,
      count: 801,
    });
    const cron = addCronJob(world, {
      namespace: 'exams',
      name: 'weekly-gradesheet',
      schedule: '0 7 * * 1',
      image: 'harbor.uni-elm.example/campus/weekly-gradesheet:1.1.0',
      spec: { suspend: true },
      lastRun: 28 * 1440,
    });
    return [subjectOf(claim), subjectOf(cron), at('StorageClass', undefined, 'standard-rwo')];
  },
});

const moving = control({
  name: 'moving-day',
  title: 'Moving day',
  text: [
    'A machine is being drained for an update, with notice. It is cordoned; most of its pods already run elsewhere, one is finishing its work',
    'within its grace period, its successor is ready.',
  ],
  plan: {
    seed: 308,
    now: '2026-09-02T11:04:00Z',
    serverVersion: 'v1.31.9',
    trade: 'energy',
    nodes: 'metal',
    workers: 4,
    labels: 'k8s-app',
  },
  stage(world) {
    const node = world.list('Node')[2] as Item;
    const app = addWorkload(world, {
      namespace: 'dispatch',
      name: 'load-shedder',
      image: 'quay.io/voltaire-grid/load-shedder:3.0.1',
      labels: 'k8s-app',
      replicas: 2,
      port: 8080,
      pod: { terminationGracePeriodSeconds: 120 },
    });
    const [set] = world.ownedBy(app) as [Item];
    const leaving = world.firstPod(app);
    moveTo(leaving, node);
    const others = workersOf(world).filter((each) => each !== node);
    for (const [index, pod] of world
      .list('Pod')
      .filter(
        (each) => each !== leaving && each.spec.nodeName === node.metadata.name && each.metadata.ownerReferences?.[0].kind !== 'DaemonSet',
      )
      .entries()) {
      moveTo(pod, others[index % others.length] as Item);
      renew(world, pod, 6);
    }
    cordon(world, node, 8, 'kubectl-drain');
    terminate(world, leaving, 0.8);
    const successor = addReplica(world, set, 0.8);
    return [subjectOf(node), subjectOf(app), subjectOf(leaving), subjectOf(successor), at('Service', 'dispatch', 'load-shedder')];
  },
});

const loud = control({
  name: 'loud-but-happy',
  title: 'Loud, but happy',
  text: [
    'A few programs write a lot, with words such as error, failed and exception, about how few of them there were.',
    'Everything works.',
  ],
  plan: {
    seed: 309,
    now: '2026-06-11T16:16:00Z',
    serverVersion: 'v1.33.2',
    trade: 'festival',
    nodes: 'aws',
    labels: 'app',
    workloadsPerNamespace: 3,
  },
  stage(world) {
    const lines = [
      ['nightly exception report: none', 'failed logins: 0, error rate 0.00 %', 'failover drill completed, primary kept'],
      [
        'level=info msg="connection refused list is empty"',
        'level=info msg="OOMKilled pods in the last day: 0"',
        'level=warn msg="deprecated flag --fail-fast, use --quick"',
      ],
      ['{"msg":"dead letter queue empty"}', '{"msg":"panic button test: ok"}', '{"msg":"timeout budget unused","errors":0}'],
    ];
    return ['soundboard', 'queue-camera', 'panic-button'].flatMap((name, index) => {
      const app = addWorkload(world, {
        namespace: 'backstage',
        name,
        image: `ghcr.io/bigfield-live/${name}:1.0.0`,
        replicas: 2,
        port: 8080,
      });
      for (const pod of world.podsOf(app))
        world.log(
          pod,
          name,
          (lines[index] as string[]).map((line, order) => `${world.at(20 - order * 7)} ${line}`),
        );
      return [subjectOf(app), at('Service', 'backstage', name)];
    });
  },
});

const asleep = control({
  name: 'the-summer-house-in-winter',
  title: 'The summer house in winter',
  text: [
    'A preview of the shop was scaled to zero on purpose; nobody calls it and a label says so. Its Service has no endpoints, and its autoscaler is disabled by that.',
  ],
  plan: { seed: 310, now: '2026-12-28T10:10:00Z', serverVersion: 'v1.30.2', trade: 'bookshop', nodes: 'azure', labels: 'recommended' },
  stage(world) {
    const preview = addWorkload(world, {
      namespace: 'catalogue',
      name: 'window-preview',
      image: 'registry.inkwell.example/shop/window-preview:0.3.0',
      labels: 'recommended',
      replicas: 1,
      port: 8080,
      revisions: 2,
    });
    preview.metadata.annotations = { ...preview.metadata.annotations, 'inkwell.example/asleep-until': 'spring fair' };
    scaleToZero(world, preview, 30 * 1440);
    const hpa = addAutoscaler(world, {
      namespace: 'catalogue',
      name: 'window-preview',
      target: 'window-preview',
      min: 1,
      max: 3,
      ago: 60 * 1440,
      current: 0,
      conditions: [
        {
          type: 'AbleToScale',
          status: 'True',
          reason: 'SucceededGetScale',
          message: "the HPA controller was able to get the target's current scale",
          ago: 60 * 1440,
        },
        {
          type: 'ScalingActive',
          status: 'False',
          reason: 'ScalingDisabled',
          message: 'scaling is disabled since the replica count of the target is zero',
          ago: 30 * 1440,
        },
      ],
    });
    return [subjectOf(preview), subjectOf(hpa), at('Service', 'catalogue', 'window-preview')];
  },
});

const scars = control({
  name: 'old-scars',
  title: 'Old scars that healed long ago',
  text: [
    'Forty minutes ago a registry hiccup made a pod wait; it runs now. A pod that was evicted last week is still listed, its workload is complete.',
    'Another container was restarted three times, nineteen days ago.',
  ],
  plan: { seed: 311, now: '2026-11-08T19:19:00Z', serverVersion: 'v1.32.8', trade: 'ferry', nodes: 'metal', labels: 'app' },
  stage(world) {
    const horn = addWorkload(world, {
      namespace: 'fleet',
      name: 'fog-horn',
      image: 'ghcr.io/northsound-lines/fog-horn:2.0.0',
      replicas: 2,
      port: 8080,
      days: 40,
    });
    const [first, second] = world.podsOf(horn) as [Item, Item];
    renew(world, first, 41);
    record(world, first, {
      type: 'Warning',
      reason: 'Failed',
      message:
        'Failed to pull image "ghcr.io/northsound-lines/fog-horn:2.0.0": rpc error: code = Unavailable desc = failed to pull and unpack image "ghcr.io/northsound-lines/fog-horn:2.0.0": failed to do request: Head "https://ghcr.io/v2/northsound-lines/fog-horn/manifests/2.0.0": net/http: TLS handshake timeout',
      by: 'kubelet',
      host: first.spec.nodeName,
      first: 41,
      last: 39,
      count: 2,
      fieldPath: 'spec.containers{fog-horn}',
    });
    record(world, first, {
      type: 'Warning',
      reason: 'BackOff',
      message: 'Back-off pulling image "ghcr.io/northsound-lines/fog-horn:2.0.0"',
      by: 'kubelet',
      host: first.spec.nodeName,
      first: 40.5,
      last: 39.2,
      count: 4,
      fieldPath: 'spec.containers{fog-horn}',
    });
    renew(world, second, 38 * 1440);
    Object.assign(statusOf(second, 'fog-horn'), {
      restartCount: 3,
      lastState: {
        terminated: terminated(world, second, { container: 'fog-horn', exitCode: 1, restarts: 2, ago: 19 * 1440, ended: 19 * 1440 }),
      },
      state: { running: { startedAt: world.at(19 * 1440 - 0.2) } },
    });
    const [set] = world.ownedBy(horn) as [Item];
    const gone = addReplica(world, set, 39 * 1440);
    evict(
      world,
      gone,
      'The node was low on resource: memory. Threshold quantity: 100Mi, available: 61204Ki. Container fog-horn was using 301220Ki, request is 256Mi, has larger consumption of memory. ',
      7 * 1440,
    );
    return [subjectOf(horn), subjectOf(first), subjectOf(second), subjectOf(gone), at('Service', 'fleet', 'fog-horn')];
  },
});

const pointers = control({
  name: 'pointers-and-forwarders',
  title: 'Pointers and forwarders',
  text: [
    'Services come in odd shapes: one without selector and with endpoints by hand, one that only is another name for a host outside, a headless one',
    'of a StatefulSet. Each does its job.',
  ],
  plan: { seed: 312, now: '2026-01-31T14:14:00Z', serverVersion: 'v1.33.4', trade: 'farm', nodes: 'aws', labels: 'app' },
  stage(world) {
    const manual = addService(world, { namespace: 'dairy', name: 'weighbridge', ports: [{ name: 'modbus', port: 502 }], ago: 300 * 1440 });
    world.add(
      {
        addressType: 'IPv4',
        apiVersion: 'discovery.k8s.io/v1',
        endpoints: [{ addresses: ['10.80.2.9'], conditions: { ready: true, serving: true, terminating: false } }],
        kind: 'EndpointSlice',
        metadata: {
          name: 'weighbridge-1',
          namespace: 'dairy',
          labels: { 'endpointslice.kubernetes.io/managed-by': 'staff', 'kubernetes.io/service-name': 'weighbridge' },
        },
        ports: [{ name: 'modbus', port: 502, protocol: 'TCP' }],
      },
      300 * 1440,
      'kubectl-client-side-apply',
    );
    const external = world.add(
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'weather-bureau', namespace: 'fields' },
        spec: { externalName: 'api.bureau.example', sessionAffinity: 'None', type: 'ExternalName' },
        status: { loadBalancer: {} },
      },
      100 * 1440,
      'kubectl-client-side-apply',
    );
    const herd = addWorkload(world, {
      namespace: 'dairy',
      name: 'herd-book',
      kind: 'StatefulSet',
      image: 'docker.io/library/postgres:16.4',
      replicas: 2,
      port: 5432,
      claim: { size: '10Gi', class: 'gp3' },
      secret: { POSTGRES_PASSWORD: 'demo-only' },
    });
    return [subjectOf(manual), subjectOf(external), subjectOf(herd), at('Service', 'dairy', 'herd-book')];
  },
});

const bell = control({
  name: 'waiting-for-the-bell',
  title: 'Waiting for the bell',
  text: [
    'A pod is held back by a scheduling gate until the quota service opens it, as designed. A job has failed once, may fail six times,',
    'and is at its second try.',
  ],
  plan: { seed: 313, now: '2026-04-06T07:50:00Z', serverVersion: 'v1.31.3', trade: 'workshop', nodes: 'azure', labels: 'component' },
  stage(world) {
    const job = addJob(world, {
      namespace: 'quality',
      name: 'batch-anneal',
      image: 'registry.ironworks.example/plant/batch-anneal:1.0.0',
      pod: { schedulingGates: [{ name: 'ironworks.example/furnace-slot' }] },
      ago: 18,
    });
    const gated = addJobPod(world, job, 18);
    delete gated.spec.nodeName;
    gated.status = { conditions: [], phase: 'Pending', qosClass: qosOf(gated.spec) };
    setPodCondition(world, gated, {
      type: 'PodScheduled',
      status: 'False',
      reason: 'SchedulingGated',
      message: 'Scheduling is blocked due to non-empty scheduling gates',
      ago: 18,
    });
    job.status = { ...job.status, active: 1, ready: 0 };
    const retry = addJob(world, {
      namespace: 'warehouse',
      name: 'pallet-census',
      image: 'registry.ironworks.example/plant/pallet-census:2.0.0',
      ago: 9,
    });
    const failed = addJobPod(world, retry, 9);
    finishPod(world, failed, { exitCode: 1, ended: 7, log: ['scanner 4 not reachable, try again later'] });
    const again = addJobPod(world, retry, 6.8);
    retry.status = { ...retry.status, active: 1, failed: 1, ready: 1 };
    return [subjectOf(job), subjectOf(gated), subjectOf(retry), subjectOf(failed), subjectOf(again)];
  },
});

const violin = control({
  name: 'the-only-violin-changes-a-string',
  title: 'The only violin changes a string',
  text: [
    'A workload with a single pod is being rolled out, and its disruption budget allows none to be missing: disruptionsAllowed is 0.',
    'The old pod serves until the new one, twenty seconds old, is ready. Nobody wants to drain anything.',
  ],
  plan: { seed: 314, now: '2026-08-21T20:00:20Z', serverVersion: 'v1.34.1', trade: 'festival', nodes: 'gke', labels: 'k8s-app' },
  stage(world) {
    const solo = addWorkload(world, {
      namespace: 'stages',
      name: 'solo-strings',
      image: 'ghcr.io/bigfield-live/solo-strings:1.0.0',
      labels: 'k8s-app',
      replicas: 1,
      port: 8080,
      revisions: 2,
    });
    const [fresh] = rollOut(world, solo, {
      ago: 0.4,
      manager: 'kubectl-set',
      change: (template) => {
        template.spec.containers[0].image = 'ghcr.io/bigfield-live/solo-strings:1.1.0';
      },
      paths: [['containers', 'name=solo-strings', 'image']],
      fail: (pod) => startUp(world, pod, 'solo-strings', 0.3),
    }) as [Item];
    const budget = addBudget(world, 'stages', 'solo-strings', 'k8s-app', { minAvailable: 1 });
    return [subjectOf(solo), subjectOf(fresh), subjectOf(budget), at('Service', 'stages', 'solo-strings')];
  },
});

export const CONTROL_STORIES: readonly Story[] = [
  carpets,
  lucky,
  sunday,
  checkup,
  doors,
  attic,
  reservedSeat,
  moving,
  loud,
  asleep,
  scars,
  pointers,
  bell,
  violin,
];
