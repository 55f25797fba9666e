import { canonicalJson } from '../digest/canonical-json.ts';
import type { FieldPath } from '../model/field-path.ts';
import { parseQuantity } from '../model/quantity.ts';

type Defaults = Readonly<Record<string, unknown>>;

/**
 * What the API server writes into a field that is left out, by path from the part it stands in; `[]` is any entry of a list.
 * From the API reference of Kubernetes 1.34 (defaults of apps/v1, batch/v1, core/v1, autoscaling/v2, admissionregistration.k8s.io/v1).
 */
const POD_SPEC: Defaults = {
  restartPolicy: 'Always',
  dnsPolicy: 'ClusterFirst',
  terminationGracePeriodSeconds: 30,
  schedulerName: 'default-scheduler',
  enableServiceLinks: true,
  hostNetwork: false,
  hostPID: false,
  hostIPC: false,
  hostUsers: true,
  shareProcessNamespace: false,
  serviceAccountName: 'default',
  serviceAccount: 'default',
  automountServiceAccountToken: true,
  preemptionPolicy: 'PreemptLowerPriority',
  priority: 0,
  'volumes.[].configMap.defaultMode': 420,
  'volumes.[].configMap.optional': false,
  'volumes.[].secret.defaultMode': 420,
  'volumes.[].secret.optional': false,
  'volumes.[].projected.defaultMode': 420,
  'volumes.[].downwardAPI.defaultMode': 420,
  'volumes.[].hostPath.type': '',
  'topologySpreadConstraints.[].minDomains': 1,
};

const PROBE: Defaults = {
  timeoutSeconds: 1,
  periodSeconds: 10,
  successThreshold: 1,
  failureThreshold: 3,
  initialDelaySeconds: 0,
  'httpGet.scheme': 'HTTP',
  'httpGet.path': '/',
  'grpc.service': '',
};

const CONTAINER: Defaults = {
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  stdin: false,
  stdinOnce: false,
  tty: false,
  'ports.[].protocol': 'TCP',
  'env.[].value': '',
  'env.[].valueFrom.configMapKeyRef.optional': false,
  'env.[].valueFrom.secretKeyRef.optional': false,
  'env.[].valueFrom.fieldRef.apiVersion': 'v1',
  'envFrom.[].configMapRef.optional': false,
  'envFrom.[].secretRef.optional': false,
  'volumeMounts.[].readOnly': false,
  'volumeMounts.[].recursiveReadOnly': 'Disabled',
  'securityContext.privileged': false,
  'securityContext.readOnlyRootFilesystem': false,
  'securityContext.procMount': 'Default',
  ...under('livenessProbe', PROBE),
  ...under('readinessProbe', PROBE),
  ...under('startupProbe', PROBE),
};

const POD: Defaults = {
  ...POD_SPEC,
  ...under('containers.[]', CONTAINER),
  ...under('initContainers.[]', CONTAINER),
  ...under('ephemeralContainers.[]', CONTAINER),
};

const TEMPLATE = under('spec.template.spec', POD);

const JOB_SPEC: Defaults = {
  parallelism: 1,
  completions: 1,
  backoffLimit: 6,
  suspend: false,
  completionMode: 'NonIndexed',
  manualSelector: false,
  podReplacementPolicy: 'TerminatingOrFailed',
};

const WEBHOOKS = under('webhooks.[]', {
  failurePolicy: 'Fail',
  matchPolicy: 'Equivalent',
  timeoutSeconds: 10,
  reinvocationPolicy: 'Never',
  'clientConfig.service.port': 443,
});

const DEFAULTS: Readonly<Record<string, Defaults>> = {
  Pod: under('spec', POD),
  Deployment: {
    ...TEMPLATE,
    'spec.replicas': 1,
    'spec.minReadySeconds': 0,
    'spec.paused': false,
    'spec.progressDeadlineSeconds': 600,
    'spec.revisionHistoryLimit': 10,
    'spec.strategy.type': 'RollingUpdate',
    'spec.strategy.rollingUpdate.maxSurge': '25%',
    'spec.strategy.rollingUpdate.maxUnavailable': '25%',
  },
  StatefulSet: {
    ...TEMPLATE,
    'spec.replicas': 1,
    'spec.minReadySeconds': 0,
    'spec.podManagementPolicy': 'OrderedReady',
    'spec.revisionHistoryLimit': 10,
    'spec.updateStrategy.type': 'RollingUpdate',
    'spec.updateStrategy.rollingUpdate.partition': 0,
    'spec.persistentVolumeClaimRetentionPolicy.whenDeleted': 'Retain',
    'spec.persistentVolumeClaimRetentionPolicy.whenScaled': 'Retain',
  },
  DaemonSet: {
    ...TEMPLATE,
    'spec.minReadySeconds': 0,
    'spec.revisionHistoryLimit': 10,
    'spec.updateStrategy.type': 'RollingUpdate',
    'spec.updateStrategy.rollingUpdate.maxSurge': 0,
    'spec.updateStrategy.rollingUpdate.maxUnavailable': 1,
  },
  ReplicaSet: { ...TEMPLATE, 'spec.replicas': 1, 'spec.minReadySeconds': 0 },
  ReplicationController: { ...TEMPLATE, 'spec.replicas': 1 },
  Job: { ...under('spec', JOB_SPEC), ...TEMPLATE },
  CronJob: {
    'spec.concurrencyPolicy': 'Allow',
    'spec.suspend': false,
    'spec.successfulJobsHistoryLimit': 3,
    'spec.failedJobsHistoryLimit': 1,
    ...under('spec.jobTemplate', { ...under('spec', JOB_SPEC), ...TEMPLATE }),
  },
  Service: {
    'spec.type': 'ClusterIP',
    'spec.sessionAffinity': 'None',
    'spec.internalTrafficPolicy': 'Cluster',
    'spec.externalTrafficPolicy': 'Cluster',
    'spec.publishNotReadyAddresses': false,
    'spec.allocateLoadBalancerNodePorts': true,
    'spec.ports.[].protocol': 'TCP',
  },
  NetworkPolicy: { 'spec.ingress.[].ports.[].protocol': 'TCP', 'spec.egress.[].ports.[].protocol': 'TCP' },
  HorizontalPodAutoscaler: { 'spec.minReplicas': 1 },
  PersistentVolumeClaim: { 'spec.volumeMode': 'Filesystem' },
  PersistentVolume: { 'spec.volumeMode': 'Filesystem', 'spec.persistentVolumeReclaimPolicy': 'Retain' },
  StorageClass: { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate', allowVolumeExpansion: false },
  Node: { 'spec.unschedulable': false },
  PodDisruptionBudget: { 'spec.unhealthyPodEvictionPolicy': 'IfHealthyBudget' },
  ValidatingWebhookConfiguration: WEBHOOKS,
  MutatingWebhookConfiguration: WEBHOOKS,
};

function under(prefix: string, defaults: Defaults): Defaults {
  return Object.fromEntries(Object.entries(defaults).map(([path, value]) => [`${prefix}.${path}`, value]));
}

/** A field and the object it stands in. */
export interface FieldOfKind {
  /** Kind of the object, of Kubernetes' own API groups. */
  readonly kind: string;
  readonly path: FieldPath;
}

/**
 * Whether two values of a field are one to the API server: what is left out equals its default, an empty list or map equals none, and
 * `1` CPU equals `1000m`. Setting one in place of the other changes nothing that runs.
 */
export function isSameToServer(field: FieldOfKind, one: unknown, other: unknown): boolean {
  const path = field.path.map((segment) => (typeof segment === 'string' ? segment : '[]')).join('.');
  const defaults = DEFAULTS[field.kind] ?? {};
  return canonicalJson(plain(one, path, defaults) ?? null) === canonicalJson(plain(other, path, defaults) ?? null);
}

/** The value without what the API server would write by itself; undefined when nothing is left. */
function plain(value: unknown, path: string, defaults: Defaults): unknown {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) {
    const entries = value.map((entry) => plain(entry, `${path}.[]`, defaults) ?? {});
    return entries.length === 0 ? undefined : entries;
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value).flatMap(([key, part]) => {
      const kept = plain(part, path === '' ? key : `${path}.${key}`, defaults);
      return kept === undefined ? [] : [[key, kept] as const];
    });
    return entries.length === 0 ? undefined : Object.fromEntries(entries);
  }
  if (value === defaults[path]) return undefined;
  return isQuantityField(path) ? (parseQuantity(value) ?? value) : value;
}

/** Requests, limits, quotas and sizes. */
function isQuantityField(path: string): boolean {
  return /(^|\.)(requests|limits|hard|capacity|allocatable|sizeLimit)(\.|$)/.test(path);
}
