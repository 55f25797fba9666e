import { parseAllDocuments, stringify } from 'yaml';
import { type Files, type LiveObject, marked, parseObjects, readAt, renderKustomization, renderRelease } from './render.ts';
import type { BenchRepository, Environment } from './repositories.ts';

/** Layouts as public repositories of Flux, Argo CD and Helm have them, written here; what they become is worked out here too. */

const deployment = (name: string, fields: Readonly<Record<string, string>> = {}) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels:
    app: ${name}
spec:
  replicas: ${fields.replicas ?? '2'}
  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      containers:
        - name: ${name}
          image: ${fields.image ?? `shop/${name}:1.4.0`}
          env:
            - name: DOMAIN
              value: ${fields.domain ?? 'example.com'}
            - name: LOG_LEVEL
              value: ${fields.level ?? 'info'}
          resources:
            requests:
              cpu: ${fields.cpu ?? '100m'}
            limits:
              memory: ${fields.memory ?? '512Mi'}
`;

const CLUSTERS = ['production', 'staging'] as const;

/** Bash's `${name}`, `${name:=fallback}` and `${name:-fallback}`, as Flux fills them in. */
function filledIn(objects: readonly LiveObject[], variables: Readonly<Record<string, string>>, namespace: string): readonly LiveObject[] {
  return objects.flatMap(({ value }) => {
    const text = stringify(value, { lineWidth: 0 }).replace(
      /\$\{(\w+)(?::[=-]([^}]*))?\}/g,
      (_, name: string, fallback?: string) => variables[name] || fallback || '',
    );
    return parseObjects(new Map([['object.yaml', text]]), namespace);
  });
}

/** Two clusters: variables said in the Kustomization and in a ConfigMap of each, over a base with overlays and one folder without. */
export function fluxClustersRepository(): BenchRepository {
  const kustomization = (name: string, path: string, more: string) =>
    `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: ${name}\n  namespace: flux-system\nspec:\n  interval: 10m0s\n  path: ./${path}\n  prune: true\n  targetNamespace: shop\n  sourceRef:\n    kind: GitRepository\n    name: flux-system\n${more}`;
  const files = new Map<string, string>();
  for (const cluster of CLUSTERS) {
    const isProduction = cluster === 'production';
    files.set(
      `clusters/${cluster}/apps.yaml`,
      kustomization(
        'apps',
        `apps/${cluster}`,
        `  postBuild:\n    substitute:\n      api_tag: "2.${isProduction ? 0 : 1}.0"\n      level: ${isProduction ? 'warn' : 'debug'}\n    substituteFrom:\n      - kind: ConfigMap\n        name: cluster-vars\n`,
      ),
    );
    files.set(
      `clusters/${cluster}/tools.yaml`,
      kustomization('tools', 'tools', '  postBuild:\n    substituteFrom:\n      - kind: ConfigMap\n        name: cluster-vars\n'),
    );
    files.set(
      `clusters/${cluster}/cluster-vars.yaml`,
      `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cluster-vars\n  namespace: flux-system\ndata:\n  domain: ${cluster}.example.com\n  worker_memory: ${isProduction ? '1024Mi' : '384Mi'}\n  api_replicas: "${isProduction ? 5 : 1}"\n`,
    );
    files.set(
      `apps/${cluster}/kustomization.yaml`,
      `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ../base\n${isProduction ? 'patches:\n  - path: worker-cpu.yaml\n' : ''}`,
    );
  }
  files.set(
    'apps/production/worker-cpu.yaml',
    'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: worker\nspec:\n  template:\n    spec:\n      containers:\n        - name: worker\n          resources:\n            requests:\n              cpu: 750m\n',
  );
  files.set('apps/base/kustomization.yaml', 'resources:\n  - api.yaml\n  - worker.yaml\n');
  files.set(
    'apps/base/api.yaml',
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: Flux's own syntax.
    deployment('api', { image: 'shop/api:${api_tag}', replicas: '${api_replicas}', domain: 'api.${domain}', level: '${level}' }),
  );
  files.set('apps/base/worker.yaml', deployment('worker', { memory: '${worker_memory}', cpu: '${worker_cpu:=150m}', level: '${level}' }));
  files.set('tools/dashboard.yaml', deployment('dashboard', { domain: 'tools.${domain}', memory: '${dashboard_memory:-640Mi}' }));
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: Flux's own syntax.
  const environment = (cluster: string, kind: 'apps' | 'tools'): Environment => ({
    name: `${cluster} ${kind}`,
    namespace: 'shop',
    path: `clusters/${cluster}`,
    async render(all) {
      const said = readAt(all, `clusters/${cluster}/${kind}.yaml`, ['spec', 'postBuild', 'substitute']) as
        | Record<string, string>
        | undefined;
      const data = readAt(all, `clusters/${cluster}/cluster-vars.yaml`, ['data']) as Record<string, string>;
      const spec = readAt(all, `clusters/${cluster}/${kind}.yaml`, ['spec']) as { patches?: unknown[]; images?: unknown[] };
      const folder = kind === 'apps' ? `apps/${cluster}` : 'tools';
      const plain = [...all.keys()].filter((file) => file.startsWith('tools/')).map((file) => file.slice('tools/'.length));
      // Where a folder has no kustomization, Flux makes one of all that is in it.
      const made = ['tools/kustomization.yaml', JSON.stringify({ resources: plain })] as const;
      const wrapper = JSON.stringify({
        resources: [`../${folder}`],
        namespace: 'shop',
        patches: spec.patches ?? [],
        images: spec.images ?? [],
      });
      const objects = await renderKustomization(new Map([...all, made, ['bench-wrapper/kustomization.yaml', wrapper]]), 'bench-wrapper');
      return marked(filledIn(objects, { ...data, ...said }, 'shop'), {
        labels: { 'kustomize.toolkit.fluxcd.io/name': kind, 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
      });
    },
  });
  return { name: 'flux clusters', files, environments: CLUSTERS.flatMap((one) => [environment(one, 'apps'), environment(one, 'tools')]) };
}

const CHART = (folder: string): readonly (readonly [string, string])[] => [
  [`${folder}/Chart.yaml`, 'apiVersion: v2\nname: podapp\nversion: 6.1.0\nappVersion: 6.1.0\n'],
  [
    `${folder}/templates/_helpers.tpl`,
    '{{- define "podapp.fullname" -}}{{ .Values.fullnameOverride | default .Release.Name }}{{- end -}}\n{{- define "podapp.labels" -}}\napp.kubernetes.io/name: {{ include "podapp.fullname" . }}\n{{- end -}}\n',
  ],
  [`${folder}/templates/NOTES.txt`, 'Installed.\n'],
  [
    `${folder}/templates/deployment.yaml`,
    `apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "podapp.fullname" . }}
  labels:
    {{- include "podapp.labels" . | nindent 4 }}
spec:
  {{- if not .Values.hpa.enabled }}
  replicas: {{ .Values.replicaCount }}
  {{- end }}
  template:
    spec:
      containers:
        - name: {{ .Chart.Name }}
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
          env:
            - name: UI_COLOUR
              value: {{ .Values.ui.colour | quote }}
          {{- range .Values.backends }}
            - name: {{ .name }}
              value: {{ .url }}
          {{- end }}
          ports:
            - name: http
              containerPort: {{ .Values.service.httpPort }}
          readinessProbe:
            httpGet:
              path: {{ .Values.probes.readiness.path }}
              port: http
          resources:
            {{- toYaml .Values.resources | nindent 12 }}
`,
  ],
  [
    `${folder}/templates/redis.yaml`,
    `{{- if .Values.redis.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "podapp.fullname" . }}-redis
spec:
  template:
    spec:
      containers:
        - name: redis
          image: {{ .Values.redis.repository }}:{{ .Values.redis.tag }}
          args: ["--maxmemory", {{ .Values.redis.memory | quote }}]
{{- end }}
`,
  ],
  [
    `${folder}/templates/service.yaml`,
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ include "podapp.fullname" . }}\nspec:\n  type: {{ .Values.service.type }}\n  ports:\n    - port: {{ .Values.service.externalPort }}\n      targetPort: http\n      name: http\n',
  ],
  [
    `${folder}/values.yaml`,
    `# Defaults.
replicaCount: 1
image:
  repository: ghcr.io/example/podapp
  tag: ""
ui:
  colour: "#34577c"
backends:
  - name: CARTS_URL
    url: http://carts:8080
  - name: USERS_URL
    url: http://users:8080
hpa:
  enabled: false
probes:
  readiness:
    path: /readyz
service:
  type: ClusterIP
  externalPort: 9898
  httpPort: 9797
resources:
  requests: {cpu: 1m, memory: 16Mi}
  limits:
    memory: 96Mi
redis:
  enabled: true
  repository: docker.io/redis
  tag: 8.6.2
  memory: 48mb
`,
  ],
];

/** One HelmRelease in a base, values of two clusters as patches over it, the chart in the repository: rendered by kubectl, then by helm. */
export function fluxReleasesRepository(): BenchRepository {
  const head = 'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata:\n  name: podapp\n  namespace: podapp\nspec:\n';
  const values = {
    production: '  values:\n    replicaCount: 5\n    image:\n      tag: 6.1.8\n    resources:\n      limits:\n        memory: 256Mi\n',
    staging: '  values:\n    ui:\n      colour: "#ff0000"\n    service:\n      type: NodePort\n',
  };
  const files = new Map<string, string>([
    ...CHART('charts/podapp'),
    [
      'apps/base/podapp/kustomization.yaml',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: podapp\nresources:\n  - release.yaml\n',
    ],
    [
      'apps/base/podapp/release.yaml',
      `${head}  interval: 50m\n  releaseName: podapp\n  chart:\n    spec:\n      chart: ./charts/podapp\n      sourceRef:\n        kind: GitRepository\n        name: flux-system\n        namespace: flux-system\n  # Values of every cluster.\n  values:\n    redis:\n      enabled: true\n      repository: public.example.com/redis\n      tag: 8.7.1\n    backends:\n      - name: CARTS_URL\n        url: http://carts.shop:8081\n`,
    ],
  ]);
  for (const cluster of CLUSTERS) {
    files.set(
      `apps/${cluster}/kustomization.yaml`,
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - ../base/podapp\npatches:\n  - path: podapp-values.yaml\n    target:\n      kind: HelmRelease\n      name: podapp\n',
    );
    files.set(`apps/${cluster}/podapp-values.yaml`, head + values[cluster]);
    files.set(
      `clusters/${cluster}/apps.yaml`,
      `apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata:\n  name: apps\n  namespace: flux-system\nspec:\n  interval: 1h\n  path: ./apps/${cluster}\n  prune: true\n`,
    );
  }
  const environment = (cluster: string): Environment => ({
    name: cluster,
    namespace: 'podapp',
    path: `clusters/${cluster}`,
    async render(all) {
      const [release] = await renderKustomization(all, `apps/${cluster}`);
      const spec = release?.value.spec as { readonly values: unknown };
      const made = await renderRelease(all, { chart: 'charts/podapp', name: 'podapp', namespace: 'podapp', values: spec.values });
      const labels = { 'helm.toolkit.fluxcd.io/name': 'podapp', 'helm.toolkit.fluxcd.io/namespace': 'podapp' };
      return marked(made, { labels });
    },
  });
  return { name: 'flux releases', files, environments: CLUSTERS.map(environment) };
}

const tracked = (objects: readonly LiveObject[], name: string) =>
  objects.flatMap((live) =>
    marked([live], { annotations: { 'argocd.argoproj.io/tracking-id': `${name}:apps/${live.kind}:${live.namespace}/${live.name}` } }),
  );

/** Applications with values files, a text of values, parameters and a second source, all over one chart: rendered by helm. */
export function helmApplicationsRepository(): BenchRepository {
  const application = (name: string, source: string) =>
    `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: ${name}\n  namespace: argocd\nspec:\n  project: default\n  destination:\n    namespace: ${name}\n${source}`;
  const chart = '  source:\n    repoURL: https://example.com/fleet.git\n    targetRevision: HEAD\n    path: helm-podapp\n    helm:\n';
  const files = new Map<string, string>([
    ...CHART('helm-podapp'),
    ['helm-podapp/values-production.yaml', 'replicaCount: 6\nservice:\n  type: LoadBalancer\nredis:\n  memory: 640mb\n'],
    ['envs/four.yaml', 'replicaCount: 7\nimage:\n  tag: 6.4.4\nresources:\n  limits:\n    memory: 704Mi\n'],
    ['apps/one.yaml', application('one', `${chart}      valueFiles:\n        - values-production.yaml\n`)],
    [
      'apps/two.yaml',
      application(
        'two',
        `${chart}      values: |\n        image:\n          tag: 6.2.2 # tried\n        probes:\n          readiness:\n            path: /healthz\n`,
      ),
    ],
    [
      'apps/three.yaml',
      application(
        'three',
        `${chart}      parameters:\n        - name: replicaCount\n          value: "3"\n        - name: redis.tag\n          value: 8.3.3\n`,
      ),
    ],
    [
      'apps/four.yaml',
      application(
        'four',
        '  sources:\n    - repoURL: https://example.com/fleet.git\n      path: helm-podapp\n      helm:\n        valueFiles:\n          - $fleet/envs/four.yaml\n    - repoURL: https://example.com/fleet.git\n      ref: fleet\n',
      ),
    ],
  ]);
  const environment = (name: string, of: (all: Files) => object): Environment => ({
    name,
    namespace: name,
    render: async (all) => tracked(await renderRelease(all, { chart: 'helm-podapp', name, namespace: name, ...of(all) }), name),
  });
  const helm = (all: Files, name: string, key: string) => readAt(all, `apps/${name}.yaml`, ['spec', 'source', 'helm', key]);
  return {
    name: 'helm applications',
    files,
    environments: [
      environment('one', (all) => ({ valueFiles: ['helm-podapp/values-production.yaml'], values: helm(all, 'one', 'valuesObject') })),
      environment('two', (all) => ({ values: parseAllDocuments(String(helm(all, 'two', 'values')))[0]?.toJS() })),
      environment('three', (all) => ({
        parameters: parametersOf(helm(all, 'three', 'parameters')),
        values: helm(all, 'three', 'valuesObject'),
      })),
      environment('four', (all) => ({
        valueFiles: ['envs/four.yaml'],
        values: (readAt(all, 'apps/four.yaml', ['spec', 'sources', '0', 'helm', 'valuesObject']) as object | undefined) ?? {},
      })),
    ],
  };
}

function parametersOf(list: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries((list as readonly { readonly name: string; readonly value: string }[]).map(({ name, value }) => [name, value]));
}

/** Three sets: elements of a list that give images and replicas, folders of overlays, and a file of settings for each cluster. */
export function applicationSetsRepository(): BenchRepository {
  const set = (name: string, more: string, template: string) =>
    `apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata:\n  name: ${name}\n  namespace: argocd\nspec:\n${more}  template:\n${template.replace(/^/gm, '    ').trimEnd()}\n`;
  const files = new Map<string, string>([
    [
      'sets/regions.yaml',
      set(
        'regions',
        '  generators:\n    - list:\n        elements:\n          - region: eu\n            tag: 2.0.1\n            count: "3"\n          - region: us\n            tag: 2.0.2\n            count: "4"\n',
        "metadata:\n  name: 'shop-{{region}}'\nspec:\n  destination:\n    namespace: 'shop-{{region}}'\n  source:\n    repoURL: https://example.com/fleet.git\n    path: shop\n    kustomize:\n      images:\n        - 'shop/front:{{tag}}'\n      replicas:\n        - name: front\n          count: '{{count}}'\n",
      ),
    ],
    ['shop/kustomization.yaml', 'resources:\n  - front.yaml\n'],
    ['shop/front.yaml', deployment('front')],
    [
      'sets/teams.yaml',
      set(
        'teams',
        '  goTemplate: true\n  generators:\n    - git:\n        repoURL: https://example.com/fleet.git\n        revision: HEAD\n        directories:\n          - path: teams/*\n          - path: teams/common\n            exclude: true\n',
        "metadata:\n  name: 'team-{{ .path.basename }}'\nspec:\n  destination:\n    namespace: '{{ .path.basename }}'\n  source:\n    repoURL: https://example.com/fleet.git\n    path: '{{ .path.path }}'\n",
      ),
    ],
    ['teams/common/kustomization.yaml', 'resources:\n  - agent.yaml\n'],
    ['teams/common/agent.yaml', deployment('agent')],
    ['teams/red/kustomization.yaml', 'resources:\n  - ../common\nimages:\n  - name: shop/agent\n    newTag: 1.7.7\n'],
    ['teams/blue/kustomization.yaml', 'resources:\n  - ../common\nreplicas:\n  - name: agent\n    count: 9\n'],
    ['teams/green/web.yaml', deployment('web')],
    [
      'sets/clusters.yaml',
      set(
        'clusters',
        '  generators:\n    - git:\n        repoURL: https://example.com/fleet.git\n        files:\n          - path: fleet/**/config.json\n',
        "metadata:\n  name: 'gateway-{{path.basename}}'\nspec:\n  destination:\n    namespace: gateway\n  source:\n    repoURL: https://example.com/fleet.git\n    path: 'gateway/{{size}}'\n    kustomize:\n      images:\n        - 'shop/gateway:{{gateway.tag}}'\n",
      ),
    ],
    ['fleet/eu/alpha/config.json', '{\n  "size": "large",\n  "gateway": {\n    "tag": "5.0.1"\n  }\n}\n'],
    ['fleet/us/beta/config.json', '{\n  "size": "small",\n  "gateway": {\n    "tag": "5.0.2"\n  }\n}\n'],
    ['gateway/base/kustomization.yaml', 'resources:\n  - gateway.yaml\n'],
    ['gateway/base/gateway.yaml', deployment('gateway')],
    ['gateway/large/kustomization.yaml', 'resources:\n  - ../base\nreplicas:\n  - name: gateway\n    count: 8\n'],
    ['gateway/small/kustomization.yaml', 'resources:\n  - ../base\n'],
  ]);
  const wrapped = async (all: Files, name: string, namespace: string, wrapper: object) => {
    const text = JSON.stringify({ namespace, ...wrapper });
    return tracked(await renderKustomization(new Map([...all, ['bench-wrapper/kustomization.yaml', text]]), 'bench-wrapper'), name);
  };
  const region = (index: number): Environment => {
    const name = `shop-${['eu', 'us'][index]}`;
    return {
      name,
      namespace: name,
      render(all) {
        const element = readAt(all, 'sets/regions.yaml', ['spec', 'generators', '0', 'list', 'elements', String(index)]) as Record<
          string,
          string
        >;
        const source = ['spec', 'template', 'spec', 'source', 'kustomize'];
        const image = String(
          (readAt(all, 'sets/regions.yaml', [...source, 'images', '0']) as string).replace('{{tag}}', element.tag ?? ''),
        );
        const count = String(readAt(all, 'sets/regions.yaml', [...source, 'replicas', '0', 'count'])).replace(
          '{{count}}',
          element.count ?? '',
        );
        const [from, tag] = image.split(':');
        return wrapped(all, name, name, {
          resources: ['../shop'],
          images: [{ name: from, newTag: tag }],
          replicas: [{ name: 'front', count: Number(count) }],
        });
      },
    };
  };
  const team = (one: string): Environment => ({
    name: `team-${one}`,
    namespace: one,
    async render(all) {
      if (one !== 'green') return wrapped(all, `team-${one}`, one, { resources: [`../teams/${one}`] });
      return tracked(parseObjects(new Map([...all].filter(([file]) => file.startsWith('teams/green/'))), one), 'team-green');
    },
  });
  const gateway = (folder: string, one: string): Environment => ({
    name: `gateway-${one}`,
    namespace: 'gateway',
    render(all) {
      const config = readAt(all, `fleet/${folder}/${one}/config.json`, []) as {
        readonly size: string;
        readonly gateway: { readonly tag: string };
      };
      const image = readAt(all, 'sets/clusters.yaml', ['spec', 'template', 'spec', 'source', 'kustomize', 'images', '0']) as string;
      const [from, tag] = image.replace('{{gateway.tag}}', config.gateway.tag).split(':');
      return wrapped(all, `gateway-${one}`, 'gateway', { resources: [`../gateway/${config.size}`], images: [{ name: from, newTag: tag }] });
    },
  });
  return {
    name: 'application sets',
    files,
    environments: [region(0), region(1), team('red'), team('blue'), team('green'), gateway('eu', 'alpha'), gateway('us', 'beta')],
  };
}
