import { execFileSync } from 'node:child_process';
import { type CmdbReader, type ItemEdit, type Location, parseFieldPath } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { editYaml } from '../edit/yaml.ts';
import { createTestRepository, type TestRepository } from '../testing/repository.ts';
import { createLocator } from './locate.ts';
import { createKubectlRenderer, type KustomizeRenderer } from './renderer.ts';

const opened: TestRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

type Files = Readonly<Record<string, string>>;

const MEMORY = 'spec.template.spec.containers[name=web].resources.limits.memory';
const IMAGE = 'spec.template.spec.containers[name=web].image';

function deployment(memory = '512Mi'): string {
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n        - name: web\n          image: shop/web:1.0.0\n          env:\n            - {name: A, value: a}\n            - {name: B, value: b}\n          resources: {limits: {memory: ${memory}}}\n`;
}

interface Asked extends Partial<Omit<ItemEdit, 'fieldPath'>> {
  readonly labels?: Files;
  readonly annotations?: Files;
  readonly renderer?: KustomizeRenderer;
}

async function locate(files: Files, path: string, asked: Asked = {}): Promise<Location> {
  const { labels, annotations, renderer, ...change } = asked;
  const repository = await createTestRepository(files);
  opened.push(repository);
  const live = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace: 'shop', labels, annotations } };
  const edit = { item: 'kubernetes:c/shop/Deployment/web', fieldPath: parseFieldPath(path), expectOld: '512Mi', value: '1Gi', ...change };
  const locator = createLocator({ mirror: repository.newMirror(), branch: 'main', renderer });
  return locator.locate({ edit, reader: { object: () => live, items: () => ({ items: [] }) } as unknown as CmdbReader }, testContext());
}

/** The file as the located edit leaves it. */
function applied(files: Files, location: Location): string {
  if (location.status !== 'found') return `${location.status}: ${location.reason}`;
  const result = editYaml(files[location.edit.file] ?? '', location.edit);
  return result.status === 'edited' ? result.text : result.status;
}

const application = (source: string, name = 'web') =>
  `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: ${name}, namespace: argocd}\nspec:\n  destination: {namespace: shop}\n  source:\n    repoURL: https://example.com/fleet.git\n${source}`;
const TRACKED = { annotations: { 'argocd.argoproj.io/tracking-id': 'web:apps/Deployment:shop/web' } };

describe('Argo CD', () => {
  test('the tracking id leads to the folder, where names alone could not', async () => {
    const files = { 'apps/web.yaml': application('    path: one\n'), 'one/web.yaml': deployment(), 'two/web.yaml': deployment() };
    expect(await locate(files, MEMORY)).toMatchObject({ status: 'ambiguous' });
    expect(await locate(files, MEMORY, TRACKED)).toMatchObject({ status: 'found', edit: { file: 'one/web.yaml' } });
    const labelled = { labels: { 'app.kubernetes.io/instance': 'web' } };
    expect(await locate(files, MEMORY, labelled)).toMatchObject({ status: 'found', edit: { file: 'one/web.yaml' } });
  });

  test('images of the Application decide about the tag', async () => {
    const files = {
      'apps/web.yaml': application('    path: one\n    kustomize:\n      images:\n        - shop/web:1.4.0 # pinned\n'),
      'one/kustomization.yaml': 'resources: [web.yaml]\n',
      'one/web.yaml': deployment(),
    };
    const found = await locate(files, IMAGE, { ...TRACKED, expectOld: 'shop/web:1.4.0', value: 'shop/web:1.4.1' });
    expect(applied(files, found)).toBe(files['apps/web.yaml'].replace('1.4.0', '1.4.1'));
  });

  test.each([
    ['valuesObject', '    chart: web\n    helm:\n      valuesObject:\n        resources: {limits: {memory: 512Mi}}\n'],
    [
      'values written as a text',
      '    chart: web\n    helm:\n      values: |\n        # ours\n        resources:\n          limits:\n            memory: 512Mi # grew\n',
    ],
  ])('%s', async (_, source) => {
    const files = { 'apps/web.yaml': application(source) };
    expect(applied(files, await locate(files, MEMORY, TRACKED))).toBe(files['apps/web.yaml'].replace('512Mi', '1Gi'));
  });

  test('a parameter wins over every other value', async () => {
    const source =
      '    chart: web\n    helm:\n      parameters: [{name: resources.limits.memory, value: 2Gi}]\n      valuesObject: {resources: {limits: {memory: 512Mi}}}\n';
    const files = { 'a.yaml': application(source) };
    expect((await locate(files, MEMORY, TRACKED)).status).toBe('not-found');
    const found = await locate(files, MEMORY, { ...TRACKED, expectOld: '2Gi', value: '3Gi' });
    expect(applied(files, found)).toBe(source.replace('2Gi', '3Gi').replace(/^/, files['a.yaml'].slice(0, -source.length)));
  });
});

describe('Helm through Flux', () => {
  const release = (values: string) =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  chart: {spec: {chart: ./charts/web, sourceRef: {kind: GitRepository, name: fleet}}}\n  values:\n${values}`;
  const helm = { annotations: { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'shop' } };
  const chart = {
    'charts/web/Chart.yaml': 'name: web\n',
    'charts/web/values.yaml': 'resources: {limits: {memory: 512Mi}}\n',
    'charts/web/templates/web.yaml': '{{ toYaml .Values.resources }} {{ .Values.image.tag }}\n',
  };

  test('the tag of an image is a value of its own', async () => {
    const files = { ...chart, 'web.yaml': release('    image: {repository: shop/web, tag: 1.0.0}\n') };
    const found = await locate(files, IMAGE, { ...helm, expectOld: 'shop/web:1.0.0', value: 'shop/web:1.0.1' });
    expect(applied(files, found)).toBe(files['web.yaml'].replace('1.0.0', '1.0.1'));
    expect(found.reason).toContain('not verified');
  });

  test("a chart's default is changed where it serves one release, and overridden where it serves two", async () => {
    const alone = { ...chart, 'web.yaml': release('    replicaCount: 2\n') };
    expect(await locate(alone, MEMORY, helm)).toMatchObject({ status: 'found', edit: { file: 'charts/web/values.yaml' } });
    const two = {
      ...alone,
      'other.yaml': release('    replicaCount: 3\n').replace('name: web, namespace: shop', 'name: web, namespace: other'),
    };
    expect(applied(two, await locate(two, MEMORY, helm))).toBe(`${two['web.yaml']}    resources:\n      limits:\n        memory: 1Gi\n`);
  });

  test('a value that no template of the chart names is not taken for it', async () => {
    const files = { ...chart, 'charts/web/templates/web.yaml': '{{ .Values.memory }}\n', 'web.yaml': release('    replicaCount: 2\n') };
    expect(await locate(files, MEMORY, helm)).toMatchObject({ status: 'not-found' });
  });
});

const hasKubectl = (() => {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('proof by rendering', () => {
  const files = {
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'base/web.yaml': deployment(),
    'production/kustomization.yaml': 'namespace: shop\nresources: [../base]\n',
    'staging/kustomization.yaml': 'namespace: staging\nresources: [../base]\n',
  };

  test.skipIf(!hasKubectl)('what is added to an overlay renders to exactly the wanted field (needs kubectl on PATH)', async () => {
    const renderer = createKubectlRenderer();
    const memory = await locate(files, MEMORY, { renderer });
    expect(memory).toMatchObject({ status: 'found', reason: expect.stringContaining('verified by rendering production before and after') });
    const second = await locate(files, 'spec.template.spec.containers[name=web].env[name=B].value', {
      renderer,
      expectOld: 'b',
      value: 'c',
    });
    expect(second).toMatchObject({ status: 'found', reason: expect.stringContaining('verified by rendering') });
    expect(applied(files, second)).toContain('op: test');
  });

  test('what renders to anything else is refused', async () => {
    const stubborn: KustomizeRenderer = {
      render: async () => ({ status: 'rendered', objects: [{ kind: 'Deployment', metadata: { name: 'web' } }] }),
    };
    expect(await locate(files, MEMORY, { renderer: stubborn })).toMatchObject({
      status: 'ambiguous',
      reason: expect.stringContaining('does not give exactly'),
    });
  });

  test('a repository that takes something from a network is not rendered, and that is said', async () => {
    const production = 'production/kustomization.yaml';
    const remote = { ...files, [production]: `${files[production]}configurations: ["https://example.com/base?ref=main"]\n` };
    const found = await locate(remote, MEMORY, { renderer: createKubectlRenderer() });
    expect(found).toMatchObject({
      status: 'found',
      reason: expect.stringContaining(
        'not verified: not rendered: production/kustomization.yaml takes "https://example.com/base?ref=main"',
      ),
    });
    const elsewhere = { ...files, 'other/kustomization.yaml': 'resources:\n  - https://example.com/base?ref=main\n' };
    expect(await locate(elsewhere, MEMORY, { renderer: createKubectlRenderer() })).toMatchObject({
      reason: expect.stringContaining('verified by rendering production'),
    });
  });
});
