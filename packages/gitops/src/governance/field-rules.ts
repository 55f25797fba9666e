import { type FieldPath, formatFieldPath, parseQuantity, readField } from '@tier0/core';
import { builtInKind, type GroupKind, groupKindOf } from '../kubernetes/group-kind.ts';

/** Fields that tier0 may propose to change, by kind. Everything else is left to people. */
export interface SafeField {
  /** Matched against the kind with its API group: `apps/Deployment`, `core/Service`. */
  readonly kinds: RegExp;
  /** Matched against the path with list positions and keys left out: `spec.template.spec.containers.image`. */
  readonly path: RegExp;
}

const POD_FIELDS =
  /(?:^|\.)spec\.(?:(?:initContainers|containers)\.(?:image|imagePullPolicy|command|args|env|envFrom|ports|resources|livenessProbe|readinessProbe|startupProbe|volumeMounts)|imagePullSecrets|nodeSelector|tolerations|affinity|topologySpreadConstraints|priorityClassName|terminationGracePeriodSeconds|volumes)(?:\.|$)/;

/** Left out on purpose: permissions, Secrets, security contexts, service accounts, host access. */
export const SAFE_FIELDS: readonly SafeField[] = [
  { kinds: /^(?:apps\/(?:Deployment|StatefulSet|DaemonSet|ReplicaSet)|batch\/(?:Job|CronJob)|core\/Pod)$/, path: POD_FIELDS },
  {
    kinds: /^apps\/(?:Deployment|StatefulSet|ReplicaSet)$/,
    path: /^spec\.(?:replicas|strategy|updateStrategy|minReadySeconds|progressDeadlineSeconds)(?:\.|$)/,
  },
  { kinds: /^apps\/(?:Deployment|StatefulSet|DaemonSet)$/, path: /^spec\.template\.metadata\.(?:labels|annotations)\./ },
  {
    kinds: /^batch\/(?:CronJob|Job)$/,
    path: /^spec\.(?:schedule|suspend|concurrencyPolicy|startingDeadlineSeconds|backoffLimit|activeDeadlineSeconds|ttlSecondsAfterFinished)$/,
  },
  { kinds: /^core\/ConfigMap$/, path: /^(?:data|binaryData)(?:\.|$)/ },
  { kinds: /^core\/Service$/, path: /^spec\.(?:selector|ports)(?:\.|$)/ },
  { kinds: /^networking\.k8s\.io\/Ingress$/, path: /^spec\.(?:rules|defaultBackend|ingressClassName|tls)(?:\.|$)/ },
  { kinds: /^autoscaling\/HorizontalPodAutoscaler$/, path: /^spec\.(?:minReplicas|maxReplicas|metrics|scaleTargetRef|behavior)(?:\.|$)/ },
  { kinds: /^policy\/PodDisruptionBudget$/, path: /^spec\.(?:minAvailable|maxUnavailable)$/ },
  { kinds: /^core\/(?:ResourceQuota|LimitRange)$/, path: /^spec\.(?:hard|limits)(?:\.|$)/ },
  { kinds: /^core\/PersistentVolumeClaim$/, path: /^spec\.(?:resources\.requests\.storage|storageClassName)$/ },
  { kinds: /^networking\.k8s\.io\/NetworkPolicy$/, path: /^spec\.(?:ingress|egress)(?:\.|$)/ },
  { kinds: /^.*$/, path: /^metadata\.(?:labels|annotations)\./ },
];

/**
 * Fields that hold no object's own value but what is rendered into objects. They may carry a change of a live field, which is judged
 * itself; that nothing else is changed by them is the locator's to prove.
 */
const CARRIERS: readonly SafeField[] = [
  {
    kinds: /^(?:kustomize\.config\.k8s\.io\/(?:Kustomization|Component)|kustomize\.toolkit\.fluxcd\.io\/Kustomization)$/,
    path: /^(?:spec\.)?(?:images|replicas|patches|patchesStrategicMerge|patchesJson6902)(?:\.|$)/,
  },
  { kinds: /^helm\.toolkit\.fluxcd\.io\/HelmRelease$/, path: /^spec\.values\./ },
  {
    kinds: /^argoproj\.io\/(?:Application|ApplicationSet)$/,
    path: /^spec\.source\.(?:helm\.(?:values|valuesObject)|kustomize\.(?:images|replicas|patches))(?:\.|$)/,
  },
];

/** Why a document may not carry a change of a live field; undefined when it may. `kind` is undefined for values files and lists of operations. */
export function carrierFlaw(kind: GroupKind | undefined, file: string, path: FieldPath): string | undefined {
  const text = path.filter((segment) => typeof segment === 'string').join('.');
  if (kind === undefined) {
    if (/(?:^|[/.-])values[^/]*\.ya?ml$/i.test(file)) return undefined;
    return typeof path[0] === 'number' && path.at(-1) === 'value' ? undefined : `${file} holds neither an object nor values`;
  }
  if (CARRIERS.some((rule) => rule.kinds.test(kind) && rule.path.test(text))) return undefined;
  return `${formatFieldPath(path)} of a ${spoken(kind)} does not carry values of other objects`;
}

/** Whether a kind only carries what other objects become. */
export function isCarrier(kind: GroupKind | undefined): boolean {
  return kind === undefined || CARRIERS.some((rule) => rule.kinds.test(kind));
}

/** Fields that the API server refuses to change, or that cut a workload off from its pods. */
const IMMUTABLE: readonly SafeField[] = [
  { kinds: /^(?:apps\/(?:Deployment|StatefulSet|DaemonSet|ReplicaSet)|batch\/Job)$/, path: /^spec\.selector(?:\.|$)/ },
  { kinds: /^apps\/StatefulSet$/, path: /^spec\.(?:serviceName|volumeClaimTemplates|podManagementPolicy)(?:\.|$)/ },
  { kinds: /^batch\/Job$/, path: /^spec\.(?:template|completions|completionMode)(?:\.|$)/ },
  { kinds: /^core\/Service$/, path: /^spec\.clusterIPs?(?:\.|$)/ },
  { kinds: /^core\/PersistentVolumeClaim$/, path: /^spec\.(?:accessModes|storageClassName|volumeName|selector)(?:\.|$)/ },
  { kinds: /^.*$/, path: /^(?:apiVersion|kind|metadata\.(?:name|namespace))$/ },
];

/** Why a field of a kind may not be changed; undefined when it may. */
export function fieldFlaw(kind: GroupKind, path: FieldPath, safe: readonly SafeField[] = SAFE_FIELDS): string | undefined {
  const text = path.filter((segment) => typeof segment === 'string').join('.');
  if (IMMUTABLE.some((rule) => rule.kinds.test(kind) && rule.path.test(text)))
    return `${formatFieldPath(path)} of a ${spoken(kind)} cannot be changed`;
  return safe.some((rule) => rule.kinds.test(kind) && rule.path.test(text))
    ? undefined
    : `${formatFieldPath(path)} of a ${spoken(kind)} is not a field that tier0 changes`;
}

/** Everything wrong with the quantities of an object: not a quantity, negative, or a request above its limit. */
export function quantityFlaws(object: unknown): readonly string[] {
  const flaws: string[] = [];
  visitResources(object, [], (resources, path) => {
    for (const part of ['limits', 'requests']) {
      for (const [name, value] of Object.entries((readField(resources, [part]) ?? {}) as Record<string, unknown>)) {
        const amount = parseQuantity(value);
        if (amount === undefined || amount < 0) flaws.push(`${path}.${part}.${name}: ${JSON.stringify(value)} is not a quantity`);
      }
    }
    for (const [name, value] of Object.entries((readField(resources, ['requests']) ?? {}) as Record<string, unknown>)) {
      const request = parseQuantity(value);
      const limit = parseQuantity(readField(resources, ['limits', name]));
      if (request !== undefined && limit !== undefined && request > limit)
        flaws.push(`${path}: the ${name} request ${value} is above its limit`);
    }
  });
  return flaws;
}

function visitResources(value: unknown, path: readonly string[], visit: (resources: unknown, path: string) => void): void {
  if (value === null || typeof value !== 'object') return;
  for (const [key, child] of Object.entries(value)) {
    const isResources = key === 'resources' && child !== null && typeof child === 'object' && !Array.isArray(child);
    if (isResources) visit(child, [...path, key].join('.'));
    else visitResources(child, [...path, key], visit);
  }
}

/** The kind that a document of a file says it is. A kustomization may leave it out; other documents without one are values or operations. */
export function declaredKind(object: unknown, file: string): GroupKind | undefined {
  const { apiVersion, kind } = (object ?? {}) as { readonly apiVersion?: unknown; readonly kind?: unknown };
  const isKustomization = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/.test(file);
  if (isKustomization && apiVersion === undefined) return 'kustomize.config.k8s.io/Kustomization';
  return typeof kind === 'string' ? groupKindOf({ apiVersion, kind }) : undefined;
}

/** Built-in kinds by their name, others as kubectl writes them: `Service.serving.knative.dev`. */
function spoken(kind: GroupKind): string {
  const [group, name = ''] = kind.split('/');
  return builtInKind(name) === kind ? name : `${name}.${group}`;
}
