import type { Cause, Severity } from '@tier0/core';

/**
 * How deep in the chain of causes a finding stands: what was written (0), what a container does (1), what a workload does (2),
 * what a Service does (3). On one subject the lower explains the higher.
 */
export type Depth = 0 | 1 | 2 | 3;

/** What one rule code means. */
export interface CodeEntry {
  readonly title: string;
  readonly severity: Severity;
  readonly cause: Cause;
  readonly depth: Depth;
  readonly meaning: string;
  readonly fix: string;
}

/** Every rule code. A code is never given another meaning. */
export const CODES = {
  'T0-POD-001': {
    title: 'Image not found',
    severity: 'fault',
    cause: 'image-not-found',
    depth: 0,
    meaning: 'The registry answers, but it does not have this image or tag, or the reference is not a valid one.',
    fix: 'Restore the last image that ran, or publish the missing tag.',
  },
  'T0-POD-002': {
    title: 'Image pull not authorised',
    severity: 'fault',
    cause: 'image-pull-unauthorized',
    depth: 0,
    meaning: 'The registry refuses the credentials of the pull, or there are none.',
    fix: 'Check imagePullSecrets and the account behind them.',
  },
  'T0-POD-003': {
    title: 'Registry unreachable',
    severity: 'fault',
    cause: 'image-registry-unreachable',
    depth: 0,
    meaning: 'The node cannot reach the registry of the image.',
    fix: 'Check DNS, network and the registry itself.',
  },
  'T0-POD-004': {
    title: 'Container crashes again and again',
    severity: 'fault',
    cause: 'application-bug',
    depth: 1,
    meaning: 'The container ends soon after each start; the exit code and the previous log say why.',
    fix: 'Read the previous log; look at what changed just before.',
  },
  'T0-POD-005': {
    title: 'Killed at the memory limit',
    severity: 'fault',
    cause: 'memory-limit-too-low',
    depth: 0,
    meaning: 'The kernel killed the container because it used more memory than its limit.',
    fix: 'Raise the limit, or find out why memory grows.',
  },
  'T0-POD-006': {
    title: 'ConfigMap missing',
    severity: 'fault',
    cause: 'configmap-missing',
    depth: 0,
    meaning: 'The pod template names a ConfigMap that does not exist in its namespace.',
    fix: 'Create the ConfigMap or correct the name.',
  },
  'T0-POD-007': {
    title: 'Key missing in ConfigMap',
    severity: 'fault',
    cause: 'configmap-key-missing',
    depth: 0,
    meaning: 'The pod template names a key that the ConfigMap does not have.',
    fix: 'Add the key or correct its name.',
  },
  'T0-POD-008': {
    title: 'Secret missing',
    severity: 'fault',
    cause: 'secret-missing',
    depth: 0,
    meaning: 'The kubelet reports that a Secret the pod needs does not exist.',
    fix: 'Create the Secret or correct the name.',
  },
  'T0-POD-009': {
    title: 'Key missing in Secret',
    severity: 'fault',
    cause: 'secret-key-missing',
    depth: 0,
    meaning: 'The kubelet reports that a Secret the pod needs lacks a key.',
    fix: 'Add the key or correct its name.',
  },
  'T0-POD-010': {
    title: 'No node has room',
    severity: 'fault',
    cause: 'insufficient-node-capacity',
    depth: 0,
    meaning: 'The scheduler finds no node with enough free CPU, memory or pod slots for what the pod requests.',
    fix: 'Lower the requests, or add capacity.',
  },
  'T0-POD-011': {
    title: 'Readiness probe asks a port nobody serves',
    severity: 'fault',
    cause: 'readiness-probe-wrong',
    depth: 0,
    meaning: 'The container runs but is not ready, and its readiness probe uses a port that the container does not declare.',
    fix: 'Point the probe at a port the container serves.',
  },
  'T0-DEPLOYMENT-001': {
    title: 'Fewer replicas than wanted',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 2,
    meaning: 'A workload has fewer ready replicas than it wants, and its rollout window is over.',
    fix: 'Look at its pods.',
  },
  'T0-DEPLOYMENT-002': {
    title: 'Rollout does not finish',
    severity: 'fault',
    cause: 'rollout-deadline-exceeded',
    depth: 2,
    meaning: 'The Deployment made no progress within progressDeadlineSeconds.',
    fix: 'Look at the pods of the newest ReplicaSet; roll back if nothing else helps.',
  },
  'T0-REPLICASET-001': {
    title: 'Quota exceeded',
    severity: 'fault',
    cause: 'quota-exceeded',
    depth: 0,
    meaning: 'Pods are not created because a ResourceQuota of the namespace is used up.',
    fix: 'Raise the quota or lower what is requested.',
  },
  'T0-SERVICE-001': {
    title: 'Selector matches no pods',
    severity: 'fault',
    cause: 'service-selector-mismatch',
    depth: 0,
    meaning: 'The Service selects no pod, though a workload of nearly the same labels or name runs.',
    fix: 'Correct the selector.',
  },
  'T0-SERVICE-002': {
    title: 'Target port does not exist',
    severity: 'fault',
    cause: 'service-target-port-wrong',
    depth: 0,
    meaning: 'The Service sends to a port that none of the containers it selects declares.',
    fix: 'Correct targetPort.',
  },
  'T0-SERVICE-003': {
    title: 'No ready endpoints',
    severity: 'fault',
    cause: 'dependency-down',
    depth: 3,
    meaning: 'The Service selects pods, but none of them is ready.',
    fix: 'Look at the pods.',
  },
} as const satisfies Record<string, CodeEntry>;

/** A code of the table, e.g. `T0-POD-001`. */
export type RuleCode = keyof typeof CODES;

export function codeEntry(code: string): CodeEntry | undefined {
  return Object.hasOwn(CODES, code) ? CODES[code as RuleCode] : undefined;
}
