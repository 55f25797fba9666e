import type { Levers } from '../../findings/lever.ts';

/** The fields that the causes of this matter depend on. */
export const IMAGE_LEVERS: Levers = {
  'image-not-found': ['container:image'],
  'image-pull-unauthorized': ['container:image', 'pod:imagePullSecrets', 'pod:serviceAccountName', 'ServiceAccount:imagePullSecrets'],
  'image-registry-unreachable': ['container:image'],
  'image-wrong-architecture': ['container:image', 'pod:nodeSelector', 'pod:affinity'],
};
