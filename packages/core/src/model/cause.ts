import { z } from 'zod';

/**
 * The closed vocabulary of root causes. A cause names what is wrong at the place where a change would fix it, not the symptom.
 * Rule codes (`T0-<KIND>-<NNN>`) are finer and map to one cause each.
 */
export const CAUSES = {
  image: ['image-not-found', 'image-pull-unauthorized', 'image-registry-unreachable', 'image-wrong-architecture'],
  start: [
    'wrong-command',
    'missing-binary-or-file',
    'missing-environment-variable',
    'invalid-environment-value',
    'init-container-failing',
    'init-container-hanging',
    'application-bug',
  ],
  'configuration reference': [
    'configmap-missing',
    'configmap-key-missing',
    'configmap-content-wrong',
    'secret-missing',
    'secret-key-missing',
    'secret-content-wrong',
    'service-account-missing',
    'configuration-not-reloaded',
  ],
  resources: [
    'memory-limit-too-low',
    'memory-leak',
    'cpu-limit-too-low',
    'ephemeral-storage-exhausted',
    'disk-full',
    'node-pressure',
    'too-many-pods-on-node',
    'connection-pool-exhausted',
    'rate-limit-exceeded',
  ],
  scheduling: [
    'insufficient-node-capacity',
    'node-selector-unsatisfiable',
    'affinity-unsatisfiable',
    'taint-not-tolerated',
    'topology-spread-unsatisfiable',
    'host-port-conflict',
    'preempted-by-priority',
    'device-unavailable',
  ],
  'quota and admission': [
    'quota-exceeded',
    'quota-requires-limits',
    'limit-range-violation',
    'pod-security-rejected',
    'admission-webhook-down',
    'admission-webhook-rejects',
  ],
  probes: ['liveness-probe-wrong', 'readiness-probe-wrong', 'startup-probe-too-short', 'probe-dependency'],
  'service and network': [
    'service-selector-mismatch',
    'service-target-port-wrong',
    'service-missing',
    'endpoint-manual-wrong',
    'ingress-backend-missing',
    'ingress-class-missing',
    'route-parent-or-listener-wrong',
    'network-policy-blocks',
    'dns-name-wrong',
    'dns-unavailable',
    'mesh-authorization-blocks',
    'mesh-mtls-mismatch',
  ],
  storage: [
    'storage-class-missing',
    'volume-claim-missing',
    'volume-provisioning-failed',
    'volume-attach-conflict',
    'volume-node-affinity-conflict',
    'volume-lost',
  ],
  identity: ['rbac-missing-permission', 'rbac-binding-wrong', 'credentials-wrong', 'certificate-expired', 'certificate-untrusted'],
  'scaling and rollout': [
    'scaled-to-zero',
    'autoscaler-target-missing',
    'autoscaler-missing-requests',
    'autoscaler-metric-unavailable',
    'autoscaler-at-maximum',
    'disruption-budget-blocks',
    'rollout-strategy-impossible',
    'rollout-deadline-exceeded',
  ],
  'nodes and control plane': [
    'node-not-ready',
    'node-cordoned',
    'api-service-unavailable',
    'controller-down',
    'finalizer-stuck',
    'deprecated-api-removed',
  ],
  batch: ['job-backoff-exceeded', 'job-deadline-exceeded', 'cron-schedule-invalid', 'cron-concurrency-blocks'],
  dependency: [
    'dependency-down',
    'dependency-slow',
    'dependency-misconfigured',
    'dependency-cycle',
    'lock-not-released',
    'external-service-unreachable',
  ],
  'GitOps and platform': [
    'gitops-source-unreachable',
    'gitops-render-failed',
    'gitops-apply-rejected',
    'gitops-destination-wrong',
    'helm-upgrade-failed',
    'crossplane-claim-unready',
    'bad-change',
  ],
  unknown: ['needs-investigation'],
} as const;

/** One word of the closed vocabulary, e.g. `memory-leak`. */
export type Cause = (typeof CAUSES)[keyof typeof CAUSES][number];

const ALL: readonly Cause[] = Object.values(CAUSES).flat();

export const CauseSchema: z.ZodType<Cause> = z.enum(ALL as [Cause, ...Cause[]]);

/** Whether `text` is a word of the closed vocabulary. */
export function isCause(text: string): text is Cause {
  return (ALL as readonly string[]).includes(text);
}
