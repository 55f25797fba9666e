import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiagnosisDocumentSchema } from '@tier0/agents';
import { readScenario } from '@tier0/eval';
import { type AccessRule, createEmbeddedCluster, type EmbeddedCluster } from '@tier0/eval/cluster';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { REPOSITORY_ROOT } from '../repository-root.ts';
import { createTestEnvironment } from '../testing/test-environment.ts';
import type { Command } from './command.ts';
import { diagnose } from './diagnose.ts';
import { record } from './record.ts';

const scenario = (name: string) => join(REPOSITORY_ROOT, 'scenarios/written', name);
const SECRET = 'hunter2-never-seen';
let folder = '';
let cluster: EmbeddedCluster;
let kubeconfig = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tier0-diagnose-'));
  const { objects, logs, meta } = await readScenario(scenario('bad-image'));
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'registry', namespace: 'shop', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': SECRET } },
    data: { password: Buffer.from(SECRET).toString('base64') },
  };
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'careless', namespace: 'shop' }, data: { DB_PASSWORD: SECRET } };
  cluster = await createEmbeddedCluster({
    objects: [...objects, secret, map],
    now: () => Date.parse(meta.now),
    logs: (namespace, pod, container, previous) => logs.get(`${namespace}/${pod}/${container}${previous ? '.previous' : ''}`),
  });
  kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, cluster.kubeconfig);
});
afterAll(async () => {
  await cluster.close();
  await rm(folder, { recursive: true, force: true });
});

async function ask(command: Command, ...args: readonly string[]) {
  const environment = createTestEnvironment();
  const code = await command.run(args, environment);
  return { code, text: environment.output() };
}
const json = async (...args: readonly string[]) => JSON.parse((await ask(diagnose, ...args, '-o', 'json')).text);

describe('tier0 diagnose', () => {
  test('names the root cause with its path in text, JSON, SARIF and the JSON of k8sgpt, and ends with 1', async () => {
    const { code, text } = await ask(diagnose, '--snapshot', scenario('bad-image'));
    expect(code).toBe(1);
    expect(text).toMatch(
      /^1 root cause, behind \d+ findings {3}as of 2026-03-16 10:14 UTC\n\n1 {2}Deployment shop\/checkout {2}image-not-found/,
    );
    const document = await json('--snapshot', scenario('bad-image'));
    expect(DiagnosisDocumentSchema.parse(document)).toEqual(document);
    const [root] = document.rootCauses;
    expect(root).toMatchObject({ cause: 'image-not-found', subject: { kind: 'Deployment', namespace: 'shop', name: 'checkout' } });
    expect(document.findings.map((finding: { fingerprint: string }) => finding.fingerprint)).toEqual(expect.arrayContaining(root.symptoms));
    const sarif = JSON.parse((await ask(diagnose, '--snapshot', scenario('bad-image'), '-o', 'sarif')).text);
    expect(sarif.runs[0].results.some((result: { properties: { isRootCause: boolean } }) => result.properties.isRootCause)).toBe(true);
    const k8sgpt = JSON.parse((await ask(diagnose, '--snapshot', scenario('bad-image'), '-o', 'k8sgpt')).text);
    expect(k8sgpt).toMatchObject({ provider: '', status: 'ProblemDetected' });
    expect(k8sgpt.results[0].error[0]).toMatchObject({ KubernetesDoc: '', Sensitive: [] });
  });

  test('a healthy cluster ends with 0, and --no-fail forgives a broken one', async () => {
    expect((await ask(diagnose, '--snapshot', scenario('steady'))).code).toBe(0);
    expect((await ask(diagnose, '--snapshot', scenario('bad-image'), '--no-fail')).code).toBe(0);
  });

  test('the bytes do not depend on the order of files and objects, and pods may be renamed without a new fingerprint', async () => {
    const shuffled = join(folder, 'shuffled');
    const { objects } = await readScenario(scenario('bad-image'));
    await mkdir(join(shuffled, 'cluster'), { recursive: true });
    await cp(join(scenario('bad-image'), 'meta.json'), join(shuffled, 'meta.json'));
    const write = (items: readonly unknown[]) =>
      writeFile(join(shuffled, 'cluster/all.json'), JSON.stringify({ kind: 'List', apiVersion: 'v1', items }));
    await write([...objects].reverse());
    expect(await json('--snapshot', shuffled)).toEqual(await json('--snapshot', scenario('bad-image')));
    const [root] = (await json('--snapshot', shuffled)).rootCauses;
    const pod = objects.find((object) => object.kind === 'Pod' && JSON.stringify(object.status).includes('ImagePullBackOff'));
    await write(JSON.parse(JSON.stringify(objects).replaceAll(pod?.metadata.name ?? '', 'checkout-renamed-zzzzz')));
    expect((await json('--snapshot', shuffled)).rootCauses[0].finding).toBe(root.finding);
  });

  test('a live cluster is read with one list for each kind it serves, no write and no Secret, by its own clock', async () => {
    const before = cluster.requests.length;
    const live = await json('--kubeconfig', kubeconfig, '--cluster', 'production');
    expect(live.takenAt).toBe('2026-03-16T10:14:00.000Z');
    expect(live.rootCauses.map((cause: { cause: string }) => cause.cause)).toEqual(['image-not-found']);
    const asked = cluster.requests.slice(before);
    expect(asked.every((request) => request.method === 'GET' && !request.path.includes('/secrets'))).toBe(true);
    const lists = asked.map((request) => request.path.split('?')[0]);
    expect(new Set(lists).size).toBe(lists.length);
    expect(asked.length).toBeLessThan(60);
  });

  test('the shipped role is enough; without a permission it says which one is missing and never calls that healthy', async () => {
    const rules = parseAllDocuments(await readFile(join(REPOSITORY_ROOT, 'docs/guides/read-only-access.yaml'), 'utf8'))
      .map((document) => document.toJS())
      .find((document) => document.kind === 'ClusterRole').rules as readonly AccessRule[];
    expect(rules.flatMap((rule) => rule.verbs).every((verb) => ['get', 'list', 'watch'].includes(verb))).toBe(true);
    const withRules = async (accessRules: readonly AccessRule[], ...args: readonly string[]) => {
      const { objects, meta } = await readScenario(scenario('steady'));
      const limited = await createEmbeddedCluster({ objects, now: () => Date.parse(meta.now), accessRules });
      const file = join(folder, `kubeconfig-${limited.url.split(':').at(-1)}`);
      await writeFile(file, limited.kubeconfig);
      return ask(diagnose, '--kubeconfig', file, ...args).finally(() => limited.close());
    };
    expect(await withRules(rules)).toMatchObject({ code: 0, text: expect.stringContaining('healthy') });
    const withoutPods = rules.map((rule) => ({ ...rule, resources: rule.resources.filter((resource) => resource !== 'pods') }));
    const { code, text } = await withRules(withoutPods);
    expect(code).toBe(2);
    expect(text).toMatch(/could not check Pod: .* cannot list resource "pods" in API group ""/);
    const own = rules.map((rule) => ({ ...rule, namespaces: ['shop'] }));
    expect((await withRules(own, '-n', 'shop')).text).not.toMatch(/could not check (Pod|Deployment|Service)\b/);
    await expect(withRules([])).rejects.toMatchObject({ hint: expect.stringContaining('read-only-access.yaml') });
  });

  test('one item, one namespace: only what concerns it', async () => {
    const snapshot = ['--snapshot', scenario('bad-image')];
    expect((await json('Deployment shop/checkout', ...snapshot)).rootCauses).toHaveLength(1);
    expect((await json('Deployment shop/recommendations', ...snapshot)).rootCauses).toHaveLength(0);
    expect((await json(...snapshot, '-n', 'shop')).rootCauses).toHaveLength(1);
    // Nothing found in a namespace that is not there would read like good news.
    await expect(ask(diagnose, ...snapshot, '-n', 'shopp')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no namespace "shopp".',
      hint: expect.stringContaining('Did you mean "shop"?'),
    });
  });

  test.each([
    ['a folder that is not there', ['--snapshot', '/nowhere'], /cannot be read/],
    ['an output nobody knows', ['--snapshot', '.', '-o', 'xml'], /--output is one of/],
    ['a kubeconfig that is not there', ['--kubeconfig', '/nowhere'], /There is no kubeconfig/],
  ])('%s is an error that says what to do', async (_, args, message) => {
    await expect(ask(diagnose, ...args)).rejects.toMatchObject({
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/\w/),
    });
  });

  test('a recording with an unreadable file is never called healthy', async () => {
    const damaged = join(folder, 'damaged');
    await cp(scenario('steady'), damaged, { recursive: true });
    await writeFile(join(damaged, 'cluster/pods.json'), '{"kind":"List","items":[');
    const { code, text } = await ask(diagnose, '--snapshot', damaged);
    expect(code).toBe(2);
    expect(text).toContain('cluster/pods.json');
  });
});

describe('tier0 record', () => {
  test('what was recorded is diagnosed as the live cluster is, and holds no secret', async () => {
    const directory = join(folder, 'recorded');
    const { code, text } = await ask(record, directory, '--kubeconfig', kubeconfig, '--cluster', 'production');
    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringMatching(/^\d+ objects and \d+ logs recorded/) });
    const files = await readdir(directory, { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), 'utf8')),
    );
    expect(texts.join('\n')).not.toContain(SECRET);
    expect(texts.join('\n')).not.toContain(Buffer.from(SECRET).toString('base64'));
    expect(texts.join('\n')).toContain('"name":"registry"');
    const live = await json('--kubeconfig', kubeconfig, '--cluster', 'production');
    const recorded = await json('--snapshot', directory);
    expect(recorded.rootCauses).toEqual(live.rootCauses);
  });

  test('a folder in use is not touched, and an interrupted recording leaves nothing behind', async () => {
    await expect(ask(record, folder, '--kubeconfig', kubeconfig)).rejects.toMatchObject({ code: 'CONFLICT' });
    const interrupted = new AbortController();
    const environment = { ...createTestEnvironment(), signal: interrupted.signal };
    const recording = record.run([join(folder, 'stopped'), '--kubeconfig', kubeconfig], environment);
    setTimeout(() => interrupted.abort(), 5);
    await expect(recording).rejects.toThrow();
    expect((await readdir(folder)).filter((name) => name.startsWith('stopped'))).toEqual([]);
  });
});
