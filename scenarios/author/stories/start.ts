import { suffer } from '../dependants.ts';
import { buildWorld } from '../neighbours.ts';
import { crashInit, crashLoop, failStart, holdInInit } from '../pod-states.ts';
import { rollOut } from '../rollout.ts';
import { at, inContainer, type Story, subjectOf } from '../story.ts';
import { addWorkload } from '../workloads.ts';

const encore: Story = {
  name: 'encore-nobody-rehearsed',
  title: 'The setlist service does not come back after a tidy-up of flags',
  text: [
    'A clean-up of start arguments renamed `--listen` to `--bind`, a flag that the program does not know.',
    'It prints its usage and ends with code 2. The Deployment uses Recreate, so the whole service is down and the ticket desk shows errors.',
  ],
  build() {
    const world = buildWorld({
      seed: 111,
      now: '2026-06-27T16:20:00Z',
      serverVersion: 'v1.31.9',
      trade: 'festival',
      nodes: 'aws',
      labels: 'component',
    });
    const encoder = addWorkload(world, {
      namespace: 'stages',
      name: 'encore-announcer',
      image: 'ghcr.io/bigfield-live/encore-announcer:0.14.2',
      labels: 'component',
      replicas: 2,
      port: 8080,
      revisions: 2,
      container: { args: ['--listen=:8080', '--stage=main'] },
      spec: { strategy: { rollingUpdate: undefined, type: 'Recreate' } },
    });
    const desk = addWorkload(world, {
      namespace: 'gates',
      name: 'ticket-desk-screen',
      image: 'ghcr.io/bigfield-live/ticket-desk-screen:2.2.0',
      labels: 'component',
      replicas: 2,
      port: 8080,
      env: { ANNOUNCER_URL: 'http://encore-announcer.stages.svc.cluster.local' },
    });
    const log = [
      "error: unexpected argument '--bind' found",
      '',
      'Usage: encore-announcer [OPTIONS] --stage <STAGE>',
      '',
      "For more information, try '--help'.",
    ];
    rollOut(world, encoder, {
      ago: 33,
      change: (template) => {
        template.spec.containers[0].args = ['--bind=:8080', '--stage=main'];
      },
      paths: [['containers', 'name=encore-announcer', 'args']],
      fail: (pod) => crashLoop(world, pod, { container: 'encore-announcer', exitCode: 2, restarts: 10, ago: 32.9, lived: 1, log }),
    });
    suffer(world, desk, {
      error: 'GET http://encore-announcer.stages.svc.cluster.local/now: dial tcp: connect: connection refused',
      ago: 32,
      unready: false,
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'wrong-command', subject: subjectOf(encoder) }],
        forbidden: [subjectOf(desk), at('Service', 'stages', 'encore-announcer')],
        fixes: [
          [{ object: subjectOf(encoder), path: inContainer('encore-announcer', 'args'), equals: ['--listen=:8080', '--stage=main'] }],
        ],
      },
    };
  },
};

const slimmer: Story = {
  name: 'slimmer-by-summer',
  title: 'A diet for images takes one program too many',
  text: [
    'The image of the grade calculator was rebuilt on a smaller base. The start script is gone from it, the manifest still calls it.',
    'The container runtime cannot start the container at all; there is no log because nothing ever ran.',
  ],
  build() {
    const world = buildWorld({
      seed: 112,
      now: '2026-06-02T08:51:00Z',
      serverVersion: 'v1.30.6',
      trade: 'university',
      nodes: 'azure',
      labels: 'app',
    });
    const grades = addWorkload(world, {
      namespace: 'exams',
      name: 'gradebook-curve',
      image: 'harbor.uni-elm.example/campus/gradebook-curve:5.0.3',
      replicas: 2,
      port: 8080,
      revisions: 3,
      container: { command: ['/opt/app/bin/run-curve.sh'] },
    });
    rollOut(world, grades, {
      ago: 19,
      manager: 'argocd-controller',
      change: (template) => {
        template.spec.containers[0].image = 'harbor.uni-elm.example/campus/gradebook-curve:5.1.0';
      },
      paths: [['containers', 'name=gradebook-curve', 'image']],
      fail: (pod) =>
        failStart(
          world,
          pod,
          'gradebook-curve',
          'exec: "/opt/app/bin/run-curve.sh": stat /opt/app/bin/run-curve.sh: no such file or directory',
          18.9,
          8,
        ),
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'missing-binary-or-file', subject: subjectOf(grades), alsoAcceptCauses: ['wrong-command'] }],
        forbidden: [at('Service', 'exams', 'gradebook-curve')],
        fixes: [
          [
            {
              object: subjectOf(grades),
              path: inContainer('gradebook-curve', 'image'),
              equals: 'harbor.uni-elm.example/campus/gradebook-curve:5.0.3',
            },
          ],
          [{ object: subjectOf(grades), path: inContainer('gradebook-curve', 'command'), exists: false }],
        ],
      },
    };
  },
};

const cloakroom: Story = {
  name: 'cloakroom-without-a-number',
  title: 'The cloakroom opens without knowing its desk',
  text: [
    'In a merge of two overlays the variable with the desk number fell out of the manifest.',
    'The program reads it at start and panics; its sibling on the other floor, with the same image, has the variable and runs.',
  ],
  build() {
    const world = buildWorld({
      seed: 113,
      now: '2026-09-15T09:03:00Z',
      serverVersion: 'v1.33.4',
      trade: 'museum',
      nodes: 'gke',
      labels: 'recommended',
      manager: 'argocd-controller',
    });
    const image = 'quay.io/galleria-nova/coat-counter:1.9.0';
    addWorkload(world, {
      namespace: 'visitors',
      name: 'coat-counter-upstairs',
      image,
      labels: 'recommended',
      port: 8080,
      env: { DESK_NUMBER: '2', QUEUE_LENGTH: '40' },
    });
    const coats = addWorkload(world, {
      namespace: 'visitors',
      name: 'coat-counter-hall',
      image,
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      revisions: 2,
      env: { DESK_NUMBER: '1', QUEUE_LENGTH: '120' },
      manager: 'argocd-controller',
    });
    const log = [
      'coat-counter 1.9.0 starting',
      "thread 'main' panicked at src/config.rs:41:14:",
      'required environment variable DESK_NUMBER is not set',
      'note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace',
    ];
    rollOut(world, coats, {
      ago: 52,
      manager: 'argocd-controller',
      change: (template) => {
        template.spec.containers[0].env = [{ name: 'QUEUE_LENGTH', value: '120' }];
      },
      fail: (pod) => crashLoop(world, pod, { container: 'coat-counter-hall', exitCode: 101, restarts: 14, ago: 51.9, lived: 1, log }),
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'missing-environment-variable', subject: subjectOf(coats) }],
        forbidden: [at('Service', 'visitors', 'coat-counter-hall'), at('Deployment', 'visitors', 'coat-counter-upstairs')],
        fixes: [[{ object: subjectOf(coats), path: inContainer('coat-counter-hall', 'env[name=DESK_NUMBER]'), exists: true }]],
      },
    };
  },
};

const thirty: Story = {
  name: 'thirty-seconds-to-boarding',
  title: 'A duration that only a person understands',
  text: [
    'Somebody wrote the time-out of the gate caller as "30 seconds". The program wants a Go duration such as 30s.',
    'The rollout was two hours ago; since then the new pod restarts every five minutes.',
  ],
  build() {
    const world = buildWorld({
      seed: 114,
      now: '2026-07-08T13:47:00Z',
      serverVersion: 'v1.29.14',
      trade: 'airline',
      nodes: 'metal',
      labels: 'k8s-app',
    });
    const caller = addWorkload(world, {
      namespace: 'departures',
      name: 'gate-caller',
      image: 'registry.cirrus.example/sky/gate-caller:7.3.2',
      labels: 'k8s-app',
      replicas: 3,
      port: 8080,
      revisions: 2,
      env: { CALL_TIMEOUT: '30s', VOICE: 'en-GB' },
    });
    const log = [
      `${world.at(1.3)} INFO gate-caller 7.3.2`,
      `${world.at(1.3)} FATAL invalid configuration: CALL_TIMEOUT: time: unknown unit " seconds" in duration "30 seconds"`,
    ];
    rollOut(world, caller, {
      ago: 124,
      change: (template) => {
        template.spec.containers[0].env[0].value = '30 seconds';
      },
      paths: [['containers', 'name=gate-caller', 'env', 'name=CALL_TIMEOUT', 'value']],
      fail: (pod) => crashLoop(world, pod, { container: 'gate-caller', exitCode: 1, restarts: 28, ago: 123.9, lived: 1, log }),
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'invalid-environment-value', subject: subjectOf(caller) }],
        forbidden: [at('Service', 'departures', 'gate-caller')],
        fixes: [
          [
            {
              object: subjectOf(caller),
              path: inContainer('gate-caller', 'env[name=CALL_TIMEOUT].value'),
              oneOf: ['30s', '30000ms', '0.5m'],
            },
          ],
        ],
      },
    };
  },
};

const migration: Story = {
  name: 'new-drawers-for-old-letters',
  title: 'The preparation step of the archive fails',
  text: [
    'Before the archive browser starts, an init container brings the schema up to date. Since the last release its script has a mistake:',
    'it adds a column that is there already. The main container never gets its turn. The database is fine.',
  ],
  build() {
    const world = buildWorld({
      seed: 115,
      now: '2026-10-01T21:12:00Z',
      serverVersion: 'v1.32.1',
      trade: 'newsroom',
      nodes: 'aws',
      labels: 'app',
    });
    addWorkload(world, {
      namespace: 'editorial',
      name: 'clippings-db',
      kind: 'StatefulSet',
      image: 'docker.io/library/postgres:16.4',
      replicas: 1,
      port: 5432,
      claim: { size: '50Gi', class: 'gp3' },
      secret: { POSTGRES_PASSWORD: 'demo-only' },
    });
    const init = (tag: string) => [
      { args: ['up', '--all'], image: `registry.morningpost.example/desk/clippings-schema:${tag}`, name: 'schema', resources: {} },
    ];
    const browser = addWorkload(world, {
      namespace: 'editorial',
      name: 'clippings-browser',
      image: 'registry.morningpost.example/desk/clippings-browser:3.1.0',
      replicas: 2,
      port: 8080,
      revisions: 2,
      env: { DATABASE_HOST: 'clippings-db' },
      init: init('3.1.0'),
    });
    const log = [
      `${world.at(1.5)} connected to clippings-db:5432 as archive`,
      `${world.at(1.4)} applying 0042_add_byline.sql`,
      `${world.at(1.4)} ERROR: column "byline" of relation "clipping" already exists (SQLSTATE 42701)`,
      `${world.at(1.4)} migration 0042_add_byline.sql failed, rolled back`,
    ];
    rollOut(world, browser, {
      ago: 44,
      manager: 'helm',
      change: (template) => {
        template.spec.containers[0].image = 'registry.morningpost.example/desk/clippings-browser:3.2.0';
        template.spec.initContainers[0].image = 'registry.morningpost.example/desk/clippings-schema:3.2.0';
      },
      fail: (pod) => crashInit(world, pod, { container: 'schema', exitCode: 3, restarts: 13, ago: 43.9, lived: 3, log }),
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'init-container-failing', subject: subjectOf(browser) }],
        forbidden: [
          at('StatefulSet', 'editorial', 'clippings-db'),
          at('Service', 'editorial', 'clippings-db'),
          at('Service', 'editorial', 'clippings-browser'),
        ],
        fixes: [
          [
            {
              object: subjectOf(browser),
              path: 'spec.template.spec.initContainers[name=schema].image',
              equals: 'registry.morningpost.example/desk/clippings-schema:3.1.0',
            },
          ],
        ],
      },
    };
  },
};

const waitingRoom: Story = {
  name: 'waiting-room-with-no-doctor',
  title: 'A queue that waits for somebody who never comes',
  text: [
    'An init container waits in a loop until a name resolves. The name was that of a test system which was never installed here.',
    'No error, no restart, no event: the pods just stay at Init:0/1, and events are long gone.',
  ],
  build() {
    const world = buildWorld({
      seed: 116,
      now: '2026-01-20T11:30:00Z',
      serverVersion: 'v1.31.2',
      trade: 'hospital',
      nodes: 'azure',
      labels: 'app',
    });
    const command = [
      'sh',
      '-c',
      'until nslookup referral-sandbox.labs.svc.cluster.local; do echo waiting for referral-sandbox; sleep 5; done',
    ];
    const queue = addWorkload(world, {
      namespace: 'front-desk',
      name: 'walk-in-queue',
      image: 'harbor.stlucia.example/clinic/walk-in-queue:1.2.0',
      replicas: 2,
      port: 8080,
      days: 1,
      init: [{ command, image: 'docker.io/library/busybox:1.36', name: 'wait-for-referrals', resources: {} }],
    });
    for (const pod of world.podsOf(queue)) {
      holdInInit(world, pod, 'wait-for-referrals', 1438);
      const lines = Array.from({ length: 5 }, () => [
        'Server:\t\t10.96.0.10',
        'Address:\t10.96.0.10:53',
        '',
        "** server can't find referral-sandbox.labs.svc.cluster.local: NXDOMAIN",
        '',
        'waiting for referral-sandbox',
      ]);
      world.log(pod, 'wait-for-referrals', lines.flat());
    }
    world.rollouts.set(queue.metadata.uid as string, 1440);
    return {
      world,
      answer: {
        rootCauses: [
          {
            cause: 'init-container-hanging',
            subject: subjectOf(queue),
            alsoAccept: [at('Service', 'labs', 'referral-sandbox')],
            alsoAcceptCauses: ['service-missing', 'dns-name-wrong'],
          },
        ],
        forbidden: [at('Service', 'front-desk', 'walk-in-queue'), at('Deployment', 'kube-system', 'coredns')],
        fixes: [
          [{ object: subjectOf(queue), path: 'spec.template.spec.initContainers[name=wait-for-referrals]', exists: false }],
          [{ object: at('Service', 'labs', 'referral-sandbox'), exists: true }],
        ],
      },
    };
  },
};

const beehive: Story = {
  name: 'bees-counted-twice',
  title: 'The hive counter falls over its own arithmetic',
  text: [
    'A new release of the hive counter divides by the number of hives before it has read them.',
    'The configuration is right, the image is there, memory is ample: the program itself is wrong, and only its stack trace says so.',
  ],
  build() {
    const world = buildWorld({
      seed: 117,
      now: '2026-05-30T05:40:00Z',
      serverVersion: 'v1.33.1',
      trade: 'farm',
      nodes: 'gke',
      labels: 'recommended',
    });
    const hive = addWorkload(world, {
      namespace: 'fields',
      name: 'hive-counter',
      image: 'registry.greenacre.example/agri/hive-counter:2.0.4',
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      revisions: 3,
      config: { 'hives.yaml': 'apiaries:\n  - north\n  - brook\n' },
    });
    const log = [
      `${world.at(1.5)} INFO hive-counter 2.1.0 (apiaries: 2)`,
      'panic: runtime error: integer divide by zero',
      '',
      'goroutine 1 [running]:',
      'greenacre.example/hive-counter/internal/density.Average(...)',
      '\t/src/internal/density/density.go:27',
      'main.main()',
      '\t/src/cmd/hive-counter/main.go:58 +0x1f4',
    ];
    rollOut(world, hive, {
      ago: 22,
      manager: 'argocd-controller',
      change: (template) => {
        template.spec.containers[0].image = 'registry.greenacre.example/agri/hive-counter:2.1.0';
      },
      paths: [['containers', 'name=hive-counter', 'image']],
      fail: (pod) => crashLoop(world, pod, { container: 'hive-counter', exitCode: 2, restarts: 8, ago: 21.9, lived: 2, log }),
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'application-bug', subject: subjectOf(hive), alsoAcceptCauses: ['bad-change'] }],
        forbidden: [at('ConfigMap', 'fields', 'hive-counter-config'), at('Service', 'fields', 'hive-counter')],
        fixes: [
          [
            {
              object: subjectOf(hive),
              path: inContainer('hive-counter', 'image'),
              equals: 'registry.greenacre.example/agri/hive-counter:2.0.4',
            },
          ],
        ],
      },
    };
  },
};

export const START_STORIES: readonly Story[] = [encore, slimmer, cloakroom, thirty, migration, waitingRoom, beehive];
