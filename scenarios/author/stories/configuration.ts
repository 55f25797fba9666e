import { suffer } from '../dependants.ts';
import type { Item } from '../item.ts';
import { buildWorld } from '../neighbours.ts';
import { addIngress } from '../platform.ts';
import { crashLoop, failConfiguration, failMount } from '../pod-states.ts';
import { renew } from '../pods.ts';
import { rollOut } from '../rollout.ts';
import { at, inContainer, type Story, subjectOf } from '../story.ts';
import { addSecret, addWorkload } from '../workloads.ts';

const indexCards: Story = {
  name: 'the-librarian-tidies-the-drawer',
  title: 'One drawer emptied, a whole library closed',
  text: [
    'Somebody deleted credentials that looked unused. For three hours nothing happened: the database had read them long ago.',
    'Then its pod moved to another node and could not start. Lending, holds and fines stand still, and the public page answers 503.',
    'All the noise is in the three applications and the ingress; the quiet cause is one missing Secret.',
  ],
  build() {
    const world = buildWorld({
      seed: 121,
      now: '2026-11-03T12:26:00Z',
      serverVersion: 'v1.33.5',
      trade: 'university',
      nodes: 'metal',
      labels: 'recommended',
    });
    const auth = { name: 'POSTGRES_PASSWORD', valueFrom: { secretKeyRef: { key: 'password', name: 'holdings-store-auth' } } };
    const store = addWorkload(world, {
      namespace: 'library',
      name: 'holdings-store',
      kind: 'StatefulSet',
      image: 'docker.io/library/postgres:15.8',
      labels: 'recommended',
      replicas: 1,
      port: 5432,
      claim: { size: '80Gi', class: 'ceph-block' },
      container: { env: [{ name: 'PGDATA', value: '/var/lib/data/pg' }, auth] },
    });
    const names = ['lending-counter', 'hold-shelf', 'fine-collector'];
    const apps = names.map((name) =>
      addWorkload(world, {
        namespace: 'library',
        name,
        image: `harbor.uni-elm.example/campus/${name}:2.6.0`,
        labels: 'recommended',
        replicas: name === 'fine-collector' ? 1 : 2,
        port: 8080,
        env: { DATABASE_URL: 'postgres://library@holdings-store.library.svc:5432/holdings' },
      }),
    );
    const ingress = addIngress(world, {
      namespace: 'library',
      name: 'public-catalogue',
      host: 'library.uni-elm.example',
      service: 'lending-counter',
      ago: 90 * 1440,
    });
    const pod = world.firstPod(store);
    renew(world, pod, 51);
    failConfiguration(world, pod, 'holdings-store', 'secret "holdings-store-auth" not found', 51);
    for (const app of apps)
      suffer(world, app, {
        error: 'could not connect to server: dial tcp: lookup holdings-store.library.svc on 10.96.0.10:53: no such host',
        ago: 50,
      });
    const secret = at('Secret', 'library', 'holdings-store-auth');
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'secret-missing',
            subject: secret,
            alsoAccept: [subjectOf(store)],
            path: [subjectOf(store), at('Service', 'library', 'holdings-store'), subjectOf(apps[0] as Item), subjectOf(ingress)],
          },
        ],
        forbidden: [
          ...apps.map(subjectOf),
          subjectOf(ingress),
          at('Service', 'library', 'holdings-store'),
          ...names.map((name) => at('Service', 'library', name)),
        ],
        fixes: [[{ object: secret, path: 'data.password', exists: true }]],
      },
    };
  },
};

const cupboard: Story = {
  name: 'moved-to-the-new-cupboard',
  title: 'The plan for the paint shop was put elsewhere',
  text: [
    'The recipe list got a new name, `lacquer-recipes-v2`, in the same change that removed the old one.',
    'The deployment was to follow in the next change, but a node reboot came first: its pod now waits for a volume that cannot be filled.',
  ],
  build() {
    const world = buildWorld({
      seed: 122,
      now: '2026-08-19T06:55:00Z',
      serverVersion: 'v1.31.5',
      trade: 'workshop',
      nodes: 'aws',
      labels: 'k8s-app',
      manager: 'argocd-controller',
    });
    world.add(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'lacquer-recipes-v2', namespace: 'assembly' },
        data: { 'recipes.json': '{"ral5010":[12,4,9]}' },
      },
      170,
      'argocd-controller',
    );
    const mixer = addWorkload(world, {
      namespace: 'assembly',
      name: 'lacquer-mixer',
      image: 'registry.ironworks.example/plant/lacquer-mixer:1.3.8',
      labels: 'k8s-app',
      replicas: 1,
      port: 8080,
      revisions: 2,
      container: { volumeMounts: [{ mountPath: '/recipes', name: 'recipes' }] },
      pod: { volumes: [{ configMap: { defaultMode: 420, name: 'lacquer-recipes' }, name: 'recipes' }] },
    });
    const pod = world.firstPod(mixer);
    renew(world, pod, 96);
    failMount(world, pod, 'MountVolume.SetUp failed for volume "recipes" : configmap "lacquer-recipes" not found', 96);
    const missing = at('ConfigMap', 'assembly', 'lacquer-recipes');
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'configmap-missing', subject: missing, alsoAccept: [subjectOf(mixer)] }],
        forbidden: [at('ConfigMap', 'assembly', 'lacquer-recipes-v2'), at('Service', 'assembly', 'lacquer-mixer')],
        fixes: [
          [{ object: missing, exists: true }],
          [{ object: subjectOf(mixer), path: 'spec.template.spec.volumes[name=recipes].configMap.name', equals: 'lacquer-recipes-v2' }],
        ],
      },
    };
  },
};

const sideDoor: Story = {
  name: 'wrong-label-on-the-side-door',
  title: 'A setting that changed its spelling',
  text: [
    'The shared settings of the trading floor were renamed from camel case to kebab case.',
    'One program still asks for the old spelling, and found out at its next release.',
  ],
  build() {
    const world = buildWorld({
      seed: 123,
      now: '2026-12-02T17:15:00Z',
      serverVersion: 'v1.30.4',
      trade: 'energy',
      nodes: 'azure',
      labels: 'app',
    });
    const settings = world.add(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'market-hours', namespace: 'trading' },
        data: { 'close-at': '18:00', 'open-at': '08:00', 'time-zone': 'Europe/Berlin' },
      },
      200 * 1440,
      'kubectl-client-side-apply',
    );
    world.touch(settings, {
      manager: 'kubectl-edit',
      ago: 3 * 1440,
      paths: [
        ['data', 'open-at'],
        ['data', 'close-at'],
        ['data', 'time-zone'],
      ],
    });
    const ref = (key: string) => ({ configMapKeyRef: { key, name: 'market-hours' } });
    const bell = addWorkload(world, {
      namespace: 'trading',
      name: 'closing-bell',
      image: 'quay.io/voltaire-grid/closing-bell:0.9.1',
      replicas: 2,
      port: 8080,
      revisions: 2,
      env: { OPEN_AT: ref('openAt'), CLOSE_AT: ref('closeAt') },
    });
    rollOut(world, bell, {
      ago: 57,
      manager: 'kubectl-set',
      change: (template) => {
        template.spec.containers[0].image = 'quay.io/voltaire-grid/closing-bell:0.9.2';
      },
      paths: [['containers', 'name=closing-bell', 'image']],
      fail: (pod) => failConfiguration(world, pod, 'closing-bell', "couldn't find key openAt in ConfigMap trading/market-hours", 56.9),
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'configmap-key-missing', subject: subjectOf(settings), alsoAccept: [subjectOf(bell)] }],
        forbidden: [at('Service', 'trading', 'closing-bell')],
        fixes: [
          [
            { object: subjectOf(settings), path: 'data.openAt', exists: true },
            { object: subjectOf(settings), path: 'data.closeAt', exists: true },
          ],
          [
            {
              object: subjectOf(bell),
              path: inContainer('closing-bell', 'env[name=OPEN_AT].valueFrom.configMapKeyRef.key'),
              equals: 'open-at',
            },
            {
              object: subjectOf(bell),
              path: inContainer('closing-bell', 'env[name=CLOSE_AT].valueFrom.configMapKeyRef.key'),
              equals: 'close-at',
            },
          ],
        ],
      },
    };
  },
};

const badge: Story = {
  name: 'badge-with-a-hyphen',
  title: 'The crew scheduler asks for a token by the wrong name',
  text: [
    'A new Secret for the crew portal holds `api-token`; the deployment, written by another team, asks for `apiToken`.',
    'It never started since it was installed two days ago, and nobody depends on it yet.',
  ],
  build() {
    const world = buildWorld({
      seed: 124,
      now: '2026-02-17T09:28:00Z',
      serverVersion: 'v1.32.5',
      trade: 'ferry',
      nodes: 'aws',
      labels: 'component',
    });
    const secret = addSecret(world, {
      namespace: 'fleet',
      name: 'crew-portal',
      data: { 'api-token': 'demo-abcdef', endpoint: 'https://crew.northsound.example' },
      ago: 2 * 1440 + 30,
    });
    const roster = addWorkload(world, {
      namespace: 'fleet',
      name: 'deckhand-roster',
      image: 'ghcr.io/northsound-lines/deckhand-roster:0.1.0',
      labels: 'component',
      replicas: 1,
      port: 8080,
      days: 2,
      env: { CREW_TOKEN: { secretKeyRef: { key: 'apiToken', name: 'crew-portal' } } },
    });
    const pod = world.firstPod(roster);
    renew(world, pod, 2 * 1440);
    failConfiguration(world, pod, 'deckhand-roster', "couldn't find key apiToken in Secret fleet/crew-portal", 2 * 1440);
    world.rollouts.set(roster.metadata.uid as string, 2 * 1440);
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'secret-key-missing', subject: subjectOf(secret), alsoAccept: [subjectOf(roster)] }],
        forbidden: [at('Service', 'fleet', 'deckhand-roster')],
        fixes: [
          [{ object: subjectOf(secret), path: 'data.apiToken', exists: true }],
          [
            {
              object: subjectOf(roster),
              path: inContainer('deckhand-roster', 'env[name=CREW_TOKEN].valueFrom.secretKeyRef.key'),
              equals: 'api-token',
            },
          ],
        ],
      },
    };
  },
};

const recipe: Story = {
  name: 'comma-in-the-menu',
  title: 'The kitchen cannot read its menu',
  text: [
    'Catering edited the menu of the lounge by hand and left a comma behind. Pods that were running kept the old menu in memory;',
    'after the nightly restart both came up, read the file and died. The image has not changed in weeks.',
  ],
  build() {
    const world = buildWorld({
      seed: 125,
      now: '2026-03-29T04:41:00Z',
      serverVersion: 'v1.31.7',
      trade: 'airline',
      nodes: 'gke',
      labels: 'app',
    });
    const menu = '{\n  "lounge": "north",\n  "dishes": ["soup", "bread",],\n  "vegan": true\n}\n';
    const kitchen = addWorkload(world, {
      namespace: 'loyalty',
      name: 'lounge-kitchen',
      image: 'registry.cirrus.example/sky/lounge-kitchen:2.11.0',
      replicas: 2,
      port: 8080,
      revisions: 2,
      config: { 'menu.json': menu },
    });
    const config = world.get('ConfigMap', 'loyalty', 'lounge-kitchen-config');
    world.touch(config, { manager: 'kubectl-edit', ago: 612, paths: [['data', 'menu.json']] });
    const log = [
      'lounge-kitchen 2.11.0',
      'SyntaxError: /etc/lounge-kitchen/menu.json: Unexpected token \']\', ..."", "bread",],\\n  "veg"... is not valid JSON',
      '    at JSON.parse (<anonymous>)',
      '    at loadMenu (/srv/app/menu.js:12:21)',
      'Node.js v22.14.0',
    ];
    for (const pod of world.podsOf(kitchen)) {
      renew(world, pod, 41);
      crashLoop(world, pod, { container: 'lounge-kitchen', exitCode: 1, restarts: 12, ago: 41, lived: 1, log });
    }
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'configmap-content-wrong', subject: subjectOf(config) }],
        forbidden: [at('Service', 'loyalty', 'lounge-kitchen'), subjectOf(kitchen)],
        fixes: [[{ object: subjectOf(config), path: 'data["menu.json"]', oneOf: [menu.replace('"bread",]', '"bread"]')] }]],
      },
    };
  },
};

const intern: Story = {
  name: 'the-intern-left-last-week',
  title: 'An account that went with its owner',
  text: [
    'A clean-up removed accounts that were named after people. One of them was what the donor letters ran under.',
    'The old pods lived on; since the rollout this afternoon no new pod can be made, and there is no pod to look at.',
  ],
  build() {
    const world = buildWorld({
      seed: 126,
      now: '2026-07-22T14:58:00Z',
      serverVersion: 'v1.29.10',
      trade: 'museum',
      nodes: 'metal',
      labels: 'app',
    });
    const letters = addWorkload(world, {
      namespace: 'conservation',
      name: 'donor-letters',
      image: 'quay.io/galleria-nova/donor-letters:4.0.2',
      replicas: 2,
      port: 8080,
      revisions: 2,
      serviceAccount: 'marta-batch',
    });
    world.remove(world.get('ServiceAccount', 'conservation', 'marta-batch'));
    rollOut(world, letters, {
      ago: 73,
      manager: 'kubectl-set',
      change: (template) => {
        template.spec.containers[0].image = 'quay.io/galleria-nova/donor-letters:4.0.3';
      },
      paths: [['containers', 'name=donor-letters', 'image']],
      refuse: () =>
        'pods "{pod}" is forbidden: error looking up service account conservation/marta-batch: serviceaccount "marta-batch" not found',
    });
    const account = at('ServiceAccount', 'conservation', 'marta-batch');
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'service-account-missing', subject: account, alsoAccept: [subjectOf(letters)] }],
        forbidden: [at('Service', 'conservation', 'donor-letters')],
        fixes: [
          [{ object: account, exists: true }],
          [{ object: subjectOf(letters), path: 'spec.template.spec.serviceAccountName', oneOf: ['default'] }],
        ],
      },
    };
  },
};

const clocks: Story = {
  name: 'two-clocks-in-the-hall',
  title: "Half of the desk reads yesterday's address",
  text: [
    'The quote service moved to a new name yesterday and the settings were changed accordingly. Settings arrive as environment variables,',
    'so only pods that started later know. Nobody restarted the dispute desk: it still calls the old name, which is gone.',
    'No event, no restart; the pods are Running and not ready.',
  ],
  events: false,
  build() {
    const world = buildWorld({
      seed: 127,
      now: '2026-04-09T10:10:00Z',
      serverVersion: 'v1.34.1',
      trade: 'bank',
      nodes: 'azure',
      labels: 'recommended',
      manager: 'argocd-controller',
    });
    addWorkload(world, {
      namespace: 'risk',
      name: 'fx-quotes',
      image: 'artifacts.meridian.example/core/fx-quotes:8.1.0',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      days: 1,
    });
    const config = world.add(
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'dispute-desk-env', namespace: 'risk' },
        data: { DESK: 'retail', QUOTES_URL: 'http://fx-quotes.risk.svc.cluster.local' },
      },
      120 * 1440,
      'argocd-controller',
    );
    world.touch(config, { manager: 'argocd-controller', ago: 22 * 60, paths: [['data', 'QUOTES_URL']] });
    const desk = addWorkload(world, {
      namespace: 'risk',
      name: 'dispute-desk',
      image: 'artifacts.meridian.example/core/dispute-desk:5.5.1',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      revisions: 2,
      days: 40,
      manager: 'argocd-controller',
      container: { envFrom: [{ configMapRef: { name: 'dispute-desk-env' } }] },
    });
    suffer(world, desk, {
      error:
        'GET http://rates-v1.risk.svc.cluster.local/eurusd: dial tcp: lookup rates-v1.risk.svc.cluster.local on 10.96.0.10:53: no such host (QUOTES_URL read at start)',
      ago: 21 * 60,
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'configuration-not-reloaded', subject: subjectOf(desk), alsoAccept: [subjectOf(config)] }],
        forbidden: [at('Service', 'risk', 'fx-quotes'), at('Deployment', 'risk', 'fx-quotes'), at('Service', 'risk', 'dispute-desk')],
        fixes: [
          [{ object: subjectOf(desk), path: 'spec.template.metadata.annotations["kubectl.kubernetes.io/restartedAt"]', exists: true }],
        ],
      },
    };
  },
};

export const CONFIGURATION_STORIES: readonly Story[] = [indexCards, cupboard, sideDoor, badge, recipe, intern, clocks];
