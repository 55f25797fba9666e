import type { CodeTable } from '../../findings/code-entry.ts';

/** Codes of the matter "image". A code is never given another meaning. */
export const IMAGE_CODES = {
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
  'T0-POD-012': {
    title: 'Pull secret missing',
    severity: 'fault',
    cause: 'image-pull-unauthorized',
    depth: 1,
    meaning: 'The registry refuses the pull, and the pull secret that the pod names does not exist.',
    fix: 'Create the pull secret.',
  },
  'T0-POD-013': {
    title: 'Image for another platform',
    severity: 'fault',
    cause: 'image-wrong-architecture',
    depth: 0,
    meaning: 'The image, or the program in it, is not built for the operating system and processor of the node.',
    fix: 'Publish the image for this platform, or choose nodes of the other one.',
  },
  'T0-POD-026': {
    title: 'Registry limits pulls',
    severity: 'fault',
    cause: 'rate-limit-exceeded',
    depth: 0,
    meaning: 'The registry answers that too many images were pulled.',
    fix: 'Log in to the registry, or use a mirror.',
  },
  'T0-POD-045': {
    title: 'Image cannot be unpacked',
    severity: 'fault',
    cause: 'disk-full',
    depth: 0,
    meaning: 'The node has no space left for the image.',
    fix: 'Free or enlarge the disk of the node.',
  },
  'T0-POD-046': {
    title: 'Image cannot be pulled',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 0,
    meaning: 'The image cannot be pulled, in words that no rule knows.',
    fix: 'Read the message of the kubelet.',
  },
  'T0-POD-047': {
    title: 'Registry not trusted',
    severity: 'fault',
    cause: 'certificate-untrusted',
    depth: 0,
    meaning: 'The node does not trust the certificate of the registry, or it has expired.',
    fix: 'Give the nodes the authority of the registry, or the registry a right certificate.',
  },
} as const satisfies CodeTable;

export type ImageCode = keyof typeof IMAGE_CODES;
