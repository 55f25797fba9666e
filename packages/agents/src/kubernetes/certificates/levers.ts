import type { Levers } from '../../findings/lever.ts';

/** The fields that the causes of this matter depend on. */
export const CERTIFICATES_LEVERS: Levers = {
  'certificate-expired': [
    'Certificate:spec',
    'Ingress:spec.tls',
    'ValidatingWebhookConfiguration|MutatingWebhookConfiguration:webhooks',
    'APIService:spec.caBundle',
  ],
  'certificate-untrusted': [
    'Certificate:spec',
    'ConfigMap:data',
    'pod:volumes',
    'ValidatingWebhookConfiguration|MutatingWebhookConfiguration:webhooks',
    'APIService:spec',
  ],
};
