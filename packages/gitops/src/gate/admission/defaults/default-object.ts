import { groupKindOf } from '../../../kubernetes/group-kind.ts';
import { CelUnknown } from '../../cel/values/value.ts';
import { type Draft, fill, isDraft, mapsAt } from './fill.ts';
import { fillPod, fillPodSpec } from './pod-defaults.ts';
import { setStatus } from './status.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A path and what the API server writes there where nothing stands. */
type Defaults = readonly (readonly [path: string, value: unknown])[];

const TEMPLATE_DEFAULTS: Defaults = [['spec.template.metadata', {}]];

/** Defaults of the served versions of the built-in kinds. Source: `zz_generated.defaults.go` and `defaults.go` of each group, Kubernetes 1.34. */
const DEFAULTS: Readonly<Record<string, Defaults>> = {
  'apps/Deployment': [
    ['spec.replicas', 1],
    ['spec.strategy', {}],
    ['spec.strategy.type', 'RollingUpdate'],
    ['spec.revisionHistoryLimit', 10],
    ['spec.progressDeadlineSeconds', 600],
  ],
  'apps/ReplicaSet': [['spec.replicas', 1]],
  'apps/StatefulSet': [
    ['spec.replicas', 1],
    ['spec.podManagementPolicy', 'OrderedReady'],
    ['spec.updateStrategy', {}],
    ['spec.updateStrategy.type', 'RollingUpdate'],
    ['spec.revisionHistoryLimit', 10],
    ['spec.persistentVolumeClaimRetentionPolicy', {}],
    ['spec.persistentVolumeClaimRetentionPolicy.whenDeleted', 'Retain'],
    ['spec.persistentVolumeClaimRetentionPolicy.whenScaled', 'Retain'],
    ['spec.volumeClaimTemplates[].apiVersion', 'v1'],
    ['spec.volumeClaimTemplates[].kind', 'PersistentVolumeClaim'],
    ['spec.volumeClaimTemplates[].spec.volumeMode', 'Filesystem'],
    ['spec.volumeClaimTemplates[].status', { phase: 'Pending' }],
  ],
  'apps/DaemonSet': [
    ['spec.updateStrategy', {}],
    ['spec.updateStrategy.type', 'RollingUpdate'],
    ['spec.revisionHistoryLimit', 10],
  ],
  'core/ReplicationController': [['spec.replicas', 1]],
  'batch/Job': [
    ['spec.parallelism', 1],
    ['spec.completions', 1],
    ['spec.backoffLimit', 6],
    ['spec.completionMode', 'NonIndexed'],
    ['spec.suspend', false],
    ['spec.manualSelector', false],
    ['spec.podReplacementPolicy', 'TerminatingOrFailed'],
  ],
  'batch/CronJob': [
    ['spec.concurrencyPolicy', 'Allow'],
    ['spec.suspend', false],
    ['spec.successfulJobsHistoryLimit', 3],
    ['spec.failedJobsHistoryLimit', 1],
    ['spec.jobTemplate.metadata', {}],
    ['spec.jobTemplate.spec.template.metadata', {}],
  ],
  'core/Service': [
    ['spec.type', 'ClusterIP'],
    ['spec.sessionAffinity', 'None'],
    ['spec.ports[].protocol', 'TCP'],
  ],
  'core/Secret': [['type', 'Opaque']],
  'core/PersistentVolumeClaim': [['spec.volumeMode', 'Filesystem']],
  'core/PersistentVolume': [
    ['spec.persistentVolumeReclaimPolicy', 'Retain'],
    ['spec.volumeMode', 'Filesystem'],
  ],
  'core/Namespace': [
    ['spec', {}],
    ['spec.finalizers', ['kubernetes']],
  ],
  'core/Endpoints': [['subsets[].ports[].protocol', 'TCP']],
  'discovery.k8s.io/EndpointSlice': [
    ['ports[].name', ''],
    ['ports[].protocol', 'TCP'],
  ],
  'autoscaling/HorizontalPodAutoscaler': [['spec.minReplicas', 1]],
  'networking.k8s.io/NetworkPolicy': [
    ['spec.ingress[].ports[].protocol', 'TCP'],
    ['spec.egress[].ports[].protocol', 'TCP'],
  ],
  'storage.k8s.io/StorageClass': [
    ['reclaimPolicy', 'Delete'],
    ['volumeBindingMode', 'Immediate'],
  ],
  'storage.k8s.io/CSIDriver': [
    ['spec.attachRequired', true],
    ['spec.podInfoOnMount', false],
    ['spec.storageCapacity', false],
    ['spec.fsGroupPolicy', 'ReadWriteOnceWithFSType'],
    ['spec.volumeLifecycleModes', ['Persistent']],
    ['spec.requiresRepublish', false],
    ['spec.seLinuxMount', false],
  ],
  'scheduling.k8s.io/PriorityClass': [['preemptionPolicy', 'PreemptLowerPriority']],
  'rbac.authorization.k8s.io/RoleBinding': [['roleRef.apiGroup', 'rbac.authorization.k8s.io']],
  'rbac.authorization.k8s.io/ClusterRoleBinding': [['roleRef.apiGroup', 'rbac.authorization.k8s.io']],
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhookDefaults(),
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': [...webhookDefaults(), ['webhooks[].reinvocationPolicy', 'Never']],
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': [
    ['spec.failurePolicy', 'Fail'],
    ['spec.matchConstraints.matchPolicy', 'Equivalent'],
    ['spec.matchConstraints.namespaceSelector', {}],
    ['spec.matchConstraints.objectSelector', {}],
    ['spec.matchConstraints.resourceRules[].scope', '*'],
  ],
};

function webhookDefaults(): Defaults {
  return [
    ['webhooks[].failurePolicy', 'Fail'],
    ['webhooks[].matchPolicy', 'Equivalent'],
    ['webhooks[].timeoutSeconds', 10],
    ['webhooks[].namespaceSelector', {}],
    ['webhooks[].objectSelector', {}],
    ['webhooks[].rules[].scope', '*'],
    ['webhooks[].clientConfig.service.port', 443],
  ];
}

const POD_SPECS = ['spec.template.spec', 'spec.jobTemplate.spec.template.spec', 'template.spec'];

/** What is known around a manifest. */
export interface DefaultOptions {
  /** Namespace of an object that names none. */
  readonly namespace?: string | undefined;
  /** The object as it was before an update. */
  readonly stored?: Fields | undefined;
}

/**
 * A manifest as admission policies see it: with the defaults of its kind, and with what the API server writes before it asks them. What
 * only the server can make up (`metadata.uid`, addresses) is there and not known.
 */
export function defaultObject(manifest: Fields, { namespace, stored }: DefaultOptions = {}): Fields {
  const kind = groupKindOf(manifest);
  const object = structuredClone(manifest) as Draft;
  if (kind === 'core/Pod') fillPodSpec(object.spec);
  for (const path of POD_SPECS) for (const spec of mapsAt(object, path)) fillPodSpec(spec);
  for (const [path, value] of [...(DEFAULTS[kind] ?? []), ...(kind.endsWith('/Job') ? TEMPLATE_DEFAULTS : [])]) fill(object, path, value);
  (SPECIAL[kind] ?? (() => {}))(object);
  setStatus(object, kind, stored);
  return withServerFields(object, namespace);
}

const SPECIAL: Readonly<Record<string, (object: Draft) => void>> = {
  'core/Pod': (pod) => {
    fillPod(pod);
    pod.status = { phase: 'Pending', qosClass: qosOf(pod) };
  },
  'apps/Deployment': (object) => {
    for (const strategy of mapsAt(object, 'spec.strategy')) {
      if (strategy.type === 'RollingUpdate') fillAll(strategy, 'rollingUpdate', { maxUnavailable: '25%', maxSurge: '25%' });
    }
  },
  'apps/StatefulSet': (object) => {
    for (const strategy of mapsAt(object, 'spec.updateStrategy')) {
      if (strategy.type === 'RollingUpdate') fillAll(strategy, 'rollingUpdate', { partition: 0 });
    }
  },
  'apps/DaemonSet': (object) => {
    for (const strategy of mapsAt(object, 'spec.updateStrategy')) {
      if (strategy.type === 'RollingUpdate') fillAll(strategy, 'rollingUpdate', { maxUnavailable: 1, maxSurge: 0 });
    }
  },
  'core/Service': fillService,
  'core/Secret': (secret) => {
    if (!isDraft(secret.stringData)) return;
    const encoded = Object.entries(secret.stringData).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]);
    secret.data = { ...(isDraft(secret.data) ? secret.data : {}), ...Object.fromEntries(encoded) };
    delete secret.stringData;
  },
  'core/Namespace': (object) => {
    const metadata = isDraft(object.metadata) ? object.metadata : {};
    fill(metadata, 'labels', {});
    if (isDraft(metadata.labels)) metadata.labels['kubernetes.io/metadata.name'] = metadata.name;
  },
  'networking.k8s.io/NetworkPolicy': (object) => {
    const spec = isDraft(object.spec) ? object.spec : {};
    fill(spec, 'policyTypes', Array.isArray(spec.egress) && spec.egress.length > 0 ? ['Ingress', 'Egress'] : ['Ingress']);
  },
  'rbac.authorization.k8s.io/RoleBinding': fillSubjects,
  'rbac.authorization.k8s.io/ClusterRoleBinding': fillSubjects,
};

function fillAll(target: Draft, name: string, values: Fields): void {
  fill(target, name, {});
  for (const [field, value] of Object.entries(values)) fill(target, `${name}.${field}`, value);
}

function fillService(service: Draft): void {
  const { spec } = service;
  if (!isDraft(spec)) return;
  for (const port of mapsAt(spec, 'ports[]')) {
    if (port.targetPort === 0 || port.targetPort === '') port.targetPort = undefined;
    fill(port, 'targetPort', port.port);
    if (spec.type === 'NodePort' || spec.type === 'LoadBalancer') port.nodePort ??= new CelUnknown('the node port that the server chooses');
  }
  if (spec.type === 'ExternalName') return;
  fill(spec, 'internalTrafficPolicy', 'Cluster');
  if (spec.type !== 'ClusterIP') fill(spec, 'externalTrafficPolicy', 'Cluster');
  if (spec.type === 'LoadBalancer') fill(spec, 'allocateLoadBalancerNodePorts', true);
  if (spec.sessionAffinity === 'ClientIP') fillAll(spec, 'sessionAffinityConfig', { clientIP: { timeoutSeconds: 10800 } });
  spec.ipFamilies ??= new CelUnknown('the address families of the cluster');
  fill(spec, 'ipFamilyPolicy', 'SingleStack');
  if (spec.clusterIP === undefined) {
    spec.clusterIP = new CelUnknown('the address that the server chooses');
    spec.clusterIPs = new CelUnknown('the address that the server chooses');
  } else {
    spec.clusterIPs ??= [spec.clusterIP];
  }
}

function fillSubjects(object: Draft): void {
  for (const subject of mapsAt(object, 'subjects[]')) {
    if (subject.kind !== 'ServiceAccount') fill(subject, 'apiGroup', 'rbac.authorization.k8s.io');
  }
}

/** Guaranteed, Burstable or BestEffort, as the server works it out when a pod is created. */
function qosOf(pod: Draft): string {
  const resources = ['containers', 'initContainers'].flatMap((list) => mapsAt(pod, `spec.${list}[].resources`));
  const named = resources.flatMap((one) => ['limits', 'requests'].flatMap((side) => Object.keys(isDraft(one[side]) ? one[side] : {})));
  if (!named.some((name) => name === 'cpu' || name === 'memory')) return 'BestEffort';
  const isGuaranteed = resources.every((one) => {
    const [limits, requests] = [one.limits, one.requests].map((side) => (isDraft(side) ? side : {}));
    return ['cpu', 'memory'].every((name) => limits?.[name] !== undefined && String(limits[name]) === String(requests?.[name]));
  });
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

function withServerFields(object: Draft, namespace: string | undefined): Fields {
  const metadata: Draft = isDraft(object.metadata) ? object.metadata : {};
  if (namespace !== undefined) fill(metadata, 'namespace', namespace);
  for (const field of ['uid', 'creationTimestamp', 'managedFields']) metadata[field] ??= new CelUnknown(`metadata.${field}`);
  return { ...object, metadata };
}
