import { describeReconciler } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import type { ManifestObject } from '../kubernetes/manifests.ts';
import { anyContext, createTestRepository, type TestRepository } from '../testing/repository.ts';
import { driftedFields, findDrift } from './drift.ts';
import { createRolloutReconciler } from './kubernetes-rollout.ts';
import type { ObjectReader } from './object-reference.ts';

const context = anyContext();
const opened: TestRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

async function newRepository(files: Record<string, string>): Promise<TestRepository> {
  const repository = await createTestRepository(files);
  opened.push(repository);
  return repository;
}

const declared = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
  spec: {
    replicas: 2,
    paused: null,
    template: {
      spec: {
        containers: [
          {
            name: 'web',
            image: 'web:1',
            resources: { limits: { cpu: '1000m', memory: '0.5Gi' } },
            env: [],
            ports: [{ containerPort: 80 }],
          },
        ],
      },
    },
  },
} as unknown as ManifestObject;

/** As the API server gives it back: with defaults, other spellings of quantities, and fields of controllers. */
const live = {
  ...declared,
  metadata: { ...declared.metadata, labels: { app: 'web', added: 'by-controller' }, uid: 'u', resourceVersion: '7' },
  spec: {
    replicas: 2,
    progressDeadlineSeconds: 600,
    template: {
      spec: {
        restartPolicy: 'Always',
        containers: [
          {
            name: 'web',
            image: 'web:1',
            imagePullPolicy: 'Always',
            resources: { limits: { cpu: '1', memory: '512Mi' } },
            ports: [{ containerPort: 80, protocol: 'TCP' }],
          },
        ],
      },
    },
  },
  status: { replicas: 2 },
};

/** The live object, as loosely typed as a test changes it. */
// biome-ignore lint/suspicious/noExplicitAny: the test reaches into an object whose shape it made itself
type Mutable = any;

function changed(change: (object: Mutable) => void): object {
  const copy = structuredClone(live);
  change(copy);
  return copy;
}

describe('drifted fields', () => {
  test('defaults, quantities in other words and what controllers add are no drift', () => {
    expect(driftedFields(declared, live)).toEqual([]);
  });

  test.each<[string, (object: Mutable) => void, string]>([
    [
      'a value',
      (object) => {
        object.spec.replicas = 3;
      },
      'spec.replicas',
    ],
    [
      'a label',
      (object) => {
        object.metadata.labels.app = 'other';
      },
      'metadata.labels.app',
    ],
    [
      'an image, by the name of its container',
      (object) => {
        object.spec.template.spec.containers[0].image = 'web:2';
      },
      'spec.template.spec.containers[name=web].image',
    ],
    [
      'an amount',
      (object) => {
        object.spec.template.spec.containers[0].resources.limits.memory = '513Mi';
      },
      'spec.template.spec.containers[name=web].resources.limits.memory',
    ],
    [
      'a container more',
      (object) => {
        object.spec.template.spec.containers.push({ name: 'sidecar' });
      },
      'spec.template.spec.containers',
    ],
    [
      'a field that is gone',
      (object) => {
        delete object.spec.replicas;
      },
      'spec.replicas',
    ],
  ])('%s', (_, change, path) => {
    expect(driftedFields(declared, changed(change)).map((field) => field.path)).toEqual([path]);
  });
});

test('drift of a commit is reported object by object; what cannot be read is unknown, never missing', async () => {
  const repository = await newRepository({
    'apps/web.yaml': JSON.stringify(declared),
    'apps/gone.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: gone, namespace: shop}\n',
    'apps/hidden.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hidden, namespace: shop}\n',
    'apps/broken.yaml': 'a: [\n',
  });
  const cluster: ObjectReader = {
    async get({ name }) {
      if (name === 'hidden') throw new Error('forbidden');
      return name === 'web'
        ? changed((object) => {
            object.spec.replicas = 5;
          })
        : undefined;
    },
  };
  const mirror = repository.newMirror();
  await mirror.fetch(context);
  const commit = (await mirror.resolve('main', context)) as string;
  const report = await findDrift(mirror, cluster, { commit, path: 'apps' }, context);
  expect(report.drifts.map((drift) => [drift.object.name, drift.state]).sort()).toEqual([
    ['gone', 'missing'],
    ['hidden', 'unknown'],
    ['web', 'differs'],
  ]);
  expect(report.drifts.find((drift) => drift.state === 'differs')?.fields).toEqual([{ path: 'spec.replicas', declared: 2, live: 5 }]);
  expect(report.notCompared).toEqual([expect.stringContaining('apps/broken.yaml')]);
});

describeReconciler('plain rollout', async () => {
  const manifest = (image: string) =>
    `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop}\nspec: {replicas: 2, template: {spec: {image: "${image}"}}}\n`;
  const repository = await newRepository({ 'apps/web.yaml': manifest('web:0') });
  let behaviour: 'finish' | 'hang' | 'fail' = 'finish';
  let image = 'web:0';
  let version = 0;
  const cluster: ObjectReader = {
    async get() {
      const updated = behaviour === 'finish' ? 2 : 1;
      const conditions =
        behaviour === 'fail'
          ? [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message: 'has timed out' }]
          : [];
      const status = { observedGeneration: version, replicas: 2, updatedReplicas: updated, availableReplicas: 2, conditions };
      return { kind: 'Deployment', metadata: { generation: version }, spec: { replicas: 2, template: { spec: { image } } }, status };
    },
  };
  return {
    reconciler: createRolloutReconciler({ mirror: repository.newMirror(), branch: 'main', path: 'apps', cluster, pollMs: 5 }),
    item: 'kubernetes:c/shop/Deployment/web',
    async commit() {
      image = `web:${++version}`;
      return repository.commit('main', { 'apps/web.yaml': manifest(image) });
    },
    // Somebody takes the workload out of the files: there is nothing that could become live.
    commitBroken: () => repository.commit('main', { 'apps/web.yaml': '# nothing\n' }),
    rollouts: (next) => {
      behaviour = next;
    },
  };
});

test('the live object must hold what the branch declares, not only be healthy', async () => {
  const repository = await newRepository({ 'apps/web.yaml': JSON.stringify(declared) });
  const status = { observedGeneration: 1, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  const old = changed((object) => {
    object.spec.template.spec.containers[0].image = 'web:0';
    object.metadata.generation = 1;
    object.status = status;
  });
  const reconciler = createRolloutReconciler({
    mirror: repository.newMirror(),
    branch: 'main',
    path: 'apps',
    cluster: { get: async () => old },
    pollMs: 5,
  });
  const commit = (await repository.mirror.resolve('main', context)) as string;
  const seen = [];
  for await (const progress of reconciler.watch(
    { commit, items: ['kubernetes:c/shop/Deployment/web'], holdMs: 10, timeoutMs: 100 },
    context,
  ))
    seen.push(progress);
  expect(seen.at(-1)).toMatchObject({
    status: 'timed-out',
    message: expect.stringContaining('image of Deployment web is "web:0", not "web:1" yet'),
  });
});
