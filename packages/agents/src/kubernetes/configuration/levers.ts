import type { Levers } from '../../findings/lever.ts';

/** The fields that the causes of this matter depend on. */
export const CONFIGURATION_LEVERS: Levers = {
  'configmap-missing': ['container:env', 'container:envFrom', 'pod:volumes', 'pod:initContainers'],
  'configmap-key-missing': [
    'container:env',
    'container:envFrom',
    'container:volumeMounts',
    'pod:volumes',
    'ConfigMap:data',
    'ConfigMap:binaryData',
  ],
  'configmap-content-wrong': [
    'ConfigMap:data',
    'ConfigMap:binaryData',
    'container:env',
    'container:envFrom',
    'container:command',
    'container:args',
    'container:volumeMounts',
    'pod:volumes',
  ],
  'secret-missing': [
    'container:env',
    'container:envFrom',
    'pod:volumes',
    'Ingress:spec.tls',
    'Gateway:spec.listeners',
    'pod:imagePullSecrets',
  ],
  'secret-key-missing': ['container:env', 'container:envFrom', 'container:volumeMounts', 'pod:volumes'],
  'secret-content-wrong': ['container:env', 'container:envFrom', 'pod:volumes'],
  'service-account-missing': ['pod:serviceAccountName', 'pod:serviceAccount'],
  'volume-claim-missing': ['pod:volumes'],
  'configuration-not-reloaded': ['workload:spec.template.metadata.annotations', 'container:env', 'container:envFrom', 'pod:volumes'],
};
