import { z } from 'zod';
import { type CodeTable, telling } from '../../findings/code-entry.ts';

/** Codes of the matter "admission". A code is never given another meaning. */
export const ADMISSION_CODES = {
  'T0-REPLICASET-001': {
    title: 'Quota exceeded',
    severity: 'fault',
    cause: 'quota-exceeded',
    depth: 0,
    meaning: 'Pods are not created because a ResourceQuota of the namespace is used up.',
    fix: 'Raise the quota or lower what is requested.',
  },
  'T0-REPLICASET-002': {
    title: 'Quota wants requests or limits',
    severity: 'fault',
    cause: 'quota-requires-limits',
    depth: 0,
    meaning: 'A ResourceQuota counts something that the pods do not state.',
    fix: 'State requests and limits, or set defaults with a LimitRange.',
  },
  'T0-REPLICASET-003': {
    title: 'Outside the limit range',
    severity: 'fault',
    cause: 'limit-range-violation',
    depth: 0,
    meaning: 'The requests or limits of the pods are outside what a LimitRange of the namespace allows.',
    fix: 'Correct the requests and limits.',
  },
  'T0-REPLICASET-004': {
    title: 'Refused by Pod Security',
    severity: 'fault',
    cause: 'pod-security-rejected',
    depth: 0,
    meaning: 'The pods break the Pod Security level that the namespace enforces.',
    fix: 'Correct the security context, or the level.',
  },
  'T0-REPLICASET-005': {
    title: 'Denied by a webhook',
    severity: 'fault',
    cause: 'admission-webhook-rejects',
    depth: 0,
    meaning: 'An admission webhook denies the pods.',
    fix: 'Do what its message asks, or correct its policy.',
  },
  'T0-REPLICASET-006': {
    title: 'Webhook does not answer',
    severity: 'fault',
    cause: 'admission-webhook-down',
    depth: 1,
    meaning: 'An admission webhook that must answer does not.',
    fix: 'Bring the program behind the webhook back.',
  },
  'T0-REPLICASET-008': {
    title: 'Pods are not created',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 1,
    meaning: 'The API server refuses to create the pods of a workload.',
    fix: 'Read the message.',
    telling: telling(
      z.strictObject({ workload: z.string(), said: z.string() }),
      ({ workload, said }) => `${workload}: its pods are not created: ${said}`,
    ),
  },
  'T0-RESOURCEQUOTA-001': {
    title: 'Quota used up',
    severity: 'fault',
    cause: 'quota-exceeded',
    depth: 0,
    meaning: 'A workload of the namespace lacks pods, because one more would exceed the quota.',
    fix: 'Raise the quota or lower what is requested.',
  },
  'T0-RESOURCEQUOTA-002': {
    title: 'Quota nearly blocks',
    severity: 'hygiene',
    cause: 'quota-exceeded',
    depth: 0,
    meaning: 'What the quota allows of a resource is in use, and nothing more fits. Nothing waits for it yet.',
    fix: 'Raise the quota before the next rollout needs it.',
  },
  'T0-RESOURCEQUOTA-003': {
    title: 'Quota asks for requests or limits',
    severity: 'fault',
    cause: 'quota-requires-limits',
    depth: 0,
    meaning: 'The quota of the namespace counts a resource that a container of the workload does not ask for, so its pods are refused.',
    fix: 'Set the request or limit in the template, or give the namespace a LimitRange with defaults.',
    telling: telling(
      z.strictObject({ workload: z.string(), quota: z.string(), resource: z.string() }),
      ({ workload, quota, resource }) => `${workload} gets no pods: quota ${quota} wants ${resource} to be set`,
    ),
  },
  'T0-RESOURCEQUOTA-004': {
    title: 'Pods held back by a quota',
    severity: 'fault',
    cause: 'quota-exceeded',
    depth: 1,
    meaning: 'The workload has fewer pods than it wants, because one more would exceed a quota of its namespace.',
    fix: 'Raise the quota or lower what is requested.',
  },
  'T0-LIMITRANGE-001': {
    title: 'Pods outside the limit range',
    severity: 'fault',
    cause: 'limit-range-violation',
    depth: 0,
    meaning: 'A container of the workload asks for less or more than the LimitRange of the namespace allows, so its pods are refused.',
    fix: 'Bring requests and limits into the range, or change the range.',
  },
  'T0-LIMITRANGE-002': {
    title: 'Default memory limit too low',
    severity: 'fault',
    cause: 'memory-limit-too-low',
    depth: 0,
    meaning:
      'The kernel killed a container at a memory limit that its template does not name: a LimitRange, made or changed shortly before, gives it by default.',
    fix: 'Name the limit in the template, or raise the default of the LimitRange and restart the workload.',
  },
  'T0-LIMITRANGE-003': {
    title: 'Default processor limit too low',
    severity: 'fault',
    cause: 'cpu-limit-too-low',
    depth: 0,
    meaning:
      'A container cannot answer its probes in time under a CPU limit that its template does not name: a LimitRange, made or changed shortly before, gives it by default.',
    fix: 'Name the limit in the template, or raise the default of the LimitRange and restart the workload.',
  },
  'T0-LIMITRANGE-004': {
    title: 'Default limit of local storage too low',
    severity: 'fault',
    cause: 'ephemeral-storage-exhausted',
    depth: 0,
    meaning:
      'A pod was evicted for a limit of local storage that its template does not name: a LimitRange, made or changed shortly before, gives it by default.',
    fix: 'Name the limit in the template, or raise the default of the LimitRange and restart the workload.',
  },
  'T0-PODSECURITY-001': {
    title: 'Pods rejected by Pod Security',
    severity: 'fault',
    cause: 'pod-security-rejected',
    depth: 0,
    meaning: 'The namespace enforces a Pod Security level that the template of the workload does not meet, so its pods are refused.',
    fix: 'Harden the security contexts of the template, or choose another level for the namespace.',
    telling: telling(
      z.strictObject({ workload: z.string(), namespace: z.string(), level: z.string(), broken: z.array(z.string()) }),
      ({ workload, namespace, level, broken }) =>
        `${workload} gets no pods: namespace ${namespace} enforces ${level}: ${broken.join(', ')}`,
    ),
  },
  'T0-RESOURCEQUOTA-005': {
    title: 'No further object of a kind allowed',
    severity: 'fault',
    cause: 'quota-exceeded',
    depth: 0,
    meaning: 'A pod waits for an object that does not exist, and the quota of its namespace allows no more of that kind.',
    fix: 'Raise the quota or remove what is not needed, then create the object.',
  },
  'T0-REPLICASET-010': {
    title: 'Parameter of an admission policy missing',
    severity: 'fault',
    cause: 'admission-webhook-rejects',
    depth: 0,
    meaning:
      'The binding of an admission policy takes an object as parameter that does not exist, or lacks a key that the policy reads, and denies every pod for it.',
    fix: 'Create the object or the key, or correct paramRef of the binding.',
  },
  'T0-REPLICASET-011': {
    title: 'Names a class that does not exist',
    severity: 'fault',
    cause: 'admission-webhook-rejects',
    depth: 0,
    meaning: 'The template names a PriorityClass or RuntimeClass that does not exist, so the API server makes none of its pods.',
    fix: 'Correct the name in the template, or create the class.',
  },
} as const satisfies CodeTable;

export type AdmissionCode = keyof typeof ADMISSION_CODES;
