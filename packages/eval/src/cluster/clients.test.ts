import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';
import { readScenario } from '../scenario/read-scenario.ts';
import { createEmbeddedCluster, type EmbeddedCluster, type EmbeddedClusterOptions, type KubernetesObject } from './index.ts';
import { shopObjects } from './testing/shop.ts';

const SCENARIOS = resolve(import.meta.dirname, '../../../../scenarios');
const START = Date.parse('2026-03-01T12:00:00Z');
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const closable of open.splice(0)) await closable.close();
});

async function clusterOf(options: Partial<EmbeddedClusterOptions>): Promise<EmbeddedCluster> {
  const cluster = await createEmbeddedCluster({ objects: shopObjects(), now: () => START, ...options });
  open.push(cluster);
  return cluster;
}

async function recorded(name: string): Promise<EmbeddedCluster> {
  const { objects, meta, logs } = await readScenario(join(SCENARIOS, name));
  return clusterOf({
    objects,
    now: () => Date.parse(meta.now),
    logs: (namespace, pod, container, previous) => logs.get(`${namespace}/${pod}/${container}${previous ? '.previous' : ''}`),
  });
}

const run = promisify(execFile);
const hasKubectl = await run('kubectl', ['version', '--client']).then(
  () => true,
  () => false,
);

interface Outcome {
  readonly code: number;
  readonly text: string;
}

async function kubectlFor({ kubeconfig }: EmbeddedCluster): Promise<(line: string) => Promise<Outcome>> {
  const folder = await mkdtemp(join(tmpdir(), 'tier0-clients-'));
  open.push({ close: () => rm(folder, { recursive: true }) });
  await writeFile(join(folder, 'config'), kubeconfig);
  const fixed = ['--kubeconfig', join(folder, 'config'), '--cache-dir', join(folder, 'cache')];
  return (line) =>
    run('kubectl', [...fixed, ...line.split(' ').filter(Boolean)]).then(
      ({ stdout, stderr }) => ({ code: 0, text: stdout + stderr }),
      ({ code, stdout, stderr }) => ({ code, text: stdout + stderr }),
    );
}

const KINDS =
  'nodes ns deploy rs sts ds jobs cronjobs pods svc ep endpointslices ing ingressclass netpol cm sa pvc pv sc hpa pdb quota limits roles crd events';

/** Commands and what they answer: exit code and text. `POD`, `DEPLOY` and `NS` stand for the failing pod and where it is. */
const COMMANDS: readonly (readonly [line: string, code: number, text: RegExp])[] = [
  ['get all -A', 0, /deployment\.apps\//],
  ['describe pod POD -n NS', 0, /Containers:[\s\S]*Events:[\s\S]*Warning/],
  ['describe deploy DEPLOY -n NS', 0, /Pod Template:/],
  ['describe nodes', 0, /Non-terminated Pods:[\s\S]*Allocated resources:/],
  ['describe svc -A', 0, /Endpoints:/],
  ['describe ing,pvc,cm,sts,ep,endpointslices -A', 0, /Name:/],
  ['events --for pod/POD -n NS', 0, /Warning/],
  ['get events -n NS --field-selector involvedObject.name=POD,type=Warning', 0, /POD/],
  ['auth can-i --list -n NS', 0, /\[get list watch\]/],
  ['explain pod.spec', 0, /KIND: +Pod[\s\S]*nodeName[\s\S]*<string>/],
  ['explain deploy.spec.template --recursive', 0, /containers[\s\S]*image/],
  ['top pods -A', 1, /Metrics API not available/],
  ['top nodes', 1, /Metrics API not available/],
  ['get --raw /readyz', 0, /^ok/],
  ['get --raw /api/v1/namespaces/NS/pods/POD', 0, /"kind":"Pod"/],
  ['wait --for=condition=Available deploy/DEPLOY -n NS --timeout=2s', 0, /condition met/],
  ['wait --for=condition=Ready pod/POD -n NS --timeout=1s', 1, /timed out waiting/],
  ['patch deploy DEPLOY -n NS --dry-run=server -p {"spec":{"replicas":7}}', 0, /patched/],
  ['set image deploy/DEPLOY -n NS *=registry.example/other:1 --dry-run=server', 0, /image updated \(server dry run\)/],
  ['scale deploy DEPLOY -n NS --replicas=7 --dry-run=server', 0, /scaled \(server dry run\)/],
  ['rollout undo deploy DEPLOY -n NS --dry-run=server', 0, /rolled back \(server dry run\)/],
  ['delete pod POD -n NS --dry-run=server', 0, /deleted \(server dry run\)/],
  ['delete pod POD -n NS', 1, /MethodNotAllowed/],
  ['delete pods --all -n NS', 1, /MethodNotAllowed/],
  ['rollout restart deploy DEPLOY -n NS', 1, /does not allow this method/],
  ['rollout history deploy DEPLOY -n NS', 0, /REVISION[\s\S]*\n1 /],
  ['rollout status deploy DEPLOY -n NS --timeout=1s', 1, /exceeded its progress deadline|timed out/],
  ['exec POD -n NS -- ls', 1, /NotFound/],
  ['get nosuchkind', 1, /doesn't have a resource type/],
];

describe.skipIf(!hasKubectl)('kubectl (skipped when it is not on PATH)', () => {
  test.each([
    ['written/bad-image', 'shop', 'checkout', /trying and failing to pull image/, /previous terminated container .* not found/],
    ['generated/a-full-purse-and-a-false-alarm', 'accounts', 'signature-vault', /./, /stopping on SIGTERM/],
  ])(
    'works against the recording %s, and changes nothing',
    async (scenario, namespace, deployment, log, previousLog) => {
      const cluster = await recorded(scenario);
      const kubectl = await kubectlFor(cluster);
      const { text } = await kubectl(`get pods -n ${namespace}`);
      const pod = new RegExp(`^(${deployment}-\\S+) +0/1`, 'm').exec(text)?.[1] ?? '';
      const { version } = cluster.store;
      const commands = [
        ...KINDS.split(' ').map((kind) => [`get ${kind} -A -o wide`, 0, /NAME|No resources found/] as const),
        ...COMMANDS,
        ['logs POD -n NS', scenario === 'written/bad-image' ? 1 : 0, log] as const,
        ['logs --previous POD -n NS', scenario === 'written/bad-image' ? 1 : 0, previousLog] as const,
      ];
      const filled = (line: string) => line.replaceAll('POD', pod).replaceAll('DEPLOY', deployment).replaceAll('NS', namespace);
      const wrong: object[] = [];
      const waiting = [...commands];
      const worker = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const [line, code, pattern] = next;
          const outcome = await kubectl(filled(line));
          const expected = new RegExp(filled(pattern.source), pattern.flags);
          if (outcome.code !== code || !expected.test(outcome.text)) wrong.push({ line: filled(line), ...outcome });
        }
      };
      await Promise.all([worker(), worker(), worker(), worker()]);

      expect(wrong).toEqual([]);
      expect(cluster.store.version).toBe(version);
      const { metadata, spec } = cluster.store.get({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: deployment })!;
      await writeFile(
        join(tmpdir(), `${metadata.uid}.json`),
        JSON.stringify({
          apiVersion: 'apps/v1',
          kind: 'Deployment',
          metadata: { name: deployment, namespace },
          spec: { ...(spec as object), replicas: 9 },
        }),
      );
      open.push({ close: () => rm(join(tmpdir(), `${metadata.uid}.json`)) });
      expect(await kubectl(`apply --dry-run=server -f ${join(tmpdir(), `${metadata.uid}.json`)}`)).toMatchObject({
        code: 0,
        text: expect.stringContaining('configured (server dry run)'),
      });
      expect(cluster.store.version).toBe(version);
      expect(cluster.requests.filter(({ kind, dryRun, status }) => kind === 'write' && !dryRun && status < 400)).toEqual([]);
    },
    60_000,
  );
});

test.skipIf(!hasKubectl)('kubectl apply merges lists by their keys (skipped when kubectl is not on PATH)', async () => {
  const kubectl = await kubectlFor(await clusterOf({}));
  const folder = await mkdtemp(join(tmpdir(), 'tier0-clients-'));
  open.push({ close: () => rm(folder, { recursive: true }) });
  const metadata = { name: 'web', namespace: 'shop' };
  const spec = { template: { spec: { containers: [{ name: 'web', env: [{ name: 'B', value: '2' }] }] } } };
  await writeFile(join(folder, 'web.json'), JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec }));

  const { text } = await kubectl(
    `apply --dry-run=server -f ${join(folder, 'web.json')} -o jsonpath={.spec.template.spec.containers[0].env[*].name}`,
  );

  expect(text).toMatch(/^(A B|B A)(Warning|$)/);
});

async function ask(cluster: EmbeddedCluster, path: string, init: RequestInit = {}) {
  const response = await fetch(`${cluster.url}${path}`, init);
  const text = await response.text();
  return { code: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
}

test('what k8sgpt asks: objects by name, events of one object by its fields, the tail of a log', async () => {
  const cluster = await recorded('written/bad-image');
  const { body: pods } = await ask(cluster, '/api/v1/pods');
  const broken = pods.items.find((pod: { status?: { phase?: string } }) => pod.status?.phase === 'Pending');
  const { name, uid } = broken.metadata;
  const events = async (selector: string) =>
    (await ask(cluster, `/api/v1/namespaces/shop/events?fieldSelector=${encodeURIComponent(selector)}`)).body.items.length;

  expect((await ask(cluster, `/api/v1/namespaces/shop/pods/${name}`)).body.metadata.uid).toBe(uid);
  expect((await ask(cluster, '/apis/apps/v1/namespaces/shop/deployments/checkout')).body.kind).toBe('Deployment');
  expect(await events(`involvedObject.name=${name}`)).toBe(1);
  expect(await events(`involvedObject.name=${name},involvedObject.kind=Pod,involvedObject.uid=${uid}`)).toBe(1);
  expect(await events(`involvedObject.name=${name},involvedObject.apiVersion=v1`)).toBe(1);
  expect(await events(`involvedObject.name=${name},involvedObject.kind=Deployment`)).toBe(0);
  expect(await events('involvedObject.uid=00000000-0000-0000-0000-000000000000')).toBe(0);
  expect((await ask(cluster, `/api/v1/namespaces/shop/pods/${name}/log?tailLines=100`)).body).toMatchObject({ reason: 'BadRequest' });
});

test('what dot-ai asks: a strategic merge as a dry run, and the log of the container that crashed', async () => {
  const previousLog = Array.from({ length: 80 }, (_entry, index) => `line ${index}\n`).join('');
  const cluster = await clusterOf({ logs: (_namespace, _pod, _container, previous) => (previous ? previousLog : 'now\n') });
  const path = '/apis/apps/v1/namespaces/shop/deployments/web';
  const patch = { spec: { template: { spec: { containers: [{ name: 'web', image: 'registry.example/web:2.0' }] } } } };
  const init = { method: 'PATCH', headers: { 'content-type': 'application/strategic-merge-patch+json' }, body: JSON.stringify(patch) };

  const preview = await ask(cluster, `${path}?dryRun=All&fieldManager=kubectl-patch`, init);
  const [container] = preview.body.spec.template.spec.containers;
  expect([preview.code, container.image, container.env]).toEqual([200, 'registry.example/web:2.0', [{ name: 'A', value: '1' }]]);
  expect((await ask(cluster, path)).body.spec.template.spec.containers[0].image).toBe('registry.example/web:1.0');
  expect((await ask(cluster, path, init)).code).toBe(405);
  const crashed = await ask(cluster, '/api/v1/namespaces/shop/pods/web-1/log?previous=true&tailLines=50');
  expect(crashed.text.split('\n').slice(0, 1)).toEqual(['line 30']);
  expect(cluster.requests.map(({ kind, dryRun }) => [kind, dryRun])).toContainEqual(['write', true]);
});

test('a log is cut by time, tail and bytes, and stamped; a line without a time belongs to the one before it', async () => {
  const text =
    'booting\n2026-03-01T11:00:00Z first\n  of two lines\n{"ts":"2026-03-01T11:58:00Z","msg":"second"}\nlevel=info ts=2026-03-01T11:59:30Z third\n';
  const cluster = await clusterOf({ logs: () => text });
  const log = async (query: string) => (await ask(cluster, `/api/v1/namespaces/shop/pods/web-1/log?${query}`)).text;

  expect(await log('sinceSeconds=60')).toBe('level=info ts=2026-03-01T11:59:30Z third\n');
  expect(await log('sinceSeconds=180&tailLines=1')).toBe('level=info ts=2026-03-01T11:59:30Z third\n');
  expect(await log('sinceTime=2026-03-01T11:00:00Z&limitBytes=26')).toBe('2026-03-01T11:00:00Z first');
  expect((await log('timestamps=true')).split('\n').slice(0, 3)).toEqual([
    '2026-02-28T09:00:00Z booting',
    '2026-03-01T11:00:00Z 2026-03-01T11:00:00Z first',
    '2026-03-01T11:00:00Z   of two lines',
  ]);
  expect(await log('')).toBe(text);
  for (const query of ['sinceSeconds=0', 'sinceSeconds=x', 'sinceTime=soon', 'sinceSeconds=1&sinceTime=2026-03-01T11:00:00Z']) {
    expect((await ask(cluster, `/api/v1/namespaces/shop/pods/web-1/log?${query}`)).code, query).toBe(422);
  }
});

test('a collection is deleted by selector in one namespace only, and not at all in a dry run', async () => {
  const cluster = await clusterOf({ writable: true });
  const left = () => cluster.store.list({ apiVersion: 'v1', kind: 'Pod' }).map(({ metadata }: KubernetesObject) => metadata.name);
  const remove = (path: string, body?: object) =>
    ask(cluster, path, {
      method: 'DELETE',
      ...(body ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });

  expect((await remove('/api/v1/namespaces/shop/pods', { kind: 'DeleteOptions', dryRun: ['All'] })).code).toBe(200);
  expect(left()).toHaveLength(4);
  const gone = await remove('/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb');
  expect(gone.body).toMatchObject({ kind: 'PodList', items: [{ metadata: { name: 'web-1' } }, { metadata: { name: 'web-2' } }] });
  expect(left()).toEqual(['api-1', 'agent-1']);
  expect((await remove('/api/v1/pods')).code).toBe(405);
  expect(cluster.requests[0]).toMatchObject({ kind: 'write', dryRun: true, status: 200 });
});

test('a dry run of a CustomResourceDefinition leaves discovery as it was', async () => {
  const cluster = await clusterOf({});
  const spec = {
    group: 'new.example',
    scope: 'Namespaced',
    names: { kind: 'Gadget', plural: 'gadgets' },
    versions: [{ name: 'v1', served: true, storage: true }],
  };
  const body = JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gadgets.new.example' },
    spec,
  });
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };

  expect((await ask(cluster, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All', init)).code).toBe(201);
  expect((await ask(cluster, '/apis')).text).not.toContain('new.example');
});
