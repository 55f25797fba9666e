import { buildWorld } from '../neighbours.ts';
import { joinLate } from '../nodes.ts';
import { crashLoop, failPull } from '../pod-states.ts';
import { renew } from '../pods.ts';
import { rollOut } from '../rollout.ts';
import { at, inContainer, type Story, subjectOf } from '../story.ts';
import { addSecret, addWorkload } from '../workloads.ts';

const containerd = (image: string, why: string) =>
  `failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${why}`;

const coverReprint: Story = {
  name: 'friday-cover-reprint',
  title: 'A reprint that was never pressed',
  text: [
    'On Friday afternoon somebody bumps the version of the cover press by hand: 4.12.0 becomes 4.21.0.',
    'The registry has no such tag. The rolling update stands still with one new pod; the old ones keep serving,',
    'so customers notice nothing and the Service looks fine.',
  ],
  build() {
    const world = buildWorld({
      seed: 101,
      now: '2026-02-06T15:32:00Z',
      serverVersion: 'v1.31.4',
      trade: 'bookshop',
      nodes: 'aws',
      labels: 'app',
    });
    const press = addWorkload(world, {
      namespace: 'fulfilment',
      name: 'cover-press',
      image: 'registry.inkwell.example/shop/cover-press:4.12.0',
      replicas: 3,
      port: 8080,
      revisions: 3,
    });
    const image = 'registry.inkwell.example/shop/cover-press:4.21.0';
    rollOut(world, press, {
      ago: 26,
      change: (template) => {
        template.spec.containers[0].image = image;
      },
      paths: [['containers', 'name=cover-press', 'image']],
      fail: (pod) =>
        failPull(world, pod, {
          container: 'cover-press',
          ago: 25.9,
          error: `rpc error: code = NotFound desc = ${containerd(image, `${image}: not found`)}`,
        }),
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'image-not-found', subject: subjectOf(press) }],
        forbidden: [at('Service', 'fulfilment', 'cover-press')],
        fixes: [
          [
            {
              object: subjectOf(press),
              path: inContainer('cover-press', 'image'),
              equals: 'registry.inkwell.example/shop/cover-press:4.12.0',
            },
          ],
        ],
      },
    };
  },
};

const printers: Story = {
  name: 'printers-out-of-paper',
  title: 'Labels stop printing on the wards',
  text: [
    'The robot account that pulls images from the hospital registry was rotated at night; the cluster still holds the old password.',
    'Nobody noticed until a node was drained this morning and the label printer service had to start on another one.',
    'Images that the nodes have cached keep running, so only this one workload is down.',
  ],
  build() {
    const world = buildWorld({
      seed: 102,
      now: '2026-03-11T07:18:00Z',
      serverVersion: 'v1.30.8',
      trade: 'hospital',
      nodes: 'metal',
      labels: 'recommended',
      manager: 'helm',
    });
    addSecret(world, {
      namespace: 'wards',
      name: 'harbor-pull',
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': '{"auths":{"harbor.stlucia.example":{"auth":"cm9ib3QkY2x1c3RlcjpleGFtcGxl"}}}' },
      ago: 180 * 1440,
    });
    const image = 'harbor.stlucia.example/private/wristlabel-printer:2.8.1';
    const printer = addWorkload(world, {
      namespace: 'wards',
      name: 'wristlabel-printer',
      image,
      labels: 'recommended',
      replicas: 2,
      port: 8080,
      manager: 'helm',
      revisions: 2,
      pod: { imagePullSecrets: [{ name: 'harbor-pull' }] },
    });
    const why =
      'pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials';
    for (const pod of world.podsOf(printer)) {
      renew(world, pod, 47);
      failPull(world, pod, {
        container: 'wristlabel-printer',
        ago: 47,
        error: `rpc error: code = Unknown desc = ${containerd(image, why)}`,
      });
    }
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'image-pull-unauthorized', subject: subjectOf(printer), alsoAccept: [at('Secret', 'wards', 'harbor-pull')] }],
        forbidden: [at('Service', 'wards', 'wristlabel-printer')],
      },
    };
  },
};

const keeper: Story = {
  name: 'lighthouse-keeper-moves',
  title: 'The old registry goes dark',
  text: [
    'The ferry line moves its images from a server in the cellar to a hosted registry. The server was switched off today.',
    'One deployment still names the old host, and its next release cannot be pulled: the name no longer resolves.',
  ],
  build() {
    const world = buildWorld({
      seed: 103,
      now: '2026-04-21T19:44:00Z',
      serverVersion: 'v1.33.2',
      trade: 'ferry',
      nodes: 'gke',
      labels: 'k8s-app',
    });
    const host = 'images.cellar.northsound.example';
    const lantern = addWorkload(world, {
      namespace: 'harbour',
      name: 'lantern-roster',
      image: `${host}/harbour/lantern-roster:1.7.3`,
      labels: 'k8s-app',
      replicas: 2,
      port: 8080,
      revisions: 2,
    });
    const image = `${host}/harbour/lantern-roster:1.8.0`;
    const why = `failed to do request: Head "https://${host}/v2/harbour/lantern-roster/manifests/1.8.0": dial tcp: lookup ${host} on 169.254.169.254:53: no such host`;
    rollOut(world, lantern, {
      ago: 38,
      manager: 'kubectl-set',
      change: (template) => {
        template.spec.containers[0].image = image;
      },
      paths: [['containers', 'name=lantern-roster', 'image']],
      fail: (pod) =>
        failPull(world, pod, {
          container: 'lantern-roster',
          ago: 37.9,
          error: `rpc error: code = Unknown desc = ${containerd(image, why)}`,
        }),
    });
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'image-registry-unreachable', subject: subjectOf(lantern) }],
        forbidden: [at('Service', 'harbour', 'lantern-roster')],
      },
    };
  },
};

const newPool: Story = {
  name: 'cheaper-machines-in-the-north-hall',
  title: 'Half of the meters go silent on the new machines',
  text: [
    'To save money two arm64 machines joined the cluster on Tuesday. The meter decoder was scaled up and its new pods landed there.',
    'Its image was built for amd64 only: on the old machines it runs, on the new ones the kernel refuses the program.',
  ],
  build() {
    const world = buildWorld({
      seed: 104,
      now: '2026-05-12T10:05:00Z',
      serverVersion: 'v1.32.3',
      trade: 'energy',
      nodes: 'metal',
      workers: 5,
      labels: 'app',
    });
    for (const node of world.list('Node').slice(-2)) {
      for (const key of ['beta.kubernetes.io/arch', 'kubernetes.io/arch']) (node.metadata.labels as Record<string, string>)[key] = 'arm64';
      node.status.nodeInfo.architecture = 'arm64';
      joinLate(world, node, 2 * 1440);
    }
    const decoder = addWorkload(world, {
      namespace: 'metering',
      name: 'telegram-decoder',
      image: 'quay.io/voltaire-grid/telegram-decoder:3.4.0',
      replicas: 5,
      port: 8080,
      revisions: 2,
    });
    const arm = world
      .list('Node')
      .slice(-2)
      .map((node) => node.metadata.name);
    for (const pod of world.list('Pod').filter((each) => arm.includes(each.spec.nodeName))) renew(world, pod, 1.9 * 1440);
    for (const pod of world.podsOf(decoder).filter((each) => arm.includes(each.spec.nodeName))) {
      renew(world, pod, 190);
      crashLoop(world, pod, {
        container: 'telegram-decoder',
        exitCode: 255,
        restarts: 41,
        ago: 190,
        lived: 0,
        log: ['exec /opt/decoder/bin/telegram-decoder: exec format error'],
      });
    }
    return {
      world,
      answer: {
        rootCauses: [{ cause: 'image-wrong-architecture', subject: subjectOf(decoder) }],
        forbidden: [at('Service', 'metering', 'telegram-decoder'), ...arm.map((name) => at('Node', undefined, name))],
        fixes: [
          [{ object: subjectOf(decoder), path: 'spec.template.spec.nodeSelector["kubernetes.io/arch"]', equals: 'amd64' }],
          [
            {
              object: subjectOf(decoder),
              path: 'spec.template.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution',
              exists: true,
            },
          ],
        ],
      },
    };
  },
};

export const IMAGE_STORIES: readonly Story[] = [coverReprint, printers, keeper, newPool];
