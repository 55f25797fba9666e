import type { Levers } from '../../findings/lever.ts';

/** The fields that the causes of this matter depend on. */
export const ADMISSION_LEVERS: Levers = {
  'quota-exceeded': ['ResourceQuota:spec.hard', 'container:resources', 'workload:spec.replicas'],
  'quota-requires-limits': ['ResourceQuota:spec.hard', 'container:resources', 'LimitRange:spec.limits'],
  'limit-range-violation': ['LimitRange:spec.limits', 'container:resources'],
  'pod-security-rejected': [
    'container:securityContext',
    'pod:securityContext',
    'pod:hostNetwork',
    'pod:hostPID',
    'pod:hostIPC',
    'pod:volumes',
    'container:ports',
    'Namespace:metadata.labels',
  ],
  'admission-webhook-rejects': [
    'ValidatingWebhookConfiguration|MutatingWebhookConfiguration:webhooks',
    'workload:spec.template',
    'workload:metadata.labels',
  ],
};
