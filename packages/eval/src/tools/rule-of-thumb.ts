import type { Cause } from '@tier0/core';
import type { SubjectRef } from '../scenario/scenario.ts';

/** Lists that are read; where something fails, deeper kinds stand later. What a cluster does not have is an empty list. */
export const LISTS = [
  ['Application', '/apis/argoproj.io/v1alpha1/applications'],
  ['Kustomization', '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations'],
  ['HelmRelease', '/apis/helm.toolkit.fluxcd.io/v2/helmreleases'],
  ['GitRepository', '/apis/source.toolkit.fluxcd.io/v1/gitrepositories'],
  ['ValidatingWebhookConfiguration', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'],
  ['MutatingWebhookConfiguration', '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'],
  ['IngressClass', '/apis/networking.k8s.io/v1/ingressclasses'],
  ['APIService', '/apis/apiregistration.k8s.io/v1/apiservices'],
  ['Service', '/api/v1/services'],
  ['Ingress', '/apis/networking.k8s.io/v1/ingresses'],
  ['HorizontalPodAutoscaler', '/apis/autoscaling/v2/horizontalpodautoscalers'],
  ['CronJob', '/apis/batch/v1/cronjobs'],
  ['Deployment', '/apis/apps/v1/deployments'],
  ['StatefulSet', '/apis/apps/v1/statefulsets'],
  ['DaemonSet', '/apis/apps/v1/daemonsets'],
  ['ReplicaSet', '/apis/apps/v1/replicasets'],
  ['Job', '/apis/batch/v1/jobs'],
  ['Pod', '/api/v1/pods'],
  ['PersistentVolumeClaim', '/api/v1/persistentvolumeclaims'],
  ['Node', '/api/v1/nodes'],
  ['Event', '/api/v1/events'],
] as const;

/** What fits many causes in general and one by the rule of thumb; asked after the wordings that every tool's text is read with. */
const THUMB: readonly (readonly [RegExp, Cause])[] = [
  [/liveness probe failed/i, 'liveness-probe-wrong'],
  [/startup probe failed/i, 'startup-probe-too-short'],
  [/readiness probe failed/i, 'readiness-probe-wrong'],
  [/exec: .*(not found|no such file)|executable file not found/i, 'wrong-command'],
  [/no space left on device/i, 'disk-full'],
  [/didn'?t have free ports/i, 'host-port-conflict'],
  [/topology spread/i, 'topology-spread-unsatisfiable'],
  [/anti-?affinity|pod affinity/i, 'affinity-unsatisfiable'],
  [/failed calling webhook/i, 'admission-webhook-down'],
  [/admission webhook .* denied/i, 'admission-webhook-rejects'],
  [/must specify (limits|requests)/i, 'quota-requires-limits'],
  [/(maximum|minimum) (cpu|memory) usage per/i, 'limit-range-violation'],
  [/missing request for/i, 'autoscaler-missing-requests'],
  [/unable to (get|fetch) .*metric/i, 'autoscaler-metric-unavailable'],
  [/(get|find) .*scale.*not found|FailedGetScale/i, 'autoscaler-target-missing'],
  [/ephemeral.storage|Evicted/i, 'ephemeral-storage-exhausted'],
  [/Preempted/i, 'preempted-by-priority'],
  [/ProvisioningFailed|waiting for a volume to be created/i, 'volume-provisioning-failed'],
  [/(Disk|Memory|PID)Pressure/i, 'node-pressure'],
  [/init container .* exit/i, 'init-container-failing'],
  [/init container .* still running/i, 'init-container-hanging'],
  [/node is cordoned/, 'node-cordoned'],
  [/schedule .*(unparse?able|invalid)|unparse?able schedule/i, 'cron-schedule-invalid'],
  [/ended with Error/i, 'application-bug'],
];

/** Words that name a missing object: the deepest thing there is. */
const MISSING: readonly (readonly [RegExp, string])[] = [
  [/configmaps? "([^"]+)" not found/i, 'ConfigMap'],
  [/secrets? "([^"]+)" not found/i, 'Secret'],
  [/serviceaccounts? "([^"]+)" not found/i, 'ServiceAccount'],
  [/persistentvolumeclaims? "([^"]+)" not found/i, 'PersistentVolumeClaim'],
  [/storageclass[^"]*"([^"]+)" not found/i, 'StorageClass'],
  [/key \S+ in ConfigMap [^/]*\/?([a-z0-9.-]+)/i, 'ConfigMap'],
  [/key \S+ in Secret [^/]*\/?([a-z0-9.-]+)/i, 'Secret'],
  [/exceeded quota: ([a-z0-9.-]+)/i, 'ResourceQuota'],
];

/** What the last words of a program usually mean. */
const LAST_WORDS: readonly (readonly [RegExp, Cause])[] = [
  [/exec format error/i, 'image-wrong-architecture'],
  [/no space left on device/i, 'disk-full'],
  [/nr_throttled/i, 'cpu-limit-too-low'],
  [
    /required (variable|environment|setting)|(variable|environment) .*(not set|missing|required)|must be set/i,
    'missing-environment-variable',
  ],
  [/\b(JSON|YAML|TOML)\b|unexpected token|syntax error/i, 'configmap-content-wrong'],
  [/invalid (configuration|value)/i, 'invalid-environment-value'],
  [/unexpected argument|unknown (flag|option|command)|^usage:/i, 'wrong-command'],
  [/cannot find module|no such file or directory|can't open file/i, 'missing-binary-or-file'],
  [/password authentication failed|WRONGPASS|access denied for user|invalid (credentials|password)|bad credentials/i, 'credentials-wrong'],
  [/cannot (get|list|watch|create|patch|update|delete) resource/i, 'rbac-missing-permission'],
  [/certificate has expired|certificate is not yet valid/i, 'certificate-expired'],
  [/no such host|ENOTFOUND|name or service not known|could not resolve/i, 'dns-name-wrong'],
  [/connection refused|ECONNREFUSED|i\/o timeout|ETIMEDOUT|cannot reach/i, 'dependency-down'],
];

/** A line in which a program complains. */
export const COMPLAINT = /fatal|panic|error|emerg|exception|denied|failed|cannot|unexpected|usage:|refused|throttled/i;

/** The usual cause behind the last words of a program. */
export function causeOfLastWords(line: string): Cause | undefined {
  return LAST_WORDS.find(([pattern]) => pattern.test(line))?.[1];
}

/** What the failing condition of an object of these kinds stands for. */
export const CAUSE_OF_KIND: Readonly<Record<string, Cause>> = {
  GitRepository: 'gitops-source-unreachable',
  Kustomization: 'gitops-apply-rejected',
  HelmRelease: 'helm-upgrade-failed',
  Application: 'gitops-render-failed',
  APIService: 'api-service-unavailable',
};

/** Taints that Kubernetes sets itself say that a node is ill or not for workloads; that they are not tolerated is no cause. */
const OWN_TAINTS = /had untolerated taint\s*\{(node-role\.|node\.)kubernetes\.io[^}]*\}/g;

/** A scheduler's sentence without what is so on every cluster; a taint of people comes before a selector that the tainted nodes would satisfy. */
export function schedulerText(text: string): string {
  const own = text.replace(OWN_TAINTS, 'of Kubernetes');
  return /untolerated taint/.test(own) ? own.replaceAll(/didn'?t match [^,.]*/g, 'did not fit') : own;
}

/** The usual cause behind a symptom; undefined when there is no usual one. */
export function causeByThumb(text: string): Cause | undefined {
  return THUMB.find(([pattern]) => pattern.test(text))?.[1];
}

/** The object that a message says is missing or full; undefined when it names none. */
export function missingObject(text: string, namespace: string | undefined): SubjectRef | undefined {
  for (const [pattern, kind] of MISSING) {
    const name = pattern.exec(text)?.[1];
    if (name !== undefined) return { kind, namespace: kind === 'StorageClass' ? undefined : namespace, name };
  }
  return undefined;
}
