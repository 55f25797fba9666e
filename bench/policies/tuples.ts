import { createRandom, type Random } from '../edit/random.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A policy in force in a namespace of its own, and what there is beside it. */
export interface PolicyCase {
  readonly id: string;
  readonly namespace: Fields;
  readonly policy: Fields;
  readonly binding: Fields;
  readonly params: readonly Fields[];
}

const CONTAINERS = 'object.spec.template.spec.containers';

/**
 * The kind of the parameters. It is one of our own: with a ConfigMap, the server found no parameter any more after some policies had come
 * and gone. That its informer of a built-in kind is not started again is our guess; what was seen is only the missing parameter.
 */
export const PARAMETER_KIND: Fields = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'limits.vap.example' },
  spec: {
    group: 'vap.example',
    scope: 'Namespaced',
    names: { plural: 'limits', singular: 'limit', kind: 'Limits' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', properties: { data: { type: 'object', additionalProperties: { type: 'string' } } } } },
      },
    ],
  },
};

/** What validations say; many of them fail on some of the objects. */
const EXPRESSIONS = [
  'object.spec.replicas <= 3',
  'object.spec.replicas > 0',
  'has(object.spec.replicas) && object.spec.replicas != 1',
  'object.metadata.labels.team == "payments"',
  'object.metadata.?labels[?"team"].orValue("") != ""',
  'object.metadata.?labels[?"team"].optMap(t, t.size() > 3).orValue(true)',
  'has(object.metadata.labels) && object.metadata.labels.all(k, v, v != "" && k.matches("^[a-z.-]+$"))',
  `${CONTAINERS}.all(c, c.image.startsWith("registry.lab/"))`,
  `${CONTAINERS}.all(c, has(c.resources.limits) && quantity(c.resources.limits["memory"]).compareTo(quantity("512Mi")) <= 0)`,
  `${CONTAINERS}.exists(c, c.imagePullPolicy == "Always")`,
  `${CONTAINERS}.all(c, c.terminationMessagePolicy == "File" && c.resources != null)`,
  `${CONTAINERS}.map(c, c.name).isSorted()`,
  `${CONTAINERS}.transformMapEntry(i, c, {c.name: c.image}).exists(n, n == "main")`,
  'object.spec.template.spec.restartPolicy == "Always"',
  'object.spec.template.spec.dnsPolicy == "ClusterFirst" && object.spec.template.spec.schedulerName == "default-scheduler"',
  'object.spec.template.spec.securityContext == {}',
  'object.spec.template.spec.terminationGracePeriodSeconds == 30',
  'object.spec.strategy.type == "RollingUpdate" && object.spec.strategy.rollingUpdate.maxSurge == "25%"',
  'object.spec.updateStrategy.type == "RollingUpdate"',
  'object.spec.revisionHistoryLimit == 10',
  'object.spec.progressDeadlineSeconds == 600',
  'object.spec.type == "ClusterIP"',
  'object.spec.ports.all(p, p.protocol == "TCP" && p.targetPort == p.port)',
  'object.spec.sessionAffinity == "None" && object.spec.internalTrafficPolicy == "Cluster"',
  'object.data.all(k, v, v.size() < 3)',
  '"a" in object.data',
  'object.type == "Opaque" && object.data.key == "dmFsdWU="',
  'object.spec.concurrencyPolicy == "Allow" && object.spec.successfulJobsHistoryLimit == 3',
  'object.spec.backoffLimit == 6 && object.spec.completions == 1',
  'object.spec.policyTypes == ["Ingress"]',
  'object.spec.tolerations.size() == 2',
  'object.spec.serviceAccountName == "default" && object.spec.enableServiceLinks',
  'object.spec.volumes.exists(v, has(v.projected))',
  'object.spec.containers.all(c, has(c.resources.requests) && c.resources.requests.memory == "64Mi")',
  'object.spec.preemptionPolicy == "PreemptLowerPriority" && object.spec.priority == 0',
  'object.spec.minReplicas == 1',
  'object.roleRef.apiGroup == "rbac.authorization.k8s.io"',
  'object.subjects.all(s, s.kind != "User" || s.apiGroup == "rbac.authorization.k8s.io")',
  'object.status == {}',
  'has(object.status)',
  'has(object.metadata.uid) && has(object.metadata.creationTimestamp)',
  'object.metadata.namespace == request.namespace',
  'object.metadata.name.startsWith("w")',
  'object.metadata.name.find("[0-9]+") != ""',
  'object.kind == "Deployment"',
  'object.apiVersion == "apps/v1"',
  'request.operation == "CREATE"',
  'request.resource.resource != "configmaps"',
  'request.kind.kind == object.kind && request.name == object.metadata.name',
  'oldObject == null',
  'oldObject == null || oldObject.metadata.name == object.metadata.name',
  'oldObject.data == object.data',
  'namespaceObject.metadata.labels["env"] == "prod"',
  'namespaceObject.metadata.name == request.namespace',
  'object.metadata.annotations["addr"] == "" || cidr("10.0.0.0/8").containsIP(object.metadata.annotations["addr"])',
  'isURL(object.metadata.annotations["link"]) && url(object.metadata.annotations["link"]).getScheme() == "https"',
  'isSemver(object.metadata.annotations["version"]) && semver(object.metadata.annotations["version"]).isGreaterThan(semver("1.9.0"))',
  '!format.dns1123Label().validate(object.metadata.name).hasValue()',
  'sets.contains(["web", "api", "main"], [object.metadata.name])',
  'object.metadata.labels.nope == "x" || object.metadata.name != ""',
  'object.metadata.labels.nope == "x"',
  'object.metadata.labels.team.size() > 3 ? object.spec.replicas < 5 : true',
  'type(object.spec.replicas) == int && dyn(object.spec.replicas) == 3.0',
  '"%s/%d".format([object.metadata.name, object.spec.replicas]) != "web/3"',
  'duration("90m") > duration("1h") && timestamp("2026-01-01T00:00:00Z") < timestamp("2026-11-01T00:00:00Z")',
  'variables.images.all(i, i.contains(":") && !i.endsWith(":latest"))',
  '!has(object.spec.template) || variables.count < 2',
  'variables.nope == "x" || true',
  'has(object.spec.template) ? variables.images.size() == variables.count : true',
  'params == null || params.data.max == "4"',
  'object.spec.replicas <= int(params.data.max)',
  'has(params.data.names) ? object.metadata.name in params.data.names.split(",") : true',
  'false',
  'true',
  'object.metadata.labels.exists(l, l == "tier") == false',
  'lists.range(3).all(i, i < 3) && [1, 2, 3].slice(0, 2).sum() == 3',
  'cel.bind(x, object.metadata.name, x.size() < 10)',
  'object.metadata.name.reverse() == "x"',
  'authorizer.group("apps").resource("deployments").check("create").allowed()',
];

const VARIABLES = [
  { name: 'images', expression: `${CONTAINERS}.map(c, c.image)` },
  { name: 'count', expression: 'variables.images.size()' },
  { name: 'nope', expression: 'object.metadata.labels.nosuch' },
];

const CONDITIONS = [
  'object.metadata.name != "cm"',
  'has(object.metadata.labels)',
  'object.metadata.labels.team == "payments"',
  'request.operation == "CREATE"',
  'object.metadata.labels.nope == "x"',
  'object.kind != "Service"',
  'false',
  'true',
];

const WORKLOADS = ['deployments', 'statefulsets', 'daemonsets'];
const RULES: readonly Fields[] = [
  { apiGroups: ['apps'], apiVersions: ['v1'], resources: WORKLOADS },
  { apiGroups: ['apps'], apiVersions: ['*'], resources: ['*'] },
  { apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] },
  { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps', 'services', 'secrets', 'pods'] },
  { apiGroups: ['', 'apps'], apiVersions: ['v1'], resources: ['pods', 'deployments', 'configmaps'] },
  { apiGroups: ['apps'], apiVersions: ['v1beta1'], resources: ['deployments'] },
  { apiGroups: ['autoscaling'], apiVersions: ['v1'], resources: ['horizontalpodautoscalers'] },
  { apiGroups: ['batch'], apiVersions: ['v1'], resources: ['jobs', 'cronjobs'] },
  { apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] },
  { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments/scale'] },
  { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], resourceNames: ['web', 'big'] },
];

const group = { apiVersion: 'admissionregistration.k8s.io/v1' };

/** Policies in force, the same for the same seed; each in its own namespace, so that all can be in force at once. */
export function policyCases(seed: number, count: number): readonly PolicyCase[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => policyCase(random, `vap-${index}`));
}

function policyCase(random: Random, id: string): PolicyCase {
  const namespace = {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: id, labels: { env: random.pick(['prod', 'dev']), 'kubernetes.io/metadata.name': id } },
  };
  const expressions = Array.from({ length: random.pick([1, 1, 2, 3]) }, () => random.pick(EXPRESSIONS));
  const takesParams = expressions.some((one) => one.includes('params.')) || random.chance(0.1);
  const operations = random.pick([['CREATE', 'UPDATE'], ['CREATE', 'UPDATE'], ['CREATE'], ['UPDATE'], ['*']]);
  const rules = [{ ...(random.chance(0.7) ? random.pick(RULES.slice(0, 5)) : random.pick(RULES)), operations, scope: 'Namespaced' }];
  const policy = {
    ...group,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: id },
    spec: {
      failurePolicy: random.pick(['Fail', 'Fail', 'Fail', 'Ignore']),
      matchConstraints: {
        resourceRules: rules,
        matchPolicy: random.pick(['Equivalent', 'Equivalent', 'Exact']),
        ...(random.chance(0.2) ? { objectSelector: selector(random) } : {}),
        ...(random.chance(0.15) ? { excludeResourceRules: [{ ...random.pick(RULES), operations: ['*'], scope: 'Namespaced' }] } : {}),
      },
      ...(random.chance(0.3) ? { matchConditions: conditions(random) } : {}),
      variables: VARIABLES,
      ...(takesParams ? { paramKind: { apiVersion: 'vap.example/v1', kind: 'Limits' } } : {}),
      validations: expressions.map((expression) => ({ expression, ...(random.chance(0.2) ? { message: 'no' } : {}) })),
      ...(random.chance(0.15)
        ? { auditAnnotations: [{ key: 'seen', valueExpression: random.pick(['"x"', '"x" + object.metadata.labels.team', 'null']) }] }
        : {}),
    },
  };
  const params = takesParams ? parameters(random, id) : [];
  return { id, namespace, policy, binding: bindingOf(random, id, takesParams), params };
}

function conditions(random: Random): readonly Fields[] {
  const chosen = [random.pick(CONDITIONS), ...(random.chance(0.5) ? [random.pick(CONDITIONS)] : [])];
  return chosen.map((expression, index) => ({ name: `c${index}`, expression }));
}

function selector(random: Random): Fields {
  return random.pick<Fields>([
    { matchLabels: { team: 'payments' } },
    { matchExpressions: [{ key: 'team', operator: 'Exists' }] },
    { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] },
    { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['payments', ''] }] },
    { matchExpressions: [{ key: 'team', operator: 'In', values: ['payments', 'net'] }] },
  ]);
}

function bindingOf(random: Random, id: string, takesParams: boolean): Fields {
  const reference = random.pick<Fields>([
    { name: 'limits' },
    { name: 'limits', namespace: id },
    { name: 'nothing' },
    { selector: { matchLabels: { kind: 'limits' } } },
    { selector: { matchLabels: { kind: 'nothing' } } },
  ]);
  const paramRef = { ...reference, parameterNotFoundAction: random.pick(['Allow', 'Deny']) };
  const own = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': id } } };
  return {
    ...group,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: id },
    spec: {
      policyName: id,
      validationActions: random.pick([['Deny'], ['Deny'], ['Deny'], ['Deny', 'Audit'], ['Warn', 'Audit']]),
      matchResources: { ...own, ...(random.chance(0.15) ? { objectSelector: selector(random) } : {}) },
      ...(takesParams ? { paramRef } : {}),
    },
  };
}

function parameters(random: Random, namespace: string): readonly Fields[] {
  const make = (name: string, max: string) => ({
    apiVersion: 'vap.example/v1',
    kind: 'Limits',
    metadata: { name, namespace, labels: { kind: 'limits' } },
    data: { max, names: 'web,cm,big' },
  });
  return [make('limits', '4'), ...(random.chance(0.3) ? [make('limits-2', '2')] : [])];
}

/** Objects that each policy is asked about, in a namespace. All of them are valid. */
export function objectsIn(namespace: string): readonly Fields[] {
  const workload = (kind: string, name: string, more: Fields = {}, pod: Fields = {}, meta: Fields = {}) => ({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace, ...meta },
    spec: {
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'registry.lab/app:1.2.3' }], ...pod },
      },
      ...more,
    },
  });
  const core = (kind: string, name: string, rest: Fields, meta: Fields = {}) => ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace, ...meta },
    ...rest,
  });
  const payments = {
    labels: { team: 'payments', app: 'web' },
    annotations: { link: 'https://wiki.example.org/a?b=c', addr: '10.1.2.3', version: '1.10.0' },
  };
  const limits = (memory: string) => ({ resources: { limits: { memory, cpu: '500m' } } });
  return [
    workload(
      'Deployment',
      'web',
      { replicas: 3 },
      { containers: [{ name: 'main', image: 'registry.lab/web:1.10', ...limits('256Mi') }] },
      payments,
    ),
    workload('Deployment', 'plain'),
    workload(
      'Deployment',
      'big',
      { replicas: 9 },
      {
        containers: [
          { name: 'side', image: 'docker.io/big' },
          { name: 'a', image: 'registry.lab/a:latest', ...limits('1Gi') },
        ],
      },
      { labels: { team: '' }, annotations: { link: 'not a url', addr: '::1', version: 'v2' } },
    ),
    workload(
      'Deployment',
      'none',
      { replicas: 0, strategy: { type: 'Recreate' } },
      { securityContext: { runAsNonRoot: true } },
      { labels: { team: 'Pay_1', tier: 'x' } },
    ),
    workload('StatefulSet', 'db', { serviceName: 'db' }, {}, { labels: { team: 'net' } }),
    workload('DaemonSet', 'agent', {}, { hostNetwork: true, containers: [{ name: 'a', image: 'a', ports: [{ containerPort: 80 }] }] }),
    core('Service', 'svc', { spec: { selector: { app: 'x' }, ports: [{ port: 80 }] } }, { labels: { team: 'net' } }),
    core('Service', 'svc-np', {
      spec: { type: 'NodePort', selector: { app: 'x' }, ports: [{ port: 80, targetPort: 'http', protocol: 'UDP' }] },
    }),
    core('ConfigMap', 'cm', { data: { a: '1', level: 'debug' } }),
    core('ConfigMap', 'cm-2', { data: { b: '2' } }, payments),
    core('Secret', 'secret', { stringData: { key: 'value' } }),
    core(
      'Pod',
      'pod',
      { spec: { containers: [{ name: 'a', image: 'registry.lab/a:1', resources: { limits: { memory: '64Mi' } } }] } },
      { labels: { team: 'net' } },
    ),
    core('Pod', 'pod-2', {
      spec: { automountServiceAccountToken: false, containers: [{ name: 'a', image: 'a@sha256:'.concat('a'.repeat(64)) }] },
    }),
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'job', namespace },
      spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] } } },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'cron', namespace },
      spec: {
        schedule: '* * * * *',
        jobTemplate: { spec: { template: { spec: { restartPolicy: 'OnFailure', containers: [{ name: 'a', image: 'a:1' }] } } } },
      },
    },
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'hpa', namespace },
      spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 3 },
    },
    { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'np', namespace }, spec: { podSelector: {} } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'rb', namespace },
      roleRef: { kind: 'Role', name: 'r', apiGroup: 'rbac.authorization.k8s.io' },
      subjects: [
        { kind: 'User', name: 'u' },
        { kind: 'ServiceAccount', name: 's', namespace },
      ],
    },
  ];
}

/** What an update changes an object to: its labels, and a field of its own. */
export function updated(object: Fields): Fields {
  const metadata = object.metadata as Fields;
  return { ...object, metadata: { ...metadata, labels: { ...(metadata.labels as Fields), changed: 'yes' } } };
}
