import { execFileSync } from 'node:child_process';
import { type CmdbReader, type ItemEdit, type JsonValue, type Location, parseFieldPath } from '@tier0/core';
import { testContext } from '@tier0/core/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { editYaml } from '../edit/yaml.ts';
import { createTestRepository, type TestRepository } from '../testing/repository.ts';
import { createHelmRenderer } from './chart-renderer.ts';
import { createLocator } from './locate.ts';
import { createKubectlRenderer } from './renderer.ts';

/** Layouts as public repositories have them: Flux clusters with variables, releases through overlays, ApplicationSets, charts. */

const opened: TestRepository[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((repository) => repository.remove()));
});

type Files = Readonly<Record<string, string>>;

interface Asked {
  readonly field: string;
  readonly old?: JsonValue;
  readonly value: JsonValue;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Files;
  readonly annotations?: Files;
  readonly path?: string;
  /** Path of each live Kustomization, and labels of each live HelmRelease, by name. */
  readonly live?: Readonly<Record<string, object>>;
}

async function locate(files: Files, asked: Asked): Promise<Location> {
  const repository = await createTestRepository(files);
  opened.push(repository);
  const { kind = 'Deployment', name = 'web', namespace = 'shop', labels, annotations } = asked;
  const item = `kubernetes:c/${namespace}/${kind}/${name}`;
  const object = { kind, metadata: { name, namespace, labels, annotations } };
  const reader = {
    object: (id: string) => (id === item ? object : asked.live?.[id.split('/').slice(2).join('/')]),
    items: () => ({ items: [] }),
  };
  const edit: ItemEdit = { item, fieldPath: parseFieldPath(asked.field), expectOld: asked.old, value: asked.value };
  const locator = createLocator({
    mirror: repository.newMirror(),
    branch: 'main',
    path: asked.path,
    renderer: createKubectlRenderer(),
    chartRenderer: createHelmRenderer(),
  });
  return locator.locate({ edit, reader: reader as unknown as CmdbReader }, testContext());
}

/** The line that the located edit changes: file, what goes, what comes. */
function changedLine(files: Files, location: Location): string {
  if (location.status !== 'found') return `${location.status}: ${location.reason}`;
  const { file } = location.edit;
  const before = files[file] ?? '';
  const edited = editYaml(before, location.edit);
  if (edited.status !== 'edited') return edited.status;
  const old = before.split('\n');
  const added = edited.text.split('\n').filter((line) => !old.includes(line));
  return `${file}: ${added.map((line) => line.trim()).join(' | ')}`;
}

const MEMORY = 'spec.template.spec.containers[name=web].resources.limits.memory';
const IMAGE = 'spec.template.spec.containers[name=web].image';
const deployment = ({ name = 'web', image = 'shop/web:1.0.0', memory = '512Mi', replicas = '2' } = {}) =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ${name}\nspec:\n  replicas: ${replicas}\n  template:\n    spec:\n      containers:\n        - name: web\n          image: ${image}\n          resources:\n            limits:\n              memory: ${memory}\n`;
const FLUX = { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' };
const kustomization = (path: string, more = '') =>
  `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: apps\n  namespace: flux-system\nspec:\n  path: ./${path}\n  targetNamespace: shop\n${more}`;

describe('Flux fills in variables', () => {
  const substitute = 'postBuild:\n    substitute:\n      tag: 1.4.0\n      memory: 512Mi\n      count: "3"\n      env: staging\n';
  const files = {
    'clusters/staging/apps.yaml': kustomization('apps/web', `  ${substitute}`),
    'apps/web/kustomization.yaml': 'resources: [web.yaml]\n',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Flux's own syntax.
    'apps/web/web.yaml': deployment({ image: 'shop/web:${tag}', memory: '${memory}', replicas: '${count}', name: 'web-${env}' }),
  };
  const asked = { labels: FLUX, name: 'web-staging' };

  test('the variable behind a field is changed, also where it becomes a number', async () => {
    const image = await locate(files, { ...asked, field: IMAGE, old: 'shop/web:1.4.0', value: 'shop/web:1.4.1' });
    expect(changedLine(files, image)).toBe('clusters/staging/apps.yaml: tag: 1.4.1');
    expect(image.reason).toContain('verified by rendering');
    const replicas = await locate(files, { ...asked, field: 'spec.replicas', old: 3, value: 5 });
    expect(changedLine(files, replicas)).toBe('clusters/staging/apps.yaml: count: "5"');
  });

  test('where no variable alone makes it so, the field is said where it stands', async () => {
    const renamed = await locate(files, { ...asked, field: IMAGE, old: 'shop/web:1.4.0', value: 'other/web:2.0.0' });
    expect(changedLine(files, renamed)).toBe('apps/web/web.yaml: image: other/web:2.0.0');
  });

  test('a variable that sets other fields too is left alone', async () => {
    const two = {
      ...files,
      'apps/web/kustomization.yaml': 'resources: [web.yaml, other.yaml]\n',
      'apps/web/other.yaml': files['apps/web/web.yaml'].replace('web-$', 'other-$'),
    };
    const found = await locate(two, { ...asked, field: MEMORY, old: '512Mi', value: '1Gi' });
    expect(changedLine(two, found)).toBe('apps/web/web.yaml: memory: 1Gi');
    expect(found.reason).toContain('stands in 2 places');
  });

  test('a fallback is changed where it stands; where two clusters share it, the variable is said for one', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Flux's own syntax.
    const alone = { ...files, 'apps/web/web.yaml': deployment({ name: 'web-${env}', memory: '${limit:=256Mi}' }) };
    const question = { ...asked, field: MEMORY, old: '256Mi', value: '1Gi' };
    expect(changedLine(alone, await locate(alone, question))).toBe(`apps/web/web.yaml: memory: "\${limit:=1Gi}"`);
    const two = {
      ...alone,
      'clusters/production/apps.yaml': files['clusters/staging/apps.yaml'].replace('env: staging', 'env: production'),
    };
    const shared = await locate(two, { ...question, path: 'clusters/staging' });
    expect(changedLine(two, shared)).toBe('clusters/staging/apps.yaml: limit: 1Gi');
  });

  test('variables of a ConfigMap, each cluster its own; what a Secret may say is not guessed', async () => {
    const from = (kind: string) =>
      kustomization('apps/web', `  postBuild:\n    substituteFrom:\n      - kind: ${kind}\n        name: vars\n`);
    const vars = (memory: string) =>
      `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\ndata:\n  memory: ${memory}\n`;
    const two = {
      'clusters/staging/apps.yaml': from('ConfigMap'),
      'clusters/staging/vars.yaml': vars('512Mi'),
      'clusters/production/apps.yaml': from('ConfigMap'),
      'clusters/production/vars.yaml': vars('2Gi'),
      'apps/web/kustomization.yaml': 'resources: [web.yaml]\n',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Flux's own syntax.
      'apps/web/web.yaml': deployment({ memory: '${memory}' }),
    };
    const found = await locate(two, { labels: FLUX, path: 'clusters/production', field: MEMORY, old: '2Gi', value: '3Gi' });
    expect(changedLine(two, found)).toBe('clusters/production/vars.yaml: memory: 3Gi');
    const secret = { ...two, 'clusters/production/apps.yaml': from('Secret') };
    expect(await locate(secret, { labels: FLUX, path: 'clusters/production', field: MEMORY, old: '2Gi', value: '3Gi' })).toMatchObject({
      status: 'ambiguous',
      reason: expect.stringContaining('Secret vars'),
    });
  });

  test('a folder that two clusters render is patched for one of them in its Kustomization', async () => {
    const one = (name: string) => kustomization('apps/plain').replace('name: apps', `name: ${name}`);
    const two = { 'clusters/a.yaml': one('apps'), 'clusters/b.yaml': one('others'), 'apps/plain/web.yaml': deployment() };
    const found = await locate(two, { labels: FLUX, field: MEMORY, old: '512Mi', value: '1Gi' });
    expect(found).toMatchObject({
      status: 'found',
      edit: { file: 'clusters/a.yaml' },
      reason: expect.stringMatching(/clusters\/a.yaml.* and clusters\/b.yaml/),
    });
  });
});

describe('a HelmRelease through base and overlays', () => {
  const release = (
    values: string,
    head = '  releaseName: web\n  chart:\n    spec:\n      chart: web\n      sourceRef: {kind: HelmRepository, name: charts}\n',
  ) =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: web\n  namespace: shop\nspec:\n${head}  values:\n${values}`;
  const cluster = (name: string) => ({
    [`clusters/${name}/apps.yaml`]: `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  path: ./${name}\n  sourceRef: {kind: ExternalArtifact, name: apps}\n`,
    [`clusters/${name}/artifacts.yaml`]: `apiVersion: source.extensions.fluxcd.io/v1beta1\nkind: ArtifactGenerator\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  artifacts:\n    - name: apps\n      copy:\n        - from: "@repo/apps/base/**"\n          to: "@artifact/base/"\n        - from: "@repo/apps/${name}/**"\n          to: "@artifact/${name}/"\n`,
    [`apps/${name}/kustomization.yaml`]:
      'resources:\n  - ../base/web\npatches:\n  - path: values.yaml\n    target:\n      kind: HelmRelease\n      name: web\n',
    [`apps/${name}/values.yaml`]: release(`    replicaCount: ${name === 'staging' ? 1 : 4}\n`, ''),
  });
  const files: Files = {
    ...cluster('staging'),
    ...cluster('production'),
    'apps/base/web/kustomization.yaml': 'resources: [release.yaml]\n',
    'apps/base/web/release.yaml': release(
      '    image:\n      repository: shop/web\n      tag: 1.0.0\n    resources:\n      limits:\n        memory: 512Mi\n',
    ),
  };
  const labels = { 'helm.toolkit.fluxcd.io/name': 'web', 'helm.toolkit.fluxcd.io/namespace': 'shop' };
  const live = (cluster: string) => ({
    'HelmRelease/web': { kind: 'HelmRelease', metadata: { labels: FLUX } },
    'Kustomization/apps': { kind: 'Kustomization', spec: { path: `./${cluster}` } },
  });

  test('what the overlay says is changed there, of the cluster that is asked', async () => {
    for (const [cluster, old] of [
      ['staging', 1],
      ['production', 4],
    ] as const) {
      const found = await locate(files, { labels, path: `clusters/${cluster}`, field: 'spec.replicas', old, value: 7 });
      expect(changedLine(files, found)).toBe(`apps/${cluster}/values.yaml: replicaCount: 7`);
    }
  });

  test('what the base says for both is said anew in the overlay of one, and both are named', async () => {
    const found = await locate(files, { labels, path: 'clusters/staging', field: MEMORY, old: '512Mi', value: '1Gi' });
    expect(found).toMatchObject({ status: 'found', edit: { file: 'apps/staging/kustomization.yaml' } });
    expect(found.reason).toMatch(/apps\/base\/web\/release.yaml is shared by .*production.* and .*staging/);
    expect(found.reason).toContain('by the conventions of charts, not verified: the chart is not in the repository');
  });

  test('the live objects say which cluster it is where no folder does, and without either it is not guessed', async () => {
    const plain = Object.fromEntries(
      Object.entries(files).map(([file, text]) => [file, text.replace(/path: \.\/(\w+)\n {2}sourceRef.*\n/, 'path: ./apps/$1\n')]),
    );
    const asked = { labels, field: 'spec.replicas', old: 4, value: 7 };
    const owner = {
      'HelmRelease/web': live('x')['HelmRelease/web'],
      'Kustomization/apps': { kind: 'Kustomization', spec: { path: './apps/production' } },
    };
    expect(await locate(plain, { ...asked, live: owner })).toMatchObject({
      status: 'found',
      edit: { file: 'apps/production/values.yaml' },
    });
    const unsaid = await locate(plain, asked);
    expect(unsaid).toMatchObject({ status: 'ambiguous', reason: expect.stringMatching(/rendered by .*production.* and .*staging/) });
  });
});

describe('ApplicationSets', () => {
  const tracked = (name: string) => ({ 'argocd.argoproj.io/tracking-id': `${name}:apps/Deployment:shop/web` });
  const set = (generators: string, template: string, more = '') =>
    `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata:\n  name: web\n  namespace: argocd\nspec:\n${more}  generators:\n${generators}  template:\n    metadata:\n      name: '{{name}}'\n    spec:\n      destination: {namespace: shop}\n      source:\n        repoURL: https://example.com/fleet.git\n${template}`;
  const list =
    '    - list:\n        elements:\n          - name: web-a\n            tag: 1.1.0\n          - name: web-b\n            tag: 1.2.0\n';
  const web = { 'web/kustomization.yaml': 'resources: [web.yaml]\n', 'web/web.yaml': deployment() };

  test('a parameter of a list element is changed in the element', async () => {
    const files = { 'set.yaml': set(list, "        path: web\n        kustomize:\n          images: ['shop/web:{{tag}}']\n"), ...web };
    const found = await locate(files, { annotations: tracked('web-b'), field: IMAGE, old: 'shop/web:1.2.0', value: 'shop/web:1.3.0' });
    expect(changedLine(files, found)).toBe('set.yaml: tag: 1.3.0');
    expect(found.reason).toContain('verified by rendering');
  });

  test('what all Applications of a set share is not changed for one', async () => {
    const files = { 'set.yaml': set(list, '        path: web\n'), ...web };
    const found = await locate(files, { annotations: tracked('web-b'), field: MEMORY, old: '512Mi', value: '1Gi' });
    expect(found).toMatchObject({ status: 'ambiguous', reason: expect.stringMatching(/web-a.*web-b/) });
    const template = { 'set.yaml': set(list, "        path: web\n        kustomize:\n          images: ['shop/web:2.0.0']\n"), ...web };
    const image = await locate(template, { annotations: tracked('web-a'), field: IMAGE, old: 'shop/web:2.0.0', value: 'shop/web:2.0.1' });
    expect(image).toMatchObject({ status: 'ambiguous', reason: expect.stringMatching(/template of web-a, web-b/) });
  });

  test('folders of a git generator, some left out, also with goTemplate', async () => {
    const directories =
      '    - git:\n        repoURL: https://example.com/fleet.git\n        directories:\n          - path: apps/*\n          - path: apps/old\n            exclude: true\n';
    const overlays = {
      'base/kustomization.yaml': 'resources: [web.yaml]\n',
      'base/web.yaml': deployment(),
      'apps/a/kustomization.yaml': 'resources: [../../base]\n',
      'apps/b/kustomization.yaml':
        'resources: [../../base]\npatches:\n  - patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata:\n        name: web\n      spec:\n        replicas: 5\n',
      'apps/old/kustomization.yaml': 'resources: [../../base]\n',
    };
    const plain = set(directories, "        path: '{{path}}'\n").replace("'{{name}}'", "'web-{{path.basename}}'");
    const go = set(directories, "        path: '{{ .path.path }}'\n", '  goTemplate: true\n').replace(
      "'{{name}}'",
      "'web-{{index .path.segments 1}}'",
    );
    for (const text of [plain, go]) {
      const files = { 'set.yaml': text, ...overlays };
      const found = await locate(files, { annotations: tracked('web-b'), field: 'spec.replicas', old: 5, value: 6 });
      expect(found).toMatchObject({
        status: 'found',
        edit: { file: 'apps/b/kustomization.yaml' },
        reason: expect.stringContaining('verified'),
      });
      const shared = await locate(files, { annotations: tracked('web-a'), field: MEMORY, old: '512Mi', value: '1Gi' });
      expect(shared).toMatchObject({ status: 'found', edit: { file: 'apps/a/kustomization.yaml' } });
    }
  });

  test('files of a git generator hold the parameters', async () => {
    const generator = '    - git:\n        files:\n          - path: envs/**/config.json\n';
    const template = "        path: web\n        kustomize:\n          images: ['shop/web:{{image.tag}}']\n";
    const files = {
      'set.yaml': set(generator, template).replace("'{{name}}'", "'web-{{path.basename}}'"),
      'envs/eu/one/config.json': '{\n  "image": {\n    "tag": "3.0.0"\n  }\n}\n',
      'envs/us/two/config.json': '{\n  "image": {\n    "tag": "4.0.0"\n  }\n}\n',
      ...web,
    };
    const found = await locate(files, { annotations: tracked('web-two'), field: IMAGE, old: 'shop/web:4.0.0', value: 'shop/web:4.1.0' });
    expect(changedLine(files, found)).toBe('envs/us/two/config.json: "tag": "4.1.0"');
  });

  test('a set over what only a cluster knows is named, not guessed', async () => {
    const files = { 'set.yaml': set('    - clusters: {}\n', '        path: web\n'), 'other/web.yaml': 'kind: nothing\n' };
    const found = await locate(files, { annotations: tracked('web-eu'), field: MEMORY, old: '512Mi', value: '1Gi' });
    expect(found).toMatchObject({ status: 'not-found', reason: expect.stringContaining('generator clusters is not followed') });
  });

  test('values files of a second source, and parameters', async () => {
    const sources = set(list, '').replace(
      '      source:\n        repoURL: https://example.com/fleet.git\n',
      "      sources:\n        - repoURL: https://example.com/charts\n          chart: web\n          helm:\n            valueFiles: ['$values/envs/{{name}}.yaml']\n            parameters:\n              - name: image.tag\n                value: '{{tag}}'\n        - repoURL: https://example.com/fleet.git\n          ref: values\n",
    );
    const files = {
      'set.yaml': sources,
      'envs/web-a.yaml': 'replicaCount: 2\nimage:\n  repository: shop/web\n',
      'envs/web-b.yaml': 'replicaCount: 3\nimage:\n  repository: shop/web\n',
    };
    const replicas = await locate(files, { annotations: tracked('web-b'), field: 'spec.replicas', old: 3, value: 4 });
    expect(changedLine(files, replicas)).toBe('envs/web-b.yaml: replicaCount: 4');
    const image = await locate(files, { annotations: tracked('web-a'), field: IMAGE, old: 'shop/web:1.1.0', value: 'shop/web:1.1.1' });
    expect(changedLine(files, image)).toBe('set.yaml: tag: 1.1.1');
  });
});

const hasHelm = (() => {
  try {
    execFileSync('helm', ['version', '--short'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasHelm)('charts rendered by helm (skipped where helm is not on PATH)', () => {
  const template =
    'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ include "web.name" . }}\nspec:\n  replicas: {{ .Values.scale.minimum }}\n  template:\n    spec:\n      containers:\n        - name: web\n          image: "{{ .Values.registry }}/{{ .Values.app }}:{{ .Values.build | default .Chart.AppVersion }}"\n          resources:\n            limits:\n              memory: {{ .Values.size.memory }}\n          {{- range .Values.extra }}\n          {{ .name }}: {{ .value }}\n          {{- end }}\n';
  const chart = {
    'charts/web/Chart.yaml': 'apiVersion: v2\nname: web\nversion: 0.1.0\nappVersion: "9.9"\n',
    'charts/web/templates/_helpers.tpl': '{{- define "web.name" -}}{{ .Release.Name }}{{- end -}}\n',
    'charts/web/templates/web.yaml': template,
    'charts/web/values.yaml':
      'registry: registry.example.com/shop\napp: web\nbuild: "1.0"\nscale:\n  minimum: 2\nsize:\n  memory: 512Mi\nextra:\n  - name: tty\n    value: true\nunused: 512Mi\n',
  };
  const release = (name: string, values = '') =>
    `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: ${name}\n  namespace: shop\nspec:\n  chart:\n    spec:\n      chart: ./charts/web\n      sourceRef: {kind: GitRepository, name: fleet}\n${values}`;
  const labels = { 'helm.toolkit.fluxcd.io/name': 'web', 'helm.toolkit.fluxcd.io/namespace': 'shop' };

  test('a value whose name follows no convention is found by what it makes', async () => {
    const files = { ...chart, 'web.yaml': release('web', '  values:\n    scale:\n      minimum: 3\n') };
    const replicas = await locate(files, { labels, field: 'spec.replicas', old: 3, value: 4 });
    expect(changedLine(files, replicas)).toBe('web.yaml: minimum: 4');
    expect(replicas.reason).toContain('verified by rendering the chart charts/web');
    const memory = await locate(files, { labels, field: MEMORY, old: '512Mi', value: '1Gi' });
    expect(changedLine(files, memory)).toBe('charts/web/values.yaml: memory: 1Gi');
    const image = await locate(files, {
      labels,
      field: IMAGE,
      old: 'registry.example.com/shop/web:1.0',
      value: 'registry.example.com/shop/web:1.10',
    });
    expect(changedLine(files, image)).toBe('charts/web/values.yaml: build: "1.10"');
    const tty = await locate(files, { labels, field: 'spec.template.spec.containers[name=web].tty', old: true, value: false });
    expect(changedLine(files, tty)).toBe('charts/web/values.yaml: value: false');
  });

  test('a chart that two releases share is overridden in the release', async () => {
    const files = { ...chart, 'web.yaml': release('web'), 'other.yaml': release('other') };
    const found = await locate(files, { labels, field: MEMORY, old: '512Mi', value: '1Gi' });
    expect(changedLine(files, found)).toBe('web.yaml: values: | size: | memory: 1Gi');
  });

  test('what the cluster has and the chart does not make is drift; what templates say is said to be theirs', async () => {
    const files = { ...chart, 'web.yaml': release('web') };
    expect(await locate(files, { labels, field: 'spec.replicas', old: 9, value: 4 })).toMatchObject({
      status: 'drifted',
      found: '2',
      edit: { file: 'charts/web/values.yaml' },
    });
    const fixed = { ...files, 'charts/web/templates/web.yaml': template.replace('{{ .Values.scale.minimum }}', '2') };
    expect(await locate(fixed, { labels, field: 'spec.replicas', old: 2, value: 4 })).toMatchObject({
      status: 'not-found',
      reason: expect.stringContaining('charts/web/templates'),
    });
  });

  test('a template that takes all it can is stopped, and the value is found by convention', async () => {
    const bomb = '{{- define "b" }}{{ include "b" . }}{{ include "b" . }}{{ end }}{{ include "b" . }}';
    const files = {
      ...chart,
      'charts/web/values.yaml': 'replicaCount: 2\n',
      'charts/web/templates/web.yaml': `${bomb}\n# {{ .Values.replicaCount }}\n`,
      'web.yaml': release('web'),
    };
    const found = await locate(files, { labels, field: 'spec.replicas', old: 2, value: 4 });
    expect(found).toMatchObject({ status: 'found', reason: expect.stringContaining('not verified: helm template') });
  });
});
