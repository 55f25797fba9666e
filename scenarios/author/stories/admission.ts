import { suffer } from '../dependants.ts';
import type { Item } from '../item.ts';
import { buildWorld } from '../neighbours.ts';
import { addNamespace } from '../platform.ts';
import { crashLoop, failReadiness, restartByProbe } from '../pod-states.ts';
import { quotaUsage } from '../quota.ts';
import { refusePods, rollOut } from '../rollout.ts';
import { addService } from '../services.ts';
import { newestOf } from '../settle.ts';
import { at, inContainer, type Story, subjectOf } from '../story.ts';
import { addWorkload } from '../workloads.ts';
import type { World } from '../world.ts';

/** Pods of a ReplicaSet went away and none may be made again. */
export function loseAndRefuse(world: World, deployment: Item, kept: number, reason: string, ago: number): void {
  const set = newestOf(world.ownedBy(deployment).filter((item) => item.kind === 'ReplicaSet')) as Item;
  for (const pod of world.ownedBy(set).slice(kept)) world.remove(pod);
  refusePods(world, set, reason, ago);
}

const harvestFair: Story = {
  name: 'harvest-fair-crowd',
  title: 'Ten cashiers at the fair, and a purse for six',
  text: [
    'For the harvest fair the till was scaled from six to ten. The namespace may ask for two cores in all, and they are spent.',
    'There is no Pending pod: the missing ones were never made.',
  ],
  build() {
    const world = buildWorld({
      seed: 151,
      now: '2026-09-05T09:26:00Z',
      serverVersion: 'v1.31.4',
      trade: 'farm',
      nodes: 'gke',
      labels: 'app',
    });
    addNamespace(world, 'fairground', { team: 'market' });
    const till = addWorkload(world, {
      namespace: 'fairground',
      name: 'straw-till',
      image: 'registry.greenacre.example/agri/straw-till:1.0.9',
      replicas: 6,
      port: 8080,
      revisions: 2,
      container: { resources: { limits: { memory: '256Mi' }, requests: { cpu: '300m', memory: '256Mi' } } },
    });
    const quota = world.add(
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'fair-budget', namespace: 'fairground' },
        spec: { hard: { pods: '40', 'requests.cpu': '2', 'requests.memory': '8Gi' } },
      },
      30 * 1440,
      'kubectl-client-side-apply',
    );
    till.spec.replicas = 10;
    till.metadata.generation += 1;
    world.touch(till, { manager: 'kubectl', ago: 34, paths: [['spec', 'replicas']] });
    world.rollouts.set(till.metadata.uid as string, 34);
    const set = newestOf(world.ownedBy(till)) as Item;
    set.spec.replicas = 10;
    const used = quotaUsage(world, quota);
    refusePods(
      world,
      set,
      `pods "{pod}" is forbidden: exceeded quota: fair-budget, requested: requests.cpu=300m, used: requests.cpu=${used['requests.cpu']}, limited: requests.cpu=2`,
      34,
    );
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'quota-exceeded', subject: subjectOf(quota), alsoAccept: [subjectOf(till)] }],
        forbidden: [at('Service', 'fairground', 'straw-till'), ...world.list('Node').map(subjectOf)],
        fixes: [
          [{ object: subjectOf(quota), path: 'spec.hard["requests.cpu"]', atLeast: '3' }],
          [{ object: subjectOf(till), path: inContainer('straw-till', 'resources.requests.cpu'), atMost: '200m' }],
          [{ object: subjectOf(till), path: 'spec.replicas', atMost: 6 }],
        ],
      },
    };
  },
};

const houseRules: Story = {
  name: 'new-house-rules-on-monday',
  title: 'From Monday everybody states a limit',
  text: [
    'On Monday the namespace got a quota on limits. Whoever was running stayed; whoever starts anew must state limits.',
    'The mandate printer has none, and was restarted on Tuesday.',
  ],
  build() {
    const world = buildWorld({
      seed: 152,
      now: '2026-04-14T08:47:00Z',
      serverVersion: 'v1.30.7',
      trade: 'bank',
      nodes: 'metal',
      labels: 'k8s-app',
    });
    const bare = { resources: { limits: undefined, requests: { cpu: '50m', memory: '64Mi' } } };
    const printer = addWorkload(world, {
      namespace: 'accounts',
      name: 'mandate-printer',
      image: 'artifacts.meridian.example/core/mandate-printer:2.0.1',
      labels: 'k8s-app',
      replicas: 2,
      port: 8080,
      revisions: 2,
      container: bare,
    });
    const quota = world.add(
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'monday-rules', namespace: 'accounts' },
        spec: { hard: { 'limits.cpu': '20', 'limits.memory': '40Gi' } },
      },
      27 * 60,
      'kubectl-client-side-apply',
    );
    loseAndRefuse(
      world,
      printer,
      0,
      'pods "{pod}" is forbidden: failed quota: monday-rules: must specify limits.cpu for: mandate-printer; limits.memory for: mandate-printer',
      105,
    );
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'quota-requires-limits', subject: subjectOf(printer), alsoAccept: [subjectOf(quota)] }],
        forbidden: [at('Service', 'accounts', 'mandate-printer')],
        fixes: [
          [
            { object: subjectOf(printer), path: inContainer('mandate-printer', 'resources.limits.cpu'), exists: true },
            { object: subjectOf(printer), path: inContainer('mandate-printer', 'resources.limits.memory'), exists: true },
          ],
          [{ object: subjectOf(quota), exists: false }],
        ],
      },
    };
  },
};

const ceiling: Story = {
  name: 'a-ceiling-in-the-gallery',
  title: 'The replica workshop bumps its head',
  text: ['The workshop asks for 3 GiB since its last release; no container in this namespace may have more than 2 GiB.'],
  build() {
    const world = buildWorld({
      seed: 153,
      now: '2026-10-28T16:08:00Z',
      serverVersion: 'v1.33.1',
      trade: 'museum',
      nodes: 'azure',
      labels: 'recommended',
      manager: 'helm',
    });
    const range = world.add(
      {
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name: 'gallery-bounds', namespace: 'exhibits' },
        spec: {
          limits: [{ default: { memory: '512Mi' }, defaultRequest: { memory: '128Mi' }, max: { memory: '2Gi' }, type: 'Container' }],
        },
      },
      300 * 1440,
      'kubectl-client-side-apply',
    );
    const plaster = addWorkload(world, {
      namespace: 'exhibits',
      name: 'plaster-modeller',
      image: 'quay.io/galleria-nova/plaster-modeller:3.5.0',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      revisions: 2,
      manager: 'helm',
    });
    rollOut(world, plaster, {
      ago: 29,
      manager: 'helm',
      change: (template) => {
        template.spec.containers[0].image = 'quay.io/galleria-nova/plaster-modeller:3.6.0';
        template.spec.containers[0].resources = { limits: { memory: '3Gi' }, requests: { cpu: '100m', memory: '1Gi' } };
      },
      refuse: () => 'pods "{pod}" is forbidden: maximum memory usage per Container is 2Gi, but limit is 3Gi',
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'limit-range-violation', subject: subjectOf(plaster), alsoAccept: [subjectOf(range)] }],
        forbidden: [at('Service', 'exhibits', 'plaster-modeller')],
        fixes: [
          [{ object: subjectOf(plaster), path: inContainer('plaster-modeller', 'resources.limits.memory'), atMost: '2Gi' }],
          [{ object: subjectOf(range), path: 'spec.limits[0].max.memory', atLeast: '3Gi' }],
        ],
      },
    };
  },
};

const inspector: Story = {
  name: 'the-inspector-calls',
  title: 'A stricter rule at the door of the laboratory',
  text: [
    'The namespace was switched to the restricted pod standard two days ago. Running pods may stay, new ones must comply.',
    'One pod of the centrifuge log was lost to a node restart and its successor is turned away.',
  ],
  build() {
    const world = buildWorld({
      seed: 154,
      now: '2026-06-09T14:29:00Z',
      serverVersion: 'v1.31.9',
      trade: 'hospital',
      nodes: 'aws',
      labels: 'app',
    });
    const namespace = world.get('Namespace', undefined, 'labs');
    Object.assign(namespace.metadata.labels as object, {
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/enforce-version': 'latest',
    });
    world.touch(namespace, {
      manager: 'kubectl-label',
      ago: 2 * 1440,
      paths: [['metadata', 'labels', 'pod-security.kubernetes.io/enforce']],
    });
    const spin = addWorkload(world, {
      namespace: 'labs',
      name: 'centrifuge-log',
      image: 'harbor.stlucia.example/clinic/centrifuge-log:1.4.0',
      replicas: 2,
      port: 8080,
      revisions: 2,
    });
    const c = 'container "centrifuge-log" must set securityContext';
    const p = 'pod or container "centrifuge-log" must set securityContext';
    loseAndRefuse(
      world,
      spin,
      1,
      `pods "{pod}" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (${c}.allowPrivilegeEscalation=false), unrestricted capabilities (${c}.capabilities.drop=["ALL"]), runAsNonRoot != true (${p}.runAsNonRoot=true), seccompProfile (${p}.seccompProfile.type to "RuntimeDefault" or "Localhost")`,
      83,
    );
    const own = (field: string) => ({ object: subjectOf(spin), path: inContainer('centrifuge-log', `securityContext.${field}`) });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'pod-security-rejected', subject: subjectOf(spin), alsoAccept: [subjectOf(namespace)] }],
        forbidden: [at('Service', 'labs', 'centrifuge-log')],
        fixes: [
          [
            { ...own('allowPrivilegeEscalation'), equals: false },
            { ...own('capabilities.drop'), equals: ['ALL'] },
          ],
          [
            {
              object: subjectOf(namespace),
              path: 'metadata.labels["pod-security.kubernetes.io/enforce"]',
              oneOf: ['baseline', 'privileged'],
            },
          ],
        ],
      },
    };
  },
};

function addWebhook(
  world: World,
  kind: 'Validating' | 'Mutating',
  name: string,
  service: { namespace: string; name: string; path: string },
  namespaces?: Record<string, string>,
): Item {
  return world.add(
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: `${kind}WebhookConfiguration`,
      metadata: { name, generation: 1 },
      webhooks: [
        {
          admissionReviewVersions: ['v1'],
          clientConfig: { caBundle: 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==', service: { ...service, port: 443 } },
          failurePolicy: 'Fail',
          matchPolicy: 'Equivalent',
          name: `${name}.policy.example`,
          namespaceSelector: namespaces
            ? { matchLabels: namespaces }
            : { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', service.namespace] }] },
          objectSelector: {},
          rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: '*' }],
          sideEffects: 'None',
          timeoutSeconds: 10,
        },
      ],
    },
    150 * 1440,
    'helm',
  );
}

const porter: Story = {
  name: 'the-night-porter-is-asleep',
  title: 'Nobody may come in because the porter does not answer',
  text: [
    'A policy webhook checks every new pod, and its own pod died at midnight: its certificate folder is empty after a restore.',
    'Whatever is restarted since then is missing, in several namespaces. Running pods are fine.',
  ],
  build() {
    const world = buildWorld({
      seed: 155,
      now: '2026-02-11T06:33:00Z',
      serverVersion: 'v1.32.1',
      trade: 'parcels',
      nodes: 'gke',
      labels: 'recommended',
    });
    addNamespace(world, 'gatehouse');
    const porterApp = addWorkload(world, {
      namespace: 'gatehouse',
      name: 'night-porter',
      image: 'registry.swiftpost.example/ops/night-porter:1.12.0',
      labels: 'recommended',
      replicas: 1,
      port: 8443,
      service: false,
      manager: 'helm',
    });
    const service = addService(world, {
      namespace: 'gatehouse',
      name: 'night-porter',
      selector: porterApp.spec.selector.matchLabels,
      ports: [{ name: 'https', port: 443, targetPort: 8443 }],
      ago: 150 * 1440,
      manager: 'helm',
    });
    crashLoop(world, world.firstPod(porterApp), {
      container: 'night-porter',
      exitCode: 1,
      restarts: 78,
      ago: 385,
      lived: 1,
      log: [`${world.at(1.4)} night-porter 1.12.0`, `${world.at(1.4)} fatal: open /etc/porter/tls/tls.crt: no such file or directory`],
    });
    const hook = addWebhook(world, 'Validating', 'night-porter', { namespace: 'gatehouse', name: 'night-porter', path: '/validate' });
    const reason =
      'Internal error occurred: failed calling webhook "night-porter.policy.example": failed to call webhook: Post "https://night-porter.gatehouse.svc:443/validate?timeout=10s": no endpoints available for service "night-porter"';
    const scans = addWorkload(world, {
      namespace: 'sorting',
      name: 'chute-scanner',
      image: 'registry.swiftpost.example/ops/chute-scanner:4.0.0',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
    });
    const vans = addWorkload(world, {
      namespace: 'routes',
      name: 'van-board',
      image: 'registry.swiftpost.example/ops/van-board:2.3.1',
      labels: 'recommended',
      replicas: 1,
      port: 8080,
    });
    loseAndRefuse(world, scans, 1, reason, 212);
    loseAndRefuse(world, vans, 0, reason, 48);
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'admission-webhook-down',
            subject: subjectOf(hook),
            alsoAccept: [subjectOf(porterApp), subjectOf(service)],
            alsoAcceptCauses: ['missing-binary-or-file'],
            path: [subjectOf(scans)],
          },
        ],
        forbidden: [subjectOf(scans), subjectOf(vans), at('Service', 'sorting', 'chute-scanner'), at('Service', 'routes', 'van-board')],
        fixes: [
          [{ object: subjectOf(hook), path: 'webhooks[0].failurePolicy', equals: 'Ignore' }],
          [{ object: subjectOf(hook), exists: false }],
        ],
      },
    };
  },
};

const dressCode: Story = {
  name: 'dress-code-for-the-gala',
  title: 'No badge, no entry',
  text: [
    'The platform team now requires a label with the cost centre on every pod, in namespaces that ask for it.',
    'The chart of the seat plan has no such label; the webhook works as designed and says so.',
  ],
  build() {
    const world = buildWorld({
      seed: 156,
      now: '2026-11-12T17:55:00Z',
      serverVersion: 'v1.30.5',
      trade: 'airline',
      nodes: 'aws',
      labels: 'component',
    });
    addNamespace(world, 'dresscode');
    const guard = addWorkload(world, {
      namespace: 'dresscode',
      name: 'tag-guard',
      image: 'registry.cirrus.example/sky/tag-guard:0.9.0',
      labels: 'component',
      replicas: 2,
      port: 8443,
      service: false,
    });
    addService(world, {
      namespace: 'dresscode',
      name: 'tag-guard',
      selector: guard.spec.selector.matchLabels,
      ports: [{ name: 'https', port: 443, targetPort: 8443 }],
      ago: 149 * 1440,
    });
    const namespace = world.get('Namespace', undefined, 'departures');
    Object.assign(namespace.metadata.labels as object, { 'cost-control': 'strict' });
    const hook = addWebhook(
      world,
      'Validating',
      'tag-guard',
      { namespace: 'dresscode', name: 'tag-guard', path: '/pods' },
      { 'cost-control': 'strict' },
    );
    const seats = addWorkload(world, {
      namespace: 'departures',
      name: 'seatplan-painter',
      image: 'registry.cirrus.example/sky/seatplan-painter:7.0.0',
      labels: 'component',
      replicas: 2,
      port: 8080,
      revisions: 2,
    });
    rollOut(world, seats, {
      ago: 24,
      change: (template) => {
        template.spec.containers[0].image = 'registry.cirrus.example/sky/seatplan-painter:7.1.0';
      },
      paths: [['containers', 'name=seatplan-painter', 'image']],
      refuse: () =>
        'admission webhook "tag-guard.policy.example" denied the request: pod has no label "cost-centre": namespaces with cost-control=strict require it',
    });
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'admission-webhook-rejects', subject: subjectOf(seats), alsoAccept: [subjectOf(hook), subjectOf(namespace)] },
        ],
        forbidden: [subjectOf(guard), at('Service', 'dresscode', 'tag-guard'), at('Service', 'departures', 'seatplan-painter')],
        fixes: [
          [{ object: subjectOf(seats), path: 'spec.template.metadata.labels.cost-centre', exists: true }],
          [{ object: subjectOf(namespace), path: 'metadata.labels.cost-control', exists: false }],
        ],
      },
    };
  },
};

const pulse: Story = {
  name: 'doctor-who-checks-the-wrong-wrist',
  title: 'Declared dead while breathing',
  text: [
    'A release moved the health page from /status to /livez; the liveness probe still asks for /status and gets 404.',
    'Every half minute a healthy process is killed. Its log shows requests served until the signal comes.',
  ],
  build() {
    const world = buildWorld({
      seed: 161,
      now: '2026-01-29T12:12:00Z',
      serverVersion: 'v1.32.7',
      trade: 'newsroom',
      nodes: 'metal',
      labels: 'app',
    });
    const live = (path: string) => ({
      failureThreshold: 3,
      httpGet: { path, port: 'http', scheme: 'HTTP' },
      periodSeconds: 10,
      successThreshold: 1,
      timeoutSeconds: 1,
    });
    const typeset = addWorkload(world, {
      namespace: 'editorial',
      name: 'typesetter',
      image: 'registry.morningpost.example/desk/typesetter:9.8.0',
      replicas: 2,
      port: 8080,
      revisions: 3,
      container: { livenessProbe: live('/status') },
    });
    const log = [
      `${world.at(2.1)} INFO typesetter 9.9.0 ready`,
      `${world.at(2)} INFO GET /livez 200 1ms`,
      `${world.at(1.9)} INFO GET /status 404 0ms`,
      `${world.at(1.8)} INFO GET /status 404 0ms`,
      `${world.at(1.7)} INFO GET /status 404 0ms`,
      `${world.at(1.7)} INFO SIGTERM: finishing 2 requests, bye`,
    ];
    rollOut(world, typeset, {
      ago: 54,
      manager: 'argocd-controller',
      change: (template) => {
        template.spec.containers[0].image = 'registry.morningpost.example/desk/typesetter:9.9.0';
      },
      paths: [['containers', 'name=typesetter', 'image']],
      fail: (pod) => {
        restartByProbe(world, pod, {
          container: 'typesetter',
          probe: 'Liveness',
          saw: 'HTTP probe failed with statuscode: 404',
          ago: 53.5,
          restarts: 17,
          exitCode: 0,
          lived: 31,
        });
        for (const name of ['typesetter', 'typesetter.previous']) world.log(pod, name, log);
      },
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'liveness-probe-wrong', subject: subjectOf(typeset) }],
        forbidden: [at('Service', 'editorial', 'typesetter')],
        fixes: [
          [{ object: subjectOf(typeset), path: inContainer('typesetter', 'livenessProbe.httpGet.path'), oneOf: ['/livez'] }],
          [{ object: subjectOf(typeset), path: inContainer('typesetter', 'livenessProbe'), exists: false }],
          [
            {
              object: subjectOf(typeset),
              path: inContainer('typesetter', 'image'),
              equals: 'registry.morningpost.example/desk/typesetter:9.8.0',
            },
          ],
        ],
      },
    };
  },
};

const knock: Story = {
  name: 'knocking-at-the-neighbours-door',
  title: 'A call at a door where nobody lives',
  text: [
    'The readiness probe asks port 8081; the program has listened on 8080 since it was written. Under Recreate every pod is new,',
    'none is ready, and the fare page in front of it has nothing behind it. Both logs are calm.',
  ],
  build() {
    const world = buildWorld({
      seed: 162,
      now: '2026-08-06T07:07:00Z',
      serverVersion: 'v1.31.2',
      trade: 'ferry',
      nodes: 'azure',
      labels: 'recommended',
    });
    const fares = addWorkload(world, {
      namespace: 'ticketing',
      name: 'fare-oracle',
      image: 'ghcr.io/northsound-lines/fare-oracle:3.3.3',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      revisions: 2,
      spec: { strategy: { rollingUpdate: undefined, type: 'Recreate' } },
    });
    const page = addWorkload(world, {
      namespace: 'ticketing',
      name: 'fare-page',
      image: 'ghcr.io/northsound-lines/fare-page:1.1.0',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      env: { ORACLE: 'http://fare-oracle' },
    });
    rollOut(world, fares, {
      ago: 22,
      change: (template) => {
        template.spec.containers[0].readinessProbe.httpGet.port = 8081;
      },
      paths: [['containers', 'name=fare-oracle', 'readinessProbe', 'httpGet', 'port']],
      fail: (pod) => {
        failReadiness(world, pod, {
          container: 'fare-oracle',
          saw: `Get "http://${pod.status.podIP}:8081/healthz": dial tcp ${pod.status.podIP}:8081: connect: connection refused`,
          ago: 21.8,
        });
        world.log(pod, 'fare-oracle', [`${world.at(21.7)} INFO listening on :8080`, `${world.at(21.6)} INFO fares loaded: 412`]);
      },
    });
    suffer(world, page, { error: 'upstream http://fare-oracle: connect: connection refused', ago: 21, unready: false });
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'readiness-probe-wrong', subject: subjectOf(fares), path: [at('Service', 'ticketing', 'fare-oracle'), subjectOf(page)] },
        ],
        forbidden: [subjectOf(page), at('Service', 'ticketing', 'fare-oracle'), at('Service', 'ticketing', 'fare-page')],
        fixes: [[{ object: subjectOf(fares), path: inContainer('fare-oracle', 'readinessProbe.httpGet.port'), oneOf: [8080, 'http'] }]],
      },
    };
  },
};

const slowOven: Story = {
  name: 'bread-taken-out-too-early',
  title: 'Ninety seconds of warming up, thirty of patience',
  text: [
    'The grain classifier loads a model for about ninety seconds before it answers. The new startup probe allows thirty,',
    'so each start is cut short at the same line of the log.',
  ],
  build() {
    const world = buildWorld({
      seed: 163,
      now: '2026-03-24T04:55:00Z',
      serverVersion: 'v1.33.2',
      trade: 'farm',
      nodes: 'metal',
      labels: 'component',
    });
    const sorter = addWorkload(world, {
      namespace: 'market',
      name: 'kernel-classifier',
      image: 'registry.greenacre.example/agri/kernel-classifier:1.2.0',
      labels: 'component',
      replicas: 1,
      port: 8080,
      revisions: 2,
    });
    const log = [
      `${world.at(2.2)} INFO loading model wheat-v9 (1.9 GB), usually takes 85 to 95 s`,
      `${world.at(2)} INFO model 17 %`,
      `${world.at(1.75)} INFO model 34 %`,
      `${world.at(1.7)} INFO interrupted by SIGTERM`,
    ];
    const startupProbe = {
      failureThreshold: 3,
      httpGet: { path: '/healthz', port: 'http', scheme: 'HTTP' },
      periodSeconds: 10,
      successThreshold: 1,
      timeoutSeconds: 1,
    };
    rollOut(world, sorter, {
      ago: 71,
      change: (template) => {
        template.spec.containers[0].startupProbe = startupProbe;
      },
      paths: [['containers', 'name=kernel-classifier', 'startupProbe']],
      fail: (pod) => {
        restartByProbe(world, pod, {
          container: 'kernel-classifier',
          probe: 'Startup',
          saw: `Get "http://${pod.status.podIP}:8080/healthz": dial tcp ${pod.status.podIP}:8080: connect: connection refused`,
          ago: 70.5,
          restarts: 18,
          exitCode: 143,
          lived: 31,
        });
        for (const name of ['kernel-classifier', 'kernel-classifier.previous']) world.log(pod, name, log);
      },
    });
    const probe = (field: string) => ({ object: subjectOf(sorter), path: inContainer('kernel-classifier', `startupProbe.${field}`) });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'startup-probe-too-short', subject: subjectOf(sorter) }],
        forbidden: [at('Service', 'market', 'kernel-classifier')],
        fixes: [
          [{ ...probe('failureThreshold'), atLeast: 10 }],
          [{ ...probe('periodSeconds'), atLeast: 40 }],
          [{ ...probe('initialDelaySeconds'), atLeast: 75 }],
          [{ object: subjectOf(sorter), path: inContainer('kernel-classifier', 'startupProbe'), exists: false }],
        ],
      },
    };
  },
};

export const ADMISSION_STORIES: readonly Story[] = [harvestFair, houseRules, ceiling, inspector, porter, dressCode];
export const PROBE_STORIES: readonly Story[] = [pulse, knock, slowOven];
