import type { CodeEntry } from '../code-entry.ts';

export const INGRESS_CODES = {
  'T0-INGRESS-001': {
    title: 'Ingress class missing',
    severity: 'fault',
    cause: 'ingress-class-missing',
    depth: 0,
    meaning: 'The Ingress names a class that does not exist, so no controller takes it.',
    fix: 'Correct spec.ingressClassName, or install the controller with its IngressClass.',
  },
  'T0-INGRESS-002': {
    title: 'No ingress class and no default',
    severity: 'fault',
    cause: 'ingress-class-missing',
    depth: 0,
    meaning: 'The Ingress names no class, no class is the default, and no controller took it while others are served.',
    fix: 'Name a class, or make one the default.',
  },
  'T0-INGRESS-003': {
    title: 'Backend name wrong',
    severity: 'fault',
    cause: 'ingress-backend-missing',
    depth: 0,
    meaning: 'The Ingress sends to a Service that does not exist, while one of nearly the same name does.',
    fix: 'Correct the name of the Service in the Ingress.',
  },
  'T0-INGRESS-004': {
    title: 'Backend port wrong',
    severity: 'fault',
    cause: 'ingress-backend-missing',
    depth: 0,
    meaning: 'The Ingress sends to a port that the Service does not have.',
    fix: 'Correct the port in the Ingress.',
  },
  'T0-INGRESS-005': {
    title: 'TLS Secret missing',
    severity: 'fault',
    cause: 'secret-missing',
    depth: 0,
    meaning: 'The Ingress names a TLS Secret that does not exist, so clients are shown a certificate that is not theirs.',
    fix: 'Create the Secret or correct its name.',
  },
} as const satisfies Record<string, CodeEntry>;
