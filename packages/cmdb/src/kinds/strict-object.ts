import type { Removal } from '@tier0/core';
import { isRecord, type KubernetesObject } from './kubernetes-object.ts';

/** Fields that say how something runs and never what it works on. Everything that people fill in freely is missing here. */
const ALLOWED: ReadonlySet<string> = new Set(
  `apiVersion kind metadata name namespace uid generation resourceVersion creationTimestamp deletionTimestamp deletionGracePeriodSeconds labels
  ownerReferences controller blockOwnerDeletion finalizers spec status template items
  replicas readyReplicas availableReplicas updatedReplicas unavailableReplicas currentReplicas fullyLabeledReplicas observedGeneration collisionCount
  currentRevision updateRevision revisionHistoryLimit progressDeadlineSeconds minReadySeconds paused strategy updateStrategy rollingUpdate maxSurge
  maxUnavailable partition podManagementPolicy serviceName volumeClaimTemplates selector matchLabels matchExpressions key operator values
  containers initContainers ephemeralContainers image imagePullPolicy ports containerPort hostPort protocol port targetPort nodePort resources limits
  requests cpu memory ephemeral-storage hugepages-2Mi nvidia.com/gpu pods storage env envFrom valueFrom secretKeyRef configMapKeyRef fieldRef fieldPath
  resourceFieldRef resource secretRef configMapRef optional volumeMounts mountPath subPath readOnly mountPropagation volumes configMap secret
  secretName emptyDir medium sizeLimit persistentVolumeClaim claimName hostPath path type projected sources serviceAccountToken expirationSeconds
  downwardAPI items defaultMode mode livenessProbe readinessProbe startupProbe httpGet tcpSocket grpc exec scheme initialDelaySeconds periodSeconds
  timeoutSeconds successThreshold failureThreshold terminationGracePeriodSeconds lifecycle restartPolicy dnsPolicy hostNetwork hostPID hostIPC nodeName
  nodeSelector affinity nodeAffinity podAffinity podAntiAffinity requiredDuringSchedulingIgnoredDuringExecution preferredDuringSchedulingIgnoredDuringExecution
  nodeSelectorTerms preference weight podAffinityTerm labelSelector topologyKey tolerations effect tolerationSeconds topologySpreadConstraints maxSkew
  whenUnsatisfiable priority priorityClassName preemptionPolicy schedulerName serviceAccountName serviceAccount automountServiceAccountToken
  imagePullSecrets securityContext runAsUser runAsGroup runAsNonRoot fsGroup readOnlyRootFilesystem allowPrivilegeEscalation privileged capabilities
  add drop seccompProfile phase conditions status reason message lastTransitionTime lastProbeTime lastUpdateTime lastHeartbeatTime containerStatuses
  initContainerStatuses ready started restartCount state lastState waiting running terminated exitCode signal startedAt finishedAt imageID containerID
  hostIP podIP podIPs ip startTime qosClass nominatedNodeName clusterIP clusterIPs ipFamilies ipFamilyPolicy sessionAffinity externalTrafficPolicy
  internalTrafficPolicy publishNotReadyAddresses loadBalancer ingress hostname endpoints addresses serving terminating targetRef addressType subsets
  notReadyAddresses appProtocol rules host http paths pathType backend service number ingressClassName tls hosts defaultBackend policyTypes egress from to
  podSelector namespaceSelector ipBlock cidr except endPort minAvailable disruptionsAllowed currentHealthy desiredHealthy expectedPods scaleTargetRef
  minReplicas maxReplicas metrics target averageUtilization averageValue currentMetrics desiredReplicas behavior scaleUp scaleDown
  stabilizationWindowSeconds policies accessModes storageClassName volumeName volumeMode capacity provisioner reclaimPolicy volumeBindingMode
  allowVolumeExpansion persistentVolumeReclaimPolicy claimRef csi driver volumeHandle hard used scopes default defaultRequest max min
  maxLimitRequestRatio unschedulable taints allocatable nodeInfo kubeletVersion containerRuntimeVersion kernelVersion osImage architecture
  operatingSystem schedule timeZone suspend concurrencyPolicy startingDeadlineSeconds jobTemplate successfulJobsHistoryLimit failedJobsHistoryLimit
  lastScheduleTime lastSuccessfulTime active succeeded failed completions parallelism backoffLimit activeDeadlineSeconds ttlSecondsAfterFinished
  completionTime involvedObject regarding count firstTimestamp lastTimestamp eventTime source component reportingController action series
  lastObservedTime note webhooks clientConfig failurePolicy sideEffects admissionReviewVersions operations apiGroups apiVersions resources scope
  group version versions served storage names plural singular groupPriorityMinimum versionPriority insecureSkipTLSVerify value globalDefault roleRef
  subjects verbs resourceNames nonResourceURLs sync health targetRevision revision destination server project parentRefs sectionName backendRefs
  gatewayClassName listeners controllerName accepted allowedRoutes namespaces leaseDurationSeconds holderIdentity renewTime acquireTime
  numberReady desiredNumberScheduled currentNumberScheduled numberAvailable numberMisscheduled numberUnavailable updatedNumberScheduled`.split(
    /\s+/,
  ),
);
/** Below these, keys and values are people's: the keys are kept, the values not. */
const KEYS_ONLY: ReadonlySet<string> = new Set(['annotations', 'data', 'binaryData', 'stringData']);
const KEPT_ANNOTATIONS =
  /^(?:deployment\.kubernetes\.io\/revision|tier0\.dev\/certificate-not-after|kubernetes\.io\/ingress\.class|storageclass\.kubernetes\.io\/is-default-class)$/;
/** Maps of labels: their keys are free, their values are short and by Kubernetes' own grammar. */
const LABEL_MAPS: ReadonlySet<string> = new Set(['labels', 'matchLabels', 'nodeSelector', 'selector']);
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?$/;
/** What a container printed last, and what a program is called with. */
const FREE_TEXT: ReadonlySet<string> = new Set(['terminated']);

/** An object with nothing but the allowed fields: no variable's value, argument, file content or annotation, whatever it looks like. */
export function strictObject(object: KubernetesObject): { readonly object: KubernetesObject; readonly removed: readonly Removal[] } {
  const removed: Removal[] = [];
  return { object: keep(object, { path: '', parent: '', removed }) as KubernetesObject, removed };
}

interface At {
  readonly path: string;
  readonly parent: string;
  readonly removed: Removal[];
}

function keep(value: unknown, at: At): unknown {
  if (Array.isArray(value)) return value.map((entry, index) => keep(entry, { ...at, path: `${at.path}[${index}]` }));
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).flatMap(([key, entry]): readonly (readonly [string, unknown])[] => {
    const path = at.path === '' ? key : `${at.path}.${key}`;
    const below = { ...at, path, parent: key };
    if (LABEL_MAPS.has(key) && isRecord(entry) && Object.values(entry).every((one) => typeof one === 'string'))
      return [[key, labels(entry, below)]];
    if (KEYS_ONLY.has(key) && isRecord(entry)) return [[key, keysOnly(entry, below)]];
    const isVariable = key === 'value' && typeof value.name === 'string' && /\benv\[\d+\]$/.test(at.path);
    const isSaid = key === 'message' && FREE_TEXT.has(at.parent);
    if (ALLOWED.has(key) && !isVariable && !isSaid) return [[key, keep(entry, below)]];
    at.removed.push({ path, kind: 'not-allowed' });
    return [];
  });
  return Object.fromEntries(entries);
}

function labels(map: Readonly<Record<string, unknown>>, at: At): unknown {
  const entries = Object.entries(map).filter(([key, value]) => {
    const isLabel = LABEL_VALUE.test(String(value)) && key.length < 320;
    if (!isLabel) at.removed.push({ path: `${at.path}.${key}`, kind: 'not-allowed' });
    return isLabel;
  });
  return Object.fromEntries(entries);
}

function keysOnly(map: Readonly<Record<string, unknown>>, at: At): unknown {
  return Object.fromEntries(
    Object.entries(map).flatMap(([key, value]) => {
      if (at.parent === 'annotations' && KEPT_ANNOTATIONS.test(key)) return [[key, value]];
      at.removed.push({ path: `${at.path}.${key}`, kind: 'not-allowed' });
      return at.parent === 'annotations' ? [] : [[key, null]];
    }),
  );
}
