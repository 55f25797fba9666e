import { type FieldPath, formatFieldPath, readField } from '../model/field-path.ts';

/** Fields that the API server does not change once an object is there, by kind; a path stands for all below it. */
const IMMUTABLE: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec.selector'],
  DaemonSet: ['spec.selector'],
  ReplicaSet: ['spec.selector'],
  StatefulSet: ['spec.selector', 'spec.serviceName', 'spec.podManagementPolicy', 'spec.volumeClaimTemplates'],
  Job: ['spec.selector', 'spec.template', 'spec.completionMode', 'spec.podFailurePolicy'],
  PersistentVolumeClaim: ['spec.storageClassName', 'spec.accessModes', 'spec.volumeMode', 'spec.selector', 'spec.dataSource'],
  PersistentVolume: ['spec.csi', 'spec.nfs', 'spec.local', 'spec.hostPath', 'spec.nodeAffinity', 'spec.volumeMode'],
  StorageClass: ['provisioner', 'parameters', 'reclaimPolicy', 'volumeBindingMode'],
  Service: ['spec.clusterIP', 'spec.clusterIPs', 'spec.healthCheckNodePort'],
  RoleBinding: ['roleRef'],
  ClusterRoleBinding: ['roleRef'],
  PriorityClass: ['value', 'preemptionPolicy'],
  IngressClass: ['spec.controller'],
  Secret: ['type'],
};

/** What may change in a pod that runs. */
const POD_MAY_CHANGE =
  /^(metadata\.(labels|annotations|finalizers)\b|spec\.(activeDeadlineSeconds|tolerations)\b|spec\.containers\[[^\]]*\]\.image$)/;

/** Written by the API server or by controllers, never by people. */
const MANAGED =
  /^(status\b|metadata\.(uid|resourceVersion|generation|creationTimestamp|deletionTimestamp|managedFields|ownerReferences|selfLink)\b|metadata\.annotations\["(deployment\.kubernetes\.io\/|kubectl\.kubernetes\.io\/last-applied-configuration|control-plane\.alpha\.kubernetes\.io\/|pv\.kubernetes\.io\/|volume\.kubernetes\.io\/))/;

/** The volume that the API server adds to every pod for its account's token. */
const INJECTED = /=kube-api-access-\w+\]/;

/** Owners that only keep an object company: what they own is still written by people. */
const WRITES_NOTHING: ReadonlySet<string> = new Set(['Node', 'Namespace', 'ConfigMap', 'Secret', 'ServiceAccount']);

/** Why a field of an object is not one that a person writes, in one sentence; undefined when it is. */
export function whyNotWritable(object: unknown, path: FieldPath): string | undefined {
  const kind = String(readField(object, ['kind']) ?? '');
  const name = String(readField(object, ['metadata', 'name']) ?? '');
  const text = formatFieldPath(path);
  const owner = ownerOf(object);
  if (owner !== undefined) return `${kind} ${name} is written by ${owner}: an edit of it is undone`;
  if (MANAGED.test(text)) return `${text} is written by the cluster, not by people`;
  if (INJECTED.test(text)) return `${text} is added by the API server to every pod`;
  if (kind === 'Pod' && !POD_MAY_CHANGE.test(text)) return `${text} of a running pod cannot be changed: it is made anew`;
  if ((kind === 'ConfigMap' || kind === 'Secret') && readField(object, ['immutable']) === true)
    return `${kind} ${name} is immutable: it is made anew under another name`;
  const fixed = (IMMUTABLE[kind] ?? []).find((one) => text === one || text.startsWith(`${one}.`) || text.startsWith(`${one}[`));
  return fixed === undefined || readField(object, path.slice(0, fixed.split('.').length)) === undefined
    ? undefined
    : `${fixed} of ${kind} ${name} cannot be changed: the object is made anew`;
}

/** The controller that writes an object: its owner, named as people do. */
function ownerOf(object: unknown): string | undefined {
  const owners = readField(object, ['metadata', 'ownerReferences']);
  const owner = (Array.isArray(owners) ? owners : []).find((one) => !WRITES_NOTHING.has(String(readField(one, ['kind']))));
  return owner === undefined ? undefined : `${String(readField(owner, ['kind']))} ${String(readField(owner, ['name']))}`;
}
