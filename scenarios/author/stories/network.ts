import { suffer } from '../dependants.ts';
import type { Item } from '../item.ts';
import { buildWorld } from '../neighbours.ts';
import { addIngress } from '../platform.ts';
import { crashLoop } from '../pod-states.ts';
import { rollOut } from '../rollout.ts';
import { addService } from '../services.ts';
import { at, inContainer, type Story, subjectOf } from '../story.ts';
import { addWorkload } from '../workloads.ts';
import type { World } from '../world.ts';

const labelTidy: Story = {
  name: 'friday-label-tidy-up',
  title: 'Everybody got new name tags except the telephone list',
  text: [
    'On Friday the labels of the review service were brought into line with the house style. The Service selects by the old ones.',
    'All pods run and are ready; the Service has nothing behind it, and two callers get refused connections. Events are long gone.',
  ],
  events: false,
  build() {
    const world = buildWorld({
      seed: 171,
      now: '2026-05-10T10:00:00Z',
      serverVersion: 'v1.31.6',
      trade: 'bookshop',
      nodes: 'gke',
      labels: 'recommended',
    });
    const critic = addWorkload(world, {
      namespace: 'readers',
      name: 'critic-circle',
      image: 'registry.inkwell.example/shop/critic-circle:2.7.0',
      labels: 'recommended',
      replicas: 3,
      port: 8080,
      revisions: 2,
    });
    critic.spec.template.metadata.labels.app = 'critic-circle';
    for (const set of world.ownedBy(critic)) set.spec.template.metadata.labels.app = 'critic-circle';
    rollOut(world, critic, {
      ago: 2 * 1440,
      manager: 'kubectl-client-side-apply',
      change: (template) => {
        delete template.metadata.labels.app;
      },
    });
    const service = world.get('Service', 'readers', 'critic-circle');
    service.spec.selector = { app: 'critic-circle' };
    const callers = ['front-window', 'reading-club'].map((name) =>
      addWorkload(world, {
        namespace: 'readers',
        name,
        image: `registry.inkwell.example/shop/${name}:1.4.0`,
        labels: 'recommended',
        replicas: 1,
        port: 8080,
        env: { CRITICS_URL: 'http://critic-circle.readers' },
      }),
    );
    for (const caller of callers)
      suffer(world, caller, {
        error: 'GET http://critic-circle.readers/latest: connect: connection refused',
        ago: 2 * 1440 - 5,
        unready: caller.metadata.name === 'reading-club',
      });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'service-selector-mismatch', subject: subjectOf(service), path: callers.map(subjectOf).slice(1) }],
        forbidden: [subjectOf(critic), ...callers.map(subjectOf)],
        fixes: [
          [
            {
              object: subjectOf(service),
              path: 'spec.selector',
              oneOf: [
                { 'app.kubernetes.io/name': 'critic-circle' },
                { 'app.kubernetes.io/instance': 'critic-circle' },
                critic.spec.selector.matchLabels,
              ],
            },
          ],
          [{ object: subjectOf(critic), path: 'spec.template.metadata.labels.app', equals: 'critic-circle' }],
        ],
      },
    };
  },
};

const platform9: Story = {
  name: 'platform-nine-and-a-half',
  title: 'Passengers are sent to a platform that is not there',
  text: [
    'The Service sends traffic to port 8090 of the pods. They listen on 8080: 8090 was the port of the program that stood here before.',
    'Endpoints look perfect, all pods are ready, and every connection is refused.',
  ],
  build() {
    const world = buildWorld({
      seed: 172,
      now: '2026-07-16T17:42:00Z',
      serverVersion: 'v1.30.1',
      trade: 'airline',
      nodes: 'metal',
      labels: 'app',
    });
    const board = addWorkload(world, {
      namespace: 'departures',
      name: 'split-flap-board',
      image: 'registry.cirrus.example/sky/split-flap-board:5.0.0',
      replicas: 2,
      port: 8080,
      days: 6,
    });
    const service = world.get('Service', 'departures', 'split-flap-board');
    service.spec.ports[0].targetPort = 8090;
    world.touch(service, { manager: 'kubectl-edit', ago: 190, paths: [['spec', 'ports']] });
    const speaker = addWorkload(world, {
      namespace: 'departures',
      name: 'hall-speaker',
      image: 'registry.cirrus.example/sky/hall-speaker:2.2.1',
      replicas: 2,
      port: 8080,
      env: { BOARD: 'http://split-flap-board.departures.svc.cluster.local' },
    });
    suffer(world, speaker, {
      error: `dial tcp ${service.spec.clusterIP}:80: connect: connection refused (split-flap-board.departures.svc.cluster.local)`,
      ago: 189,
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'service-target-port-wrong', subject: subjectOf(service), path: [subjectOf(speaker)] }],
        forbidden: [subjectOf(board), subjectOf(speaker), at('Service', 'departures', 'hall-speaker')],
        fixes: [[{ object: subjectOf(service), path: 'spec.ports[0].targetPort', oneOf: [8080, 'http'] }]],
      },
    };
  },
};

const switchboard: Story = {
  name: 'the-switchboard-is-gone',
  title: 'A number that is no longer in the book',
  text: [
    'During a clean-up the Service of the tyre pressure feed was deleted; the pods behind it are well. Two callers cannot resolve the name any more,',
    'one of them restarts over it. The ingress of the caller answers 503.',
  ],
  build() {
    const world = buildWorld({
      seed: 173,
      now: '2026-12-08T09:37:00Z',
      serverVersion: 'v1.33.4',
      trade: 'workshop',
      nodes: 'aws',
      labels: 'k8s-app',
    });
    const feed = addWorkload(world, {
      namespace: 'quality',
      name: 'tyre-pressure',
      image: 'registry.ironworks.example/plant/tyre-pressure:1.8.8',
      labels: 'k8s-app',
      replicas: 2,
      port: 8080,
      service: false,
    });
    const lamp = addWorkload(world, {
      namespace: 'quality',
      name: 'warning-lamp',
      image: 'registry.ironworks.example/plant/warning-lamp:3.0.0',
      labels: 'k8s-app',
      replicas: 1,
      port: 8080,
      env: { PRESSURE_URL: 'http://tyre-pressure:80/now' },
    });
    const wall = addWorkload(world, {
      namespace: 'quality',
      name: 'shift-wall',
      image: 'registry.ironworks.example/plant/shift-wall:1.0.2',
      labels: 'k8s-app',
      replicas: 2,
      port: 8080,
      env: { PRESSURE_HOST: 'tyre-pressure.quality.svc.cluster.local' },
    });
    const ingress = addIngress(world, {
      namespace: 'quality',
      name: 'shift-wall',
      host: 'wall.ironworks.example',
      service: 'shift-wall',
      ago: 50 * 1440,
    });
    crashLoop(world, world.firstPod(lamp), {
      container: 'warning-lamp',
      exitCode: 1,
      restarts: 23,
      ago: 118,
      lived: 10,
      log: [
        `${world.at(1.5)} INFO warning-lamp 3.0.0`,
        `${world.at(1.4)} FATAL http://tyre-pressure:80/now: dial tcp: lookup tyre-pressure on 10.96.0.10:53: no such host`,
      ],
    });
    suffer(world, wall, { error: 'lookup tyre-pressure.quality.svc.cluster.local on 10.96.0.10:53: no such host', ago: 119 });
    const missing = at('Service', 'quality', 'tyre-pressure');
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'service-missing', subject: missing, alsoAccept: [subjectOf(feed)], path: [subjectOf(wall), subjectOf(ingress)] },
        ],
        forbidden: [subjectOf(lamp), subjectOf(wall), subjectOf(ingress), at('Deployment', 'kube-system', 'coredns')],
        fixes: [[{ object: missing, path: 'spec.selector.k8s-app', equals: 'tyre-pressure' }]],
      },
    };
  },
};

const mainframe: Story = {
  name: 'letters-to-an-old-address',
  title: 'The mainframe moved, its address card did not',
  text: [
    'The sanctions list is asked over a Service without selector, whose endpoints are written by hand. The mainframe got a new address on Sunday.',
    'Three machines away a pod times out; Kubernetes has no idea.',
  ],
  build() {
    const world = buildWorld({
      seed: 174,
      now: '2026-09-28T08:21:00Z',
      serverVersion: 'v1.29.12',
      trade: 'bank',
      nodes: 'metal',
      labels: 'app',
    });
    const service = addService(world, { namespace: 'risk', name: 'host-gateway', ports: [{ name: 'tcp', port: 4411 }], ago: 400 * 1440 });
    const endpoints = world.add(
      {
        apiVersion: 'v1',
        kind: 'Endpoints',
        metadata: { name: 'host-gateway', namespace: 'risk' },
        subsets: [{ addresses: [{ ip: '10.90.4.17' }], ports: [{ name: 'tcp', port: 4411, protocol: 'TCP' }] }],
      },
      400 * 1440,
      'kubectl-client-side-apply',
    );
    world.add(
      {
        addressType: 'IPv4',
        apiVersion: 'discovery.k8s.io/v1',
        endpoints: [{ addresses: ['10.90.4.17'], conditions: { ready: true } }],
        kind: 'EndpointSlice',
        metadata: {
          name: 'host-gateway-x7k2p',
          generateName: 'host-gateway-',
          namespace: 'risk',
          labels: {
            'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
            'kubernetes.io/service-name': 'host-gateway',
          },
        },
        ports: [{ name: 'tcp', port: 4411, protocol: 'TCP' }],
      },
      400 * 1440,
    );
    const notes = world.add(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'host-gateway-notes', namespace: 'risk' },
        data: { README: 'Host gateway since 27 September 2026: 10.90.6.17 port 4411. The old machine (10.90.4.17) is switched off.' },
      },
      20 * 60,
      'kubectl-create',
    );
    const check = addWorkload(world, {
      namespace: 'risk',
      name: 'watchlist-check',
      image: 'artifacts.meridian.example/core/watchlist-check:3.9.0',
      replicas: 2,
      port: 8080,
      env: { HOST_GATEWAY: 'host-gateway.risk.svc:4411' },
    });
    suffer(world, check, { error: 'host-gateway.risk.svc:4411: dial tcp 10.90.4.17:4411: i/o timeout', ago: 19 * 60 });
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'endpoint-manual-wrong',
            subject: subjectOf(endpoints),
            alsoAccept: [subjectOf(service), at('EndpointSlice', 'risk', 'host-gateway-x7k2p')],
            alsoAcceptCauses: ['external-service-unreachable'],
            path: [subjectOf(check)],
          },
        ],
        forbidden: [subjectOf(check), at('Service', 'risk', 'watchlist-check'), subjectOf(notes)],
        fixes: [[{ object: subjectOf(endpoints), path: 'subsets[0].addresses[0].ip', equals: '10.90.6.17' }]],
      },
    };
  },
};

const signpost: Story = {
  name: 'signpost-to-the-old-gate',
  title: "A signpost that still shows the way to last year's gate",
  text: [
    'The wristband shop was renamed; its ingress still points at the old Service. Visitors get 503, every pod is healthy,',
    'and nobody in the cluster complains.',
  ],
  build() {
    const world = buildWorld({
      seed: 175,
      now: '2026-05-23T13:31:00Z',
      serverVersion: 'v1.32.0',
      trade: 'festival',
      nodes: 'azure',
      labels: 'app',
      ingressClass: 'traefik',
    });
    const shop = addWorkload(world, {
      namespace: 'gates',
      name: 'armband-shop',
      image: 'ghcr.io/bigfield-live/armband-shop:3.0.0',
      replicas: 2,
      port: 8080,
      days: 3,
    });
    const ingress = addIngress(world, {
      namespace: 'gates',
      name: 'shop-entrance',
      host: 'shop.bigfield.example',
      service: 'ribbon-shop',
      ago: 320 * 1440,
    });
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'ingress-backend-missing',
            subject: subjectOf(ingress),
            alsoAccept: [at('Service', 'gates', 'ribbon-shop')],
            alsoAcceptCauses: ['service-missing'],
          },
        ],
        forbidden: [subjectOf(shop), at('Service', 'gates', 'armband-shop')],
        fixes: [
          [{ object: subjectOf(ingress), path: 'spec.rules[0].http.paths[0].backend.service.name', equals: 'armband-shop' }],
          [{ object: at('Service', 'gates', 'ribbon-shop'), path: 'spec.selector.app', equals: 'armband-shop' }],
        ],
      },
    };
  },
};

const doorman: Story = {
  name: 'a-doorman-nobody-hired',
  title: 'An entrance that waits for a doorman of another house',
  text: [
    'The outage map moved here from another cluster, with its ingress as it was: class `haproxy-edge`. This cluster has another controller',
    'and no such class, so nobody ever gave the ingress an address.',
  ],
  build() {
    const world = buildWorld({
      seed: 176,
      now: '2026-04-03T15:15:00Z',
      serverVersion: 'v1.31.0',
      trade: 'energy',
      nodes: 'gke',
      labels: 'component',
    });
    const map = addWorkload(world, {
      namespace: 'dispatch',
      name: 'blackout-map',
      image: 'quay.io/voltaire-grid/blackout-map:2.0.0',
      labels: 'component',
      replicas: 2,
      port: 8080,
      days: 1,
    });
    const ingress = addIngress(world, {
      namespace: 'dispatch',
      name: 'blackout-map',
      host: 'map.voltaire.example',
      service: 'blackout-map',
      className: 'haproxy-edge',
      ago: 1430,
    });
    ingress.status = { loadBalancer: {} };
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'ingress-class-missing', subject: subjectOf(ingress), alsoAccept: [at('IngressClass', undefined, 'haproxy-edge')] },
        ],
        forbidden: [subjectOf(map), at('Service', 'dispatch', 'blackout-map')],
        fixes: [
          [{ object: subjectOf(ingress), path: 'spec.ingressClassName', equals: 'nginx' }],
          [{ object: at('IngressClass', undefined, 'haproxy-edge'), exists: true }],
        ],
      },
    };
  },
};

const trapdoor: Story = {
  name: 'the-stage-door-has-moved',
  title: 'A route that asks for a door the gateway does not have',
  text: [
    'The shared gateway lost its plain listener when everything went to TLS. The route of the membership desk still asks for the listener `plain`.',
    'The controller says so in the status of the route; pods and Service are fine.',
  ],
  build() {
    const world = buildWorld({
      seed: 177,
      now: '2026-10-20T11:48:00Z',
      serverVersion: 'v1.33.0',
      trade: 'museum',
      nodes: 'aws',
      labels: 'recommended',
    });
    const gateway = world.add(
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'Gateway',
        metadata: { name: 'front-gate', namespace: 'ingress', generation: 4 },
        spec: {
          gatewayClassName: 'envoy',
          listeners: [
            {
              allowedRoutes: { namespaces: { from: 'All' } },
              hostname: '*.galleria.example',
              name: 'secure',
              port: 443,
              protocol: 'HTTPS',
              tls: { certificateRefs: [{ group: '', kind: 'Secret', name: 'galleria-tls' }], mode: 'Terminate' },
            },
          ],
        },
        status: {
          addresses: [{ type: 'IPAddress', value: '203.0.113.80' }],
          conditions: [
            gatewayCondition(world, 'Accepted', 'True', 'Accepted', 'The Gateway has been scheduled by Envoy Gateway', 1440),
            gatewayCondition(
              world,
              'Programmed',
              'True',
              'Programmed',
              'Address assigned to the Gateway, 2/2 envoy replicas available',
              1440,
            ),
          ],
          listeners: [
            {
              attachedRoutes: 1,
              name: 'secure',
              supportedKinds: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute' }],
              conditions: [
                gatewayCondition(
                  world,
                  'Programmed',
                  'True',
                  'Programmed',
                  'Sending translated listener configuration to the data plane',
                  1440,
                ),
              ],
            },
          ],
        },
      },
      200 * 1440,
      'kubectl-client-side-apply',
    );
    world.add(
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'GatewayClass',
        metadata: { name: 'envoy', generation: 1 },
        spec: { controllerName: 'gateway.envoyproxy.io/gatewayclass-controller' },
        status: { conditions: [gatewayCondition(world, 'Accepted', 'True', 'Accepted', 'Valid GatewayClass', 190 * 1440)] },
      },
      200 * 1440,
      'helm',
    );
    world.add(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'galleria-tls', namespace: 'ingress' },
        data: { 'tls.crt': 'ZGVtbw==', 'tls.key': 'ZGVtbw==' },
        type: 'kubernetes.io/tls',
      },
      20 * 1440,
      'cert-manager-certificates-issuing',
    );
    world.touch(gateway, { manager: 'kubectl-client-side-apply', ago: 1440, paths: [['spec', 'listeners']] });
    const desk = addWorkload(world, {
      namespace: 'visitors',
      name: 'patron-desk',
      image: 'quay.io/galleria-nova/patron-desk:6.6.1',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
    });
    const route = addRoute(world, 'patron-desk', 'patrons.galleria.example', 'plain');
    route.status.parents[0].conditions = [
      gatewayCondition(world, 'Accepted', 'False', 'NoMatchingParent', 'No listeners match this parent ref', 1440),
      gatewayCondition(world, 'ResolvedRefs', 'True', 'ResolvedRefs', 'Resolved all the Object references for the Route', 1440),
    ];
    addWorkload(world, {
      namespace: 'visitors',
      name: 'opening-hours',
      image: 'quay.io/galleria-nova/opening-hours:1.0.4',
      labels: 'recommended',
      replicas: 1,
      port: 8080,
    });
    addRoute(world, 'opening-hours', 'hours.galleria.example', 'secure');
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'route-parent-or-listener-wrong', subject: subjectOf(route), alsoAccept: [subjectOf(gateway)] }],
        forbidden: [subjectOf(desk), at('Service', 'visitors', 'patron-desk'), at('HTTPRoute', 'visitors', 'opening-hours')],
        fixes: [
          [{ object: subjectOf(route), path: 'spec.parentRefs[0].sectionName', oneOf: ['secure'] }],
          [{ object: subjectOf(route), path: 'spec.parentRefs[0].sectionName', exists: false }],
          [{ object: subjectOf(gateway), path: 'spec.listeners[name=plain]', exists: true }],
        ],
      },
    };
  },
};

function gatewayCondition(world: World, type: string, status: string, reason: string, message: string, ago: number) {
  return { lastTransitionTime: world.at(ago), message, observedGeneration: 4, reason, status, type };
}

function addRoute(world: World, name: string, host: string, sectionName: string): Item {
  const parentRef = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'front-gate', namespace: 'ingress', sectionName };
  const good = ['Accepted', 'ResolvedRefs'].map((type) =>
    gatewayCondition(
      world,
      type,
      'True',
      type,
      type === 'Accepted' ? 'Route is accepted' : 'Resolved all the Object references for the Route',
      1440,
    ),
  );
  const rules = [
    { backendRefs: [{ group: '', kind: 'Service', name, port: 80, weight: 1 }], matches: [{ path: { type: 'PathPrefix', value: '/' } }] },
  ];
  return world.add(
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name, namespace: 'visitors', generation: 2 },
      spec: { hostnames: [host], parentRefs: [parentRef], rules },
      status: { parents: [{ conditions: good, controllerName: 'gateway.envoyproxy.io/gatewayclass-controller', parentRef }] },
    },
    150 * 1440,
    'kubectl-client-side-apply',
  );
}

const quietZone: Story = {
  name: 'quiet-zone-in-the-reading-room',
  title: 'A rule of silence that also silences the catalogue',
  text: [
    'A policy was added that lets only the front desk talk to the shelf index. The inter-library bridge, in another namespace, was forgotten:',
    'its connections time out. Nothing restarts; the index itself is healthy.',
  ],
  build() {
    const world = buildWorld({
      seed: 178,
      now: '2026-06-23T09:09:00Z',
      serverVersion: 'v1.31.11',
      trade: 'university',
      nodes: 'metal',
      labels: 'app',
    });
    const index = addWorkload(world, {
      namespace: 'library',
      name: 'stack-index',
      image: 'harbor.uni-elm.example/campus/stack-index:4.4.0',
      replicas: 2,
      port: 8080,
    });
    addWorkload(world, {
      namespace: 'library',
      name: 'help-desk',
      image: 'harbor.uni-elm.example/campus/help-desk:1.1.0',
      replicas: 1,
      port: 8080,
      env: { INDEX: 'http://stack-index' },
    });
    const bridge = addWorkload(world, {
      namespace: 'enrolment',
      name: 'interlibrary-bridge',
      image: 'harbor.uni-elm.example/campus/interlibrary-bridge:2.0.0',
      replicas: 2,
      port: 8080,
      env: { INDEX_URL: 'http://stack-index.library.svc.cluster.local' },
    });
    const policy = world.add(
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'NetworkPolicy',
        metadata: { name: 'stack-index-callers', namespace: 'library', generation: 1 },
        spec: {
          ingress: [{ from: [{ podSelector: { matchLabels: { app: 'help-desk' } } }], ports: [{ port: 8080, protocol: 'TCP' }] }],
          podSelector: { matchLabels: { app: 'stack-index' } },
          policyTypes: ['Ingress'],
        },
      },
      138,
      'kubectl-client-side-apply',
    );
    suffer(world, bridge, {
      error: 'GET http://stack-index.library.svc.cluster.local/lookup: context deadline exceeded (connect timed out after 5s)',
      ago: 137,
    });
    const ingress = { object: subjectOf(policy), path: 'spec.ingress[0].from' };
    const both = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'enrolment' } } };
    const pod = { podSelector: { matchLabels: { app: 'help-desk' } } };
    const exact = { ...both, podSelector: { matchLabels: { app: 'interlibrary-bridge' } } };
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'network-policy-blocks', subject: subjectOf(policy), path: [subjectOf(bridge)] }],
        forbidden: [subjectOf(index), subjectOf(bridge), at('Service', 'library', 'stack-index')],
        fixes: [
          [{ object: subjectOf(policy), exists: false }],
          [
            {
              ...ingress,
              oneOf: [
                [pod, exact],
                [exact, pod],
                [pod, both],
                [both, pod],
              ],
            },
          ],
          [{ object: subjectOf(policy), path: 'spec.ingress[1]', exists: true }],
        ],
      },
    };
  },
};

const misprint: Story = {
  name: 'misprint-in-the-address-book',
  title: 'One letter in an address',
  text: [
    'The courier app was given the address of the depot with a letter too few: `depot-clok` instead of `depot-clock`.',
    'The clock runs and its Service is fine. The app crashes over a name that never existed.',
  ],
  build() {
    const world = buildWorld({
      seed: 179,
      now: '2026-08-12T06:16:00Z',
      serverVersion: 'v1.30.10',
      trade: 'parcels',
      nodes: 'azure',
      labels: 'k8s-app',
    });
    const clock = addWorkload(world, {
      namespace: 'sorting',
      name: 'depot-clock',
      image: 'registry.swiftpost.example/ops/depot-clock:1.0.0',
      labels: 'k8s-app',
      replicas: 1,
      port: 8080,
    });
    const app = addWorkload(world, {
      namespace: 'routes',
      name: 'bike-courier',
      image: 'registry.swiftpost.example/ops/bike-courier:0.8.0',
      labels: 'k8s-app',
      replicas: 2,
      port: 8080,
      days: 1 / 10,
      env: { CLOCK_URL: 'http://depot-clok.sorting.svc.cluster.local/now' },
    });
    for (const pod of world.podsOf(app))
      crashLoop(world, pod, {
        container: 'bike-courier',
        exitCode: 1,
        restarts: 28,
        ago: 140,
        lived: 2,
        log: [
          `${world.at(1.3)} bike-courier 0.8.0`,
          `${world.at(1.3)} fatal: cannot set the clock: Get "http://depot-clok.sorting.svc.cluster.local/now": dial tcp: lookup depot-clok.sorting.svc.cluster.local on 10.96.0.10:53: no such host`,
        ],
      });
    world.rollouts.set(app.metadata.uid as string, 143);
    return {
      world,
      answer: {
        rootCauses: [
          { cause: 'dns-name-wrong', subject: subjectOf(app), alsoAcceptCauses: ['invalid-environment-value', 'dependency-misconfigured'] },
        ],
        forbidden: [
          subjectOf(clock),
          at('Service', 'sorting', 'depot-clock'),
          at('Deployment', 'kube-system', 'coredns'),
          at('Service', 'routes', 'bike-courier'),
        ],
        fixes: [
          [
            {
              object: subjectOf(app),
              path: inContainer('bike-courier', 'env[name=CLOCK_URL].value'),
              oneOf: [
                'http://depot-clock.sorting.svc.cluster.local/now',
                'http://depot-clock.sorting/now',
                'http://depot-clock.sorting.svc/now',
              ],
            },
          ],
        ],
      },
    };
  },
};

const phoneBook: Story = {
  name: 'phone-book-in-the-bin',
  title: 'Nobody finds anybody any more',
  text: [
    'Somebody added a rewrite to the configuration of CoreDNS and forgot a brace. It reloaded nothing at first; at the next restart both pods refused it.',
    'Half of the applications cannot resolve a name. They are all innocent.',
  ],
  build() {
    const world = buildWorld({
      seed: 180,
      now: '2026-11-05T22:44:00Z',
      serverVersion: 'v1.32.8',
      trade: 'arcade',
      nodes: 'metal',
      labels: 'recommended',
      workloadsPerNamespace: 3,
    });
    const config = world.get('ConfigMap', 'kube-system', 'coredns');
    config.data.Corefile = config.data.Corefile.replace(
      '    cache 30\n',
      '    rewrite name exact old-lobby.pixelforge.example lobby.lobby.svc.cluster.local {\n    cache 30\n',
    );
    world.touch(config, { manager: 'kubectl-edit', ago: 26 * 60, paths: [['data', 'Corefile']] });
    const dns = world.get('Deployment', 'kube-system', 'coredns');
    for (const pod of world.podsOf(dns))
      crashLoop(world, pod, {
        container: 'coredns',
        exitCode: 1,
        restarts: 11,
        ago: 32,
        lived: 1,
        log: ["plugin/rewrite: /etc/coredns/Corefile:19 - Error during parsing: Unexpected EOF, expecting closing brace '}'"],
      });
    const guilds = addWorkload(world, {
      namespace: 'lobby',
      name: 'clan-hall',
      image: 'ghcr.io/pixelforge-games/clan-hall:2.2.0',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      env: { STORE: 'treasure-store.economy.svc.cluster.local' },
    });
    const store = addWorkload(world, {
      namespace: 'economy',
      name: 'treasure-store',
      image: 'ghcr.io/pixelforge-games/treasure-store:5.1.0',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
    });
    const queue = addWorkload(world, {
      namespace: 'matches',
      name: 'duel-queue',
      image: 'ghcr.io/pixelforge-games/duel-queue:1.9.9',
      labels: 'recommended',
      replicas: 1,
      port: 8080,
      env: { STORE_URL: 'http://treasure-store.economy' },
    });
    for (const app of [guilds, queue])
      suffer(world, app, {
        error:
          'dial tcp: lookup treasure-store.economy.svc.cluster.local on 10.96.0.10:53: read udp 10.244.2.9:41822->10.96.0.10:53: read: connection refused',
        ago: 31,
      });
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'dns-unavailable',
            subject: subjectOf(config),
            alsoAccept: [subjectOf(dns), at('Service', 'kube-system', 'kube-dns')],
            alsoAcceptCauses: ['configmap-content-wrong'],
            path: [subjectOf(dns), at('Service', 'kube-system', 'kube-dns'), subjectOf(guilds)],
          },
        ],
        forbidden: [subjectOf(guilds), subjectOf(queue), subjectOf(store), at('Service', 'economy', 'treasure-store')],
        fixes: [
          [
            {
              object: subjectOf(config),
              path: 'data.Corefile',
              oneOf: [config.data.Corefile.replace(/ {4}rewrite .*\n/, ''), config.data.Corefile.replace(/(rewrite .*) \{\n/, '$1\n')],
            },
          ],
        ],
      },
    };
  },
};

export const NETWORK_STORIES: readonly Story[] = [
  labelTidy,
  platform9,
  switchboard,
  mainframe,
  signpost,
  doorman,
  trapdoor,
  quietZone,
  misprint,
  phoneBook,
];
