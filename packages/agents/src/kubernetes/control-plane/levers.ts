import type { Levers } from '../../findings/lever.ts';

/** The fields that the causes of this matter depend on. */
export const CONTROL_PLANE_LEVERS: Levers = {
  'admission-webhook-down': [
    'ValidatingWebhookConfiguration|MutatingWebhookConfiguration:webhooks',
    'workload:spec.replicas',
    'Service:spec',
  ],
  'api-service-unavailable': ['APIService:spec', 'workload:spec.replicas', 'Service:spec'],
  'finalizer-stuck': ['*:metadata.finalizers'],
  'deprecated-api-removed': ['*:apiVersion'],
};
