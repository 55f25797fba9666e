import { afterEach, describe, expect, test } from 'vitest';
import { createEmbeddedCluster } from '../embedded-cluster.ts';
import type { KubernetesObject } from '../kubernetes-object.ts';
import { createMetricsExposition } from '../metrics-exposition.ts';
import { createProcessRuntime } from '../runtime/process-runtime.ts';
import { deployment, shopObjects } from '../testing/shop.ts';
import { createRolloutSimulator } from './rollout-simulator.ts';
import type { Deployment, Pod } from './workload-objects.ts';

const open: (() => Promise<void>)[] = [];
const LEAK = new URL('../testing/leak.mjs', import.meta.url).pathname;

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Machines are slow at times; what should happen may take this long. */
function eventually<T>(look: () => T) {
  return expect.poll(look, { timeout: 20_000, interval: 25 });
}

/** A clock that runs a hundred times faster than real time. */
function fastClock(): () => number {
  const begun = performance.now();
  return () => Date.parse('2026-03-01T12:00:00Z') + Math.floor((performance.now() - begun) * 100);
}

interface StageOptions {
  readonly objects: readonly KubernetesObject[];
  readonly images?: (image: string) => boolean;
  readonly programs?: Readonly<Record<string, { readonly file: string }>>;
}

async function stage({ objects, images = () => true, programs = {} }: StageOptions) {
  const now = fastClock();
  const cluster = await createEmbeddedCluster({ objects, now, writable: true });
  const runtime = createProcessRuntime({ programs, now, sampleEveryMs: 20 });
  const simulator = createRolloutSimulator({ cluster, runtime, now, imageExists: images });
  open.push(cluster.close, simulator.stop);
  simulator.start();
  const { store } = cluster;
  return {
    cluster,
    runtime,
    now,
    store,
    web: () => store.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' }) as Deployment,
    pods: () =>
      (store.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop' }) as readonly Pod[]).filter((pod) => pod.metadata.ownerReferences),
    replicaSets: () => store.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet', namespace: 'shop' }),
    events: () => store.list({ apiVersion: 'v1', kind: 'Event', namespace: 'shop' }).map((event) => `${event.reason}: ${event.message}`),
  };
}

type Stage = Awaited<ReturnType<typeof stage>>;

function onlyWeb(
  change: (container: Record<string, unknown>) => Record<string, unknown> = (container) => container,
): readonly KubernetesObject[] {
  const web = deployment() as Deployment;
  const containers = web.spec.template.spec.containers.map((container) => change({ ...container }));
  const template = { ...web.spec.template, spec: { containers } };
  return [
    ...shopObjects().filter(({ kind }) => !['Pod', 'Deployment', 'Event'].includes(kind)),
    { ...web, spec: { ...web.spec, template } },
  ];
}

function setImage({ store, web }: Stage, image: string): void {
  const live = web();
  const containers = live.spec.template.spec.containers.map((container) => ({ ...container, image }));
  store.update({ ...live, spec: { ...live.spec, template: { ...live.spec.template, spec: { containers } } } });
}

function progressOf({ web }: Stage): string | undefined {
  return web().status?.conditions?.find((condition) => condition.type === 'Progressing')?.reason;
}

const isComplete = (staged: Stage) =>
  progressOf(staged) === 'NewReplicaSetAvailable' && staged.web().status?.observedGeneration === staged.web().metadata.generation;

describe('a rollout', () => {
  test('of a good image replaces all pods, keeps the old ReplicaSet and moves the endpoints', async () => {
    const staged = await stage({ objects: onlyWeb() });
    await eventually(() => isComplete(staged)).toBe(true);
    const before = staged.pods().map((pod) => pod.metadata.name);
    expect(before).toHaveLength(2);

    setImage(staged, 'registry.example/web:1.1');
    await eventually(() => isComplete(staged)).toBe(true);

    expect(staged.pods().map((pod) => pod.spec.containers[0]?.image)).toEqual(['registry.example/web:1.1', 'registry.example/web:1.1']);
    expect(staged.pods().some((pod) => before.includes(pod.metadata.name))).toBe(false);
    const revisions = staged
      .replicaSets()
      .map(({ metadata, spec }) => [metadata.annotations?.['deployment.kubernetes.io/revision'], (spec as { replicas: number }).replicas]);
    expect(revisions).toEqual([
      ['1', 0],
      ['2', 2],
    ]);
    expect(staged.web().status).toMatchObject({ replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 });
    const endpoints = () =>
      staged.store.get({ apiVersion: 'v1', kind: 'Endpoints', namespace: 'shop', name: 'web' })?.subsets as {
        addresses: { targetRef: { name: string } }[];
      }[];
    await expect
      .poll(() =>
        endpoints()[0]
          ?.addresses.map((address) => address.targetRef.name)
          .sort(),
      )
      .toEqual(
        staged
          .pods()
          .map((pod) => pod.metadata.name)
          .sort(),
      );
    const [slice] = staged.store.list({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', namespace: 'shop' });
    expect(slice?.endpoints).toHaveLength(2);
    expect(staged.events()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^ScalingReplicaSet: Scaled up replica set web-\w+ from 0 to 1$/),
        expect.stringMatching(/^Killing: /),
      ]),
    );
  });

  test('of an image nobody has stalls, names the image and keeps the old pods serving', async () => {
    const staged = await stage({ objects: onlyWeb(), images: (image) => !image.endsWith(':9.9') });
    await eventually(() => isComplete(staged)).toBe(true);
    const before = staged.pods().map((pod) => pod.metadata.name);

    setImage(staged, 'registry.example/web:9.9');
    const stuck = () => staged.pods().find((pod) => pod.spec.containers[0]?.image.endsWith(':9.9'));
    await eventually(() => stuck()?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('ImagePullBackOff');

    expect(stuck()?.status?.phase).toBe('Pending');
    expect(stuck()?.status?.containerStatuses?.[0]?.state?.waiting?.message).toMatch(
      /^Back-off pulling image "registry.example\/web:9.9".*: not found$/,
    );
    expect(staged.pods().map((pod) => pod.metadata.name)).toEqual(expect.arrayContaining(before));
    expect(staged.web().status).toMatchObject({ availableReplicas: 2, updatedReplicas: 1, unavailableReplicas: 1 });
    expect(staged.events()).toEqual(
      expect.arrayContaining(['BackOff: Back-off pulling image "registry.example/web:9.9"', 'Failed: Error: ImagePullBackOff']),
    );
    await eventually(() => progressOf(staged)).toBe('ProgressDeadlineExceeded');

    setImage(staged, 'registry.example/web:1.0');
    await eventually(() => isComplete(staged)).toBe(true);
    expect(
      staged
        .pods()
        .map((pod) => pod.metadata.name)
        .sort(),
    ).toEqual([...before].sort());
  });

  test('starts again when only an annotation of the template changes', async () => {
    const staged = await stage({ objects: onlyWeb() });
    await eventually(() => isComplete(staged)).toBe(true);
    const before = staged.pods().map((pod) => pod.metadata.name);

    const patch = { spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': '2026-03-01T12:00:00Z' } } } } };
    const answer = await fetch(`${staged.cluster.url}/apis/apps/v1/namespaces/shop/deployments/web`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/strategic-merge-patch+json' },
      body: JSON.stringify(patch),
    });
    expect(answer.status).toBe(200);

    await eventually(() => isComplete(staged) && staged.pods().every((pod) => !before.includes(pod.metadata.name))).toBe(true);
  });

  test('adopts the ReplicaSet and the pods that are there, and collects everything on deletion', async () => {
    const web = { ...deployment(), metadata: { ...deployment().metadata, uid: 'web-uid' } } as Deployment;
    const owner = (kind: string, name: string, uid: string) => ({
      ownerReferences: [{ apiVersion: 'apps/v1', kind, name, uid, controller: true }],
    });
    const set = {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { namespace: 'shop', name: 'web-old', uid: 'set-uid', ...owner('Deployment', 'web', 'web-uid') },
      spec: { ...web.spec },
    };
    const pods = shopObjects().filter((object) => object.metadata?.name?.startsWith('web-'));
    const owned = pods.map((pod) => ({ ...pod, metadata: { ...pod.metadata, ...owner('ReplicaSet', 'web-old', 'set-uid') } }));
    const staged = await stage({ objects: [web, set, ...owned] });

    await eventually(() => isComplete(staged)).toBe(true);
    expect(staged.pods().map((pod) => pod.metadata.name)).toEqual(['web-1', 'web-2']);
    expect(staged.replicaSets().map(({ metadata }) => metadata.name)).toEqual(['web-old']);

    staged.store.delete({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' });
    expect([...staged.pods(), ...staged.replicaSets()]).toEqual([]);
  });

  test('goes on around objects that nobody could run', async () => {
    const broken = ['Deployment', 'ReplicaSet'].map((kind) => ({
      apiVersion: 'apps/v1',
      kind,
      metadata: { namespace: 'shop', name: 'broken' },
    }));
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name: 'broken' } };
    const staged = await stage({ objects: [...broken, pod, ...onlyWeb()] });

    await eventually(() => isComplete(staged)).toBe(true);
    expect(staged.events()).toEqual(expect.arrayContaining([expect.stringMatching(/^SimulatorError: TypeError/)]));
  });

  test('waits for a ConfigMap that a container needs, and goes on when it comes', async () => {
    const valueFrom = { configMapKeyRef: { name: 'absent', key: 'limit' } };
    const staged = await stage({ objects: onlyWeb((container) => ({ ...container, env: [{ name: 'LIMIT', valueFrom }] })) });
    await expect
      .poll(() => staged.pods()[0]?.status?.containerStatuses?.[0]?.state?.waiting)
      .toEqual({ reason: 'CreateContainerConfigError', message: 'configmap "absent" not found' });

    staged.store.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'shop', name: 'absent' }, data: { limit: '1' } });

    await eventually(() => isComplete(staged)).toBe(true);
  });
});

describe('a container that is a real process', () => {
  const programs = { 'registry.example/web': { file: LEAK } };
  const valueFrom = { configMapKeyRef: { name: 'settings', key: 'colour' } };
  const leaking = (megabytes: number) => (container: Record<string, unknown>) => ({
    ...container,
    env: [
      { name: 'LEAK_MEGABYTES', value: String(megabytes) },
      { name: 'CACHE_LIMIT', valueFrom },
    ],
    resources: { limits: { memory: '160Mi' } },
  });

  test('is killed when it outgrows its limit, restarts, backs off and keeps its previous log', async () => {
    const staged = await stage({ objects: onlyWeb(leaking(8)), programs });
    const status = () => staged.pods()[0]?.status?.containerStatuses?.[0];

    await eventually(() => status()?.state?.waiting?.reason).toBe('CrashLoopBackOff');

    expect(status()).toMatchObject({ ready: false, lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } } });
    expect(status()?.restartCount).toBeGreaterThanOrEqual(1);
    const path = `/api/v1/namespaces/shop/pods/${staged.pods()[0]?.metadata.name}/log?previous=true`;
    expect(await (await fetch(staged.cluster.url + path)).text()).toBe('limit green home undefined\n');
    expect(staged.events()).toEqual(
      expect.arrayContaining([expect.stringMatching(/^BackOff: Back-off restarting failed container web in pod web-/)]),
    );
  });

  test('is measured, and the numbers are served to Prometheus', async () => {
    const staged = await stage({ objects: onlyWeb(leaking(0)), programs });
    const metrics = await createMetricsExposition({ cluster: staged.cluster, runtime: staged.runtime, now: staged.now });
    open.push(metrics.close);
    await eventually(() => staged.runtime.memory().length).toBe(2);

    const text = await (await fetch(metrics.url)).text();

    const [pod] = staged.pods();
    const labels = `namespace="shop",pod="${pod?.metadata.name}",container="web"`;
    const bytes = Number(new RegExp(`^container_memory_working_set_bytes\\{${labels}\\} (\\d+)$`, 'm').exec(text)?.[1]);
    expect(bytes).toBeGreaterThan(10 * 1024 * 1024);
    expect(text).toContain(`kube_pod_container_resource_limits{${labels},resource="memory",unit="byte"} ${160 * 1024 * 1024}\n`);
    expect(text).toContain(`kube_pod_container_status_restarts_total{${labels}} 0\n`);
    expect(text).toMatch(/# HELP container_memory_working_set_bytes Resident set/);
  });

  test('is started for a recorded pod, which keeps its name', async () => {
    const recorded = shopObjects().filter((object) => object.metadata?.name === 'web-1') as readonly KubernetesObject[] as readonly Pod[];
    const pod = { ...recorded[0]!, spec: { ...recorded[0]!.spec, containers: [{ name: 'main', image: 'registry.example/web:1.0' }] } };
    const staged = await stage({ objects: [pod], programs });

    await eventually(() => staged.runtime.memory().map((memory) => memory.pod)).toEqual(['web-1']);
    staged.store.delete({ apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web-1' });
    await eventually(() => staged.runtime.memory()).toEqual([]);
  });
});
