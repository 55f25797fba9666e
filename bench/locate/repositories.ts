import type { ChartValues } from './chart.ts';
import { mergeValues, renderChart } from './chart.ts';
import type { Files, LiveObject } from './render.ts';
import { marked, parseObjects, readAt, renderKustomization } from './render.ts';

/** One cluster, or one part of it, as something applies it from the repository. */
export interface Environment {
  readonly name: string;
  /** Namespace of objects that name none. */
  readonly namespace: string;
  /** Folder the locator is told to look in; undefined: all. */
  readonly path?: string | undefined;
  render(files: Files): Promise<readonly LiveObject[]>;
}

/** A repository and everything that is applied from it. */
export interface BenchRepository {
  readonly name: string;
  readonly files: Files;
  readonly environments: readonly Environment[];
}

function deployment(name: string, extra: { readonly namespace?: string; readonly image?: string; readonly memory?: string } = {}): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}${extra.namespace ? `\n  namespace: ${extra.namespace}` : ''}
  labels:
    app: ${name}
spec:
  replicas: 2 # two
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      terminationGracePeriodSeconds: 45
      containers:
        - name: ${name}
          image: ${extra.image ?? `shop/${name}:1.4.0`}
          args: [--port, "8080"]
          env:
            - name: LOG_LEVEL
              value: info
            - name: REGION
              value: eu-1
          resources:
            requests: {cpu: 100m, memory: 256Mi}
            limits:
              memory: ${extra.memory ?? '512Mi'}
`;
}

function service(name: string, namespace?: string): string {
  return `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}${namespace ? `\n  namespace: ${namespace}` : ''}\nspec:\n  type: ClusterIP\n  selector: {app: ${name}}\n  ports:\n    - name: http\n      port: 80\n      targetPort: 8080\n`;
}

function plain(name: string, folder: string, namespace: string, path?: string): Environment {
  const prefix = `${folder}/`;
  const render = async (files: Files) => parseObjects(new Map([...files].filter(([file]) => file.startsWith(prefix))), namespace);
  return { name, namespace, path, render };
}

/** Several environments in folders, names that look alike, several documents in a file, and a List. */
export function plainRepository(): BenchRepository {
  const files = new Map<string, string>();
  for (const environment of ['production', 'staging']) {
    const namespace = `shop-${environment}`;
    files.set(`${environment}/payment.yaml`, `${deployment('payment', { namespace })}---\n${service('payment', namespace)}`);
    files.set(`${environment}/payments.yaml`, `# lookalike\n${deployment('payments', { namespace, image: 'shop/payment:1.4.0' })}`);
    const list = deployment('payment-worker', { namespace }).trimEnd().replaceAll('\n', '\n    ');
    files.set(`${environment}/workers.yaml`, `apiVersion: v1\nkind: List\nitems:\n  - ${list}\n`);
  }
  files.set('clusters/east/cart.yaml', deployment('cart', { namespace: 'shop' }));
  files.set('clusters/west/cart.yaml', deployment('cart', { namespace: 'shop', memory: '768Mi' }));
  files.set('docs/example.yaml', deployment('payment').replace('apps/v1', 'example.com/v1'));
  return {
    name: 'plain',
    files,
    environments: [
      plain('production', 'production', 'shop-production'),
      plain('staging', 'staging', 'shop-staging'),
      plain('east', 'clusters/east', 'shop', 'clusters/east'),
      plain('west', 'clusters/west', 'shop', 'clusters/west'),
    ],
  };
}

const ANALYTICS = `apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
  - target: {kind: Deployment, name: worker}
    patch: |-
      - op: add
        path: /spec/template/spec/containers/0/env/-
        value: {name: ANALYTICS, value: "on"}
      - op: replace
        path: /spec/template/spec/containers/0/resources/limits/memory
        value: 1Gi
`;

/** A base, two overlays, a component; strategic and JSON patches, inline and in files; images, replicas, prefixes, a generated ConfigMap. */
export function kustomizeRepository(): BenchRepository {
  const files = new Map([
    ['base/kustomization.yaml', 'resources:\n  - api.yaml\n  - worker.yaml\n  - service.yaml\n'],
    ['base/api.yaml', deployment('api')],
    ['base/worker.yaml', deployment('worker')],
    ['base/service.yaml', service('api')],
    ['components/analytics/kustomization.yaml', ANALYTICS],
    [
      'overlays/production/kustomization.yaml',
      `namespace: shop
namePrefix: eu-
resources:
  - ../../base
components:
  - ../../components/analytics
images:
  - name: shop/api # the API
    newTag: 1.5.2
replicas:
  - name: worker
    count: 6
patches:
  - path: api-memory.yaml
  - target: {kind: Deployment, name: api}
    patch: |-
      - op: replace
        path: /spec/template/spec/containers/0/env/0/value
        value: warn
  - patch: |-
      apiVersion: v1
      kind: Service
      metadata:
        name: api
      spec:
        type: NodePort
configMapGenerator:
  - name: settings
    literals:
      - COLOUR=green
      - DEPTH=3
`,
    ],
    [
      'overlays/production/api-memory.yaml',
      `apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  template:
    spec:
      containers:
        - name: api
          resources:
            limits:
              memory: 2Gi # grew
`,
    ],
    [
      'overlays/staging/kustomization.yaml',
      'namespace: shop-staging\nresources:\n- ../../base\nimages:\n- name: shop/worker\n  digest: sha256:0000000000000000000000000000000000000000000000000000000000000001\n',
    ],
    ['single/kustomization.yaml', 'namespace: tools\nresources: [tool.yaml]\n'],
    ['single/tool.yaml', `${deployment('tool')}---\n${service('tool')}`],
  ]);
  const environment = (name: string, folder: string, namespace: string): Environment => ({
    name,
    namespace,
    render: (all) => renderKustomization(all, folder),
  });
  return {
    name: 'kustomize',
    files,
    environments: [
      environment('production', 'overlays/production', 'shop'),
      environment('staging', 'overlays/staging', 'shop-staging'),
      environment('tools', 'single', 'tools'),
    ],
  };
}

const TEMPLATE = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}-web
spec:
  replicas: {{ .Values.replicaCount }}
  template:
    spec:
      terminationGracePeriodSeconds: {{ .Values.terminationGracePeriodSeconds }}
      containers:
        - name: web
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
          env:
            - name: LOG_LEVEL
              value: {{ .Values.env.LOG_LEVEL }}
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
        - name: proxy
          image: "{{ .Values.proxy.image.repository }}:{{ .Values.proxy.image.tag }}"
          resources:
            {{- toYaml .Values.proxy.resources | nindent 12 }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-web
spec:
  type: {{ .Values.service.type }}
  ports:
    - port: {{ .Values.service.port }}
`;
const DEFAULTS = `replicaCount: 1
terminationGracePeriodSeconds: 31
image:
  repository: shop/web
  tag: 2.0.0
env:
  LOG_LEVEL: info
service:
  type: ClusterIP
  port: 8080
resources:
  requests: {cpu: 50m, memory: 64Mi}
  limits:
    memory: 128Mi
proxy:
  image:
    repository: envoy/envoy
    tag: v1.30.1
  resources:
    limits: {memory: 96Mi}
`;
const OWN = {
  production:
    'replicaCount: 4\nimage:\n  tag: 2.1.0\nresources:\n  limits:\n    memory: 640Mi\nproxy:\n  resources: {limits: {memory: 160Mi}}\n',
  staging: 'replicaCount: 3\nenv:\n  LOG_LEVEL: debug\nservice: {port: 9090}\n',
};

function indent(text: string, spaces: number): string {
  return text.trimEnd().replace(/^/gm, ' '.repeat(spaces));
}

function helmRelease(name: string, namespace: string, values: string): string {
  return `apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\nspec:\n  chart:\n    spec:\n      chart: ./charts/web\n      sourceRef: {kind: GitRepository, name: fleet}\n  values:\n${indent(values, 4)}\n`;
}

/** One chart, two Flux releases of it with values of their own. */
export function fluxHelmRepository(): BenchRepository {
  const files = new Map([
    ['charts/web/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n'],
    ['charts/web/values.yaml', DEFAULTS],
    ['charts/web/templates/all.yaml', TEMPLATE],
    ['clusters/production/shop.yaml', helmRelease('shop', 'shop', OWN.production)],
    ['clusters/staging/shop.yaml', helmRelease('shop', 'shop-staging', OWN.staging)],
  ]);
  const release = (name: string, namespace: string): Environment => ({
    name,
    namespace,
    async render(all) {
      const defaults = readAt(all, 'charts/web/values.yaml', []) as ChartValues;
      const own = readAt(all, `clusters/${name}/shop.yaml`, ['spec', 'values']) as ChartValues;
      const objects = renderChart(all.get('charts/web/templates/all.yaml') ?? '', 'shop', mergeValues(defaults, own), namespace);
      return marked(objects, { annotations: { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': namespace } });
    },
  });
  return { name: 'flux helm', files, environments: [release('production', 'shop'), release('staging', 'shop-staging')] };
}

function application(name: string, source: string, namespace: string): string {
  return `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: ${name}\n  namespace: argocd\nspec:\n  destination:\n    namespace: ${namespace}\n  source:\n    repoURL: https://example.com/fleet.git\n    targetRevision: main\n${indent(source, 4)}\n`;
}

/** Argo CD Applications over a plain folder, a kustomization with images of its own, and a chart three ways. */
export function argoRepository(): BenchRepository {
  const valuesText = `path: charts/web\nhelm:\n  values: |\n${indent(OWN.staging, 4)}`;
  const files = new Map([
    ['apps/cart.yaml', application('cart', 'path: manifests/cart', 'shop')],
    [
      'apps/api.yaml',
      application(
        'api',
        'path: kustomize/api\nkustomize:\n  images:\n    - shop/api:3.1.0\n  replicas:\n    - name: api\n      count: 7',
        'shop',
      ),
    ],
    ['apps/web.yaml', application('web', `path: charts/web\nhelm:\n  valuesObject:\n${indent(OWN.production, 4)}`, 'shop')],
    ['apps/text.yaml', application('text', valuesText, 'shop-text')],
    ['apps/files.yaml', application('files', 'path: charts/web\nhelm:\n  valueFiles: [values-files.yaml]', 'shop-files')],
    ['manifests/cart/all.yaml', `${deployment('cart')}---\n${service('cart')}`],
    ['manifests/other/all.yaml', deployment('cart')],
    ['kustomize/api/kustomization.yaml', 'resources: [api.yaml]\n'],
    ['kustomize/api/api.yaml', deployment('api')],
    ['charts/web/Chart.yaml', 'apiVersion: v2\nname: web\nversion: 0.1.0\n'],
    ['charts/web/values.yaml', DEFAULTS],
    ['charts/web/values-files.yaml', OWN.production.replace('640Mi', '704Mi')],
    ['charts/web/templates/all.yaml', TEMPLATE],
  ]);
  const tracked = (objects: readonly LiveObject[], name: string) =>
    objects.map(
      (live) =>
        marked([live], {
          annotations: { 'argocd.argoproj.io/tracking-id': `${name}:apps/${live.kind}:${live.namespace}/${live.name}` },
        })[0] as LiveObject,
    );
  const chart = (name: string, namespace: string, own: (files: Files) => unknown): Environment => ({
    name,
    namespace,
    async render(all) {
      const values = mergeValues(readAt(all, 'charts/web/values.yaml', []) as ChartValues, own(all) as ChartValues);
      return tracked(renderChart(all.get('charts/web/templates/all.yaml') ?? '', name, values, namespace), name);
    },
  });
  const helm = ['spec', 'source', 'helm'];
  return {
    name: 'argo',
    files,
    environments: [
      {
        ...plain('cart', 'manifests/cart', 'shop'),
        render: async (all) => tracked(await plain('cart', 'manifests/cart', 'shop').render(all), 'cart'),
      },
      {
        name: 'api',
        namespace: 'shop',
        async render(all) {
          const [image = ''] = readAt(all, 'apps/api.yaml', ['spec', 'source', 'kustomize', 'images']) as readonly string[];
          const replicas = readAt(all, 'apps/api.yaml', ['spec', 'source', 'kustomize', 'replicas']);
          const [name, tag] = image.split(':');
          const wrapper = JSON.stringify({ resources: ['../kustomize/api'], namespace: 'shop', images: [{ name, newTag: tag }], replicas });
          return tracked(
            await renderKustomization(new Map([...all, ['bench-wrapper/kustomization.yaml', wrapper]]), 'bench-wrapper'),
            'api',
          );
        },
      },
      chart('web', 'shop', (all) => readAt(all, 'apps/web.yaml', [...helm, 'valuesObject'])),
      chart('text', 'shop-text', (all) => readAt(new Map([['x', String(readAt(all, 'apps/text.yaml', [...helm, 'values']))]]), 'x', [])),
      chart('files', 'shop-files', (all) => readAt(all, 'charts/web/values-files.yaml', [])),
    ],
  };
}

/** A Flux Kustomization that patches and sets images itself, over a folder two of them share. */
export function fluxRepository(): BenchRepository {
  const flux = (name: string, namespace: string, extra: string) =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  path: ./apps/queue\n  targetNamespace: ${namespace}\n  prune: true\n${indent(extra, 2)}\n`;
  const files = new Map([
    ['clusters/production.yaml', flux('queue-production', 'queue', 'images:\n  - name: shop/queue\n    newTag: 1.9.0')],
    [
      'clusters/staging.yaml',
      flux(
        'queue-staging',
        'queue-staging',
        'patches:\n  - target: {kind: Deployment, name: queue}\n    patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata:\n        name: queue\n      spec:\n        replicas: 1',
      ),
    ],
    ['apps/queue/kustomization.yaml', 'resources:\n  - queue.yaml\n'],
    ['apps/queue/queue.yaml', deployment('queue')],
  ]);
  const environment = (name: string, namespace: string): Environment => ({
    name,
    namespace,
    async render(all) {
      const spec = readAt(all, `clusters/${name}.yaml`, ['spec']) as Readonly<Record<string, unknown>>;
      const wrapper = JSON.stringify({ resources: ['../apps/queue'], namespace, images: spec.images ?? [], patches: spec.patches ?? [] });
      const objects = await renderKustomization(new Map([...all, ['bench-wrapper/kustomization.yaml', wrapper]]), 'bench-wrapper');
      return marked(objects, {
        labels: { 'kustomize.toolkit.fluxcd.io/name': `queue-${name}`, 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
      });
    },
  });
  return { name: 'flux', files, environments: [environment('production', 'queue'), environment('staging', 'queue-staging')] };
}
