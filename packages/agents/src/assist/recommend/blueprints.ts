import type { JsonValue } from '@tier0/core';
import type { Intent } from './intent.ts';
import type { BlueprintObject } from './render.ts';

/** How a kind of workload is written, by workload. An organisation's own replace these one by one. */
export type Blueprints = Readonly<Partial<Record<Intent['workload'], readonly BlueprintObject[]>>>;

const labels = { 'app.kubernetes.io/name': '$(name)', team: '$(team)' };
const selector = { 'app.kubernetes.io/name': '$(name)' };
const metadata = { name: '$(name)', namespace: '$(namespace)', labels };

/** Runs under the restricted Pod Security Standard. */
const POD = {
  serviceAccountName: '$(name)',
  automountServiceAccountToken: false,
  securityContext: { runAsNonRoot: true, runAsUser: 10_001, fsGroup: 10_001, seccompProfile: { type: 'RuntimeDefault' } },
};

const CONTAINER = {
  name: '$(name)',
  image: '$(image)',
  imagePullPolicy: 'IfNotPresent',
  securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
  resources: {
    requests: { cpu: '$(cpuRequest)', memory: '$(memoryRequest)' },
    limits: { cpu: '$(cpuLimit)', memory: '$(memoryLimit)' },
  },
};

const TMP = { volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }] };
const TMP_VOLUME = { name: 'tmp', emptyDir: { sizeLimit: '64Mi' } };

const SERVING = {
  ports: [{ name: 'main', containerPort: '$(port)' }],
  readinessProbe: { httpGet: { path: '$(health)', port: '$(healthPort)' }, tcpSocket: { port: '$(tcpPort)' }, periodSeconds: 5 },
  livenessProbe: {
    httpGet: { path: '$(health)', port: '$(healthPort)' },
    tcpSocket: { port: '$(tcpPort)' },
    periodSeconds: 10,
    failureThreshold: 6,
  },
};

const SPREAD = [
  {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels: selector },
  },
];

const ACCOUNT: BlueprintObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false };

const BUDGET: BlueprintObject = {
  $when: ['several'],
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata,
  spec: { maxUnavailable: 1, selector: { matchLabels: selector } },
};

const SERVICE: BlueprintObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: { selector, ports: [{ name: 'main', port: '$(port)', targetPort: 'main' }] },
};

/** Who may speak to it: the port it serves, and nothing else. What it may speak to is not known, and not forbidden. */
const SERVED_ONLY: BlueprintObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata,
  spec: { podSelector: { matchLabels: selector }, policyTypes: ['Ingress'], ingress: [{ ports: [{ port: '$(port)' }] }] },
};

const NOT_SERVED: BlueprintObject = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata,
  spec: { podSelector: { matchLabels: selector }, policyTypes: ['Ingress'] },
};

const INGRESS: BlueprintObject = {
  $when: ['host'],
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata,
  spec: {
    tls: [{ hosts: ['$(host)'], secretName: '$(name)-tls' }],
    rules: [
      {
        host: '$(host)',
        http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: '$(name)', port: { name: 'main' } } } }] },
      },
    ],
  },
};

const SCALER: BlueprintObject = {
  $when: ['maxReplicas'],
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata,
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: '$(name)' },
    minReplicas: '$(replicas)',
    maxReplicas: '$(maxReplicas)',
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } }],
  },
};

function podOf(container: Readonly<Record<string, JsonValue>>, rest: Readonly<Record<string, JsonValue>> = {}): JsonValue {
  return {
    metadata: { labels },
    spec: { ...POD, ...rest, containers: [{ ...CONTAINER, ...TMP, ...container }], volumes: [TMP_VOLUME] },
  };
}

function deployment(container: Readonly<Record<string, JsonValue>>): BlueprintObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: {
      // With a scaler the number of replicas is the scaler's: two hands on one field never rest.
      replicas: '$(fixedReplicas)',
      selector: { matchLabels: selector },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
      template: podOf(container, { topologySpreadConstraints: SPREAD }),
    },
  };
}

const JOB_SPEC = { backoffLimit: 3, activeDeadlineSeconds: 3_600, template: podOf({}, { restartPolicy: 'Never' }) };

const STATEFUL: BlueprintObject = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata,
  spec: {
    serviceName: '$(name)',
    replicas: '$(replicas)',
    selector: { matchLabels: selector },
    template: podOf(
      { ...SERVING, volumeMounts: [...TMP.volumeMounts, { name: 'data', mountPath: '/data' }] },
      { terminationGracePeriodSeconds: 60, topologySpreadConstraints: SPREAD },
    ),
    volumeClaimTemplates: [
      { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '$(storage)' } } } },
    ],
  },
};

/** Blueprints for whoever has none of their own. */
export const BLUEPRINTS: Required<Blueprints> = {
  web: [ACCOUNT, deployment(SERVING), SERVICE, INGRESS, SERVED_ONLY, BUDGET, SCALER],
  worker: [ACCOUNT, deployment({}), NOT_SERVED, BUDGET, SCALER],
  job: [ACCOUNT, { apiVersion: 'batch/v1', kind: 'Job', metadata, spec: { ...JOB_SPEC, ttlSecondsAfterFinished: 86_400 } }, NOT_SERVED],
  schedule: [
    ACCOUNT,
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata,
      spec: { schedule: '$(schedule)', concurrencyPolicy: 'Forbid', jobTemplate: { metadata: { labels }, spec: JOB_SPEC } },
    },
    NOT_SERVED,
  ],
  store: [ACCOUNT, STATEFUL, { ...SERVICE, spec: { ...(SERVICE.spec as object), clusterIP: 'None' } }, SERVED_ONLY, BUDGET],
};
