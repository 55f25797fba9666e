import type { CmdbReader } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { indexed } from '../objects/indexed.ts';
import { objectsOf } from '../objects/objects.ts';
import { textAt } from '../objects/read-object.ts';

/** Kinds by the API version that was removed, and the minor version of Kubernetes 1.x that does not serve it any more. */
const REMOVED: Readonly<Record<string, readonly [kinds: readonly string[], minor: number]>> = {
  'extensions/v1beta1': [['DaemonSet', 'Deployment', 'Ingress', 'NetworkPolicy', 'ReplicaSet'], 22],
  'apps/v1beta1': [['Deployment', 'StatefulSet'], 16],
  'apps/v1beta2': [['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'], 16],
  'networking.k8s.io/v1beta1': [['Ingress', 'IngressClass'], 22],
  'rbac.authorization.k8s.io/v1beta1': [['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'], 22],
  'admissionregistration.k8s.io/v1beta1': [['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'], 22],
  'apiextensions.k8s.io/v1beta1': [['CustomResourceDefinition'], 22],
  'apiregistration.k8s.io/v1beta1': [['APIService'], 22],
  'scheduling.k8s.io/v1beta1': [['PriorityClass'], 22],
  'storage.k8s.io/v1beta1': [['CSIDriver', 'StorageClass', 'VolumeAttachment'], 22],
  'batch/v1beta1': [['CronJob'], 25],
  'policy/v1beta1': [['PodDisruptionBudget', 'PodSecurityPolicy'], 25],
  'discovery.k8s.io/v1beta1': [['EndpointSlice'], 25],
  'autoscaling/v2beta1': [['HorizontalPodAutoscaler'], 25],
  'autoscaling/v2beta2': [['HorizontalPodAutoscaler'], 26],
};

/** Whether an API version once had a kind and does not any more, in any version of Kubernetes. */
export function isRemovedApi(apiVersion: string, kind: string): boolean {
  return REMOVED[apiVersion]?.[0].includes(kind) ?? false;
}

/** Minor version of the newest kubelet, which is never newer than its server. */
const minorVersion = indexed((reader) => {
  const versions = objectsOf(reader, 'Node').map((node) => textAt(node.object, 'status', 'nodeInfo', 'kubeletVersion') ?? '');
  return Math.max(0, ...versions.map((version) => Number(/^v?1\.(\d+)/.exec(version)?.[1] ?? 0)));
});

/** Objects written for an API version that the server has stopped serving: declared ones, since a server cannot list them. */
export const deprecatedApiRule: Rule = {
  name: 'deprecated-api',
  check: (reader) => {
    const minor = minorVersion(reader);
    const kinds = new Set(Object.values(REMOVED).flatMap(([names]) => names));
    return minor === 0 ? [] : [...kinds].sort().flatMap((kind) => checkKind(reader, kind, minor));
  },
};

function checkKind(reader: CmdbReader, kind: string, minor: number): readonly FindingDraft[] {
  return objectsOf(reader, kind).flatMap(({ id, name, object }): readonly FindingDraft[] => {
    const apiVersion = textAt(object, 'apiVersion') ?? '';
    const [kinds, removedIn] = REMOVED[apiVersion] ?? [];
    if (removedIn === undefined || !kinds?.includes(kind) || minor < removedIn) return [];
    const message = `${kind} ${name} is written for ${apiVersion}, which Kubernetes 1.${minor} does not serve`;
    return [{ code: 'T0-DEPRECATEDAPI-001', subject: id, message, evidence: [quote(reader, id, ['apiVersion'])] }];
  });
}
