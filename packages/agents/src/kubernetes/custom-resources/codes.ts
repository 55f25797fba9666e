import type { CodeTable } from '../../findings/code-entry.ts';
import { telling } from '../../findings/code-entry.ts';
import { LackedObjectSchema, sayLacked, sayNotWell, ToldConditionSchema } from './facts.ts';

const TELLING = telling(ToldConditionSchema, sayNotWell);

/** Codes of the matter "custom-resources". A code is never given another meaning. */
export const CUSTOM_RESOURCES_CODES = {
  'T0-CONDITION-001': {
    title: 'Says that it is not well',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 1,
    meaning: 'An object whose kind no rule knows says by a standard condition or phase that it failed.',
    fix: 'Read its message; look at its controller and at what it refers to.',
    telling: TELLING,
  },
  'T0-CONDITION-002': {
    title: 'Cannot reach what it needs',
    severity: 'fault',
    cause: 'external-service-unreachable',
    depth: 1,
    meaning: 'The controller of the object cannot reach a server outside.',
    fix: 'Look at the address it names, and at the way there.',
    telling: TELLING,
  },
  'T0-CONDITION-003': {
    title: 'Refused for its credentials',
    severity: 'fault',
    cause: 'credentials-wrong',
    depth: 1,
    meaning: 'A server refuses the credentials or the permissions that the controller of the object has.',
    fix: 'Correct the credentials that the object refers to.',
    telling: TELLING,
  },
  'T0-CONDITION-004': {
    title: 'Meets a certificate it does not trust',
    severity: 'fault',
    cause: 'certificate-untrusted',
    depth: 1,
    meaning: 'The controller of the object does not trust the certificate of a server.',
    fix: 'Give it the right authority, or the server a right certificate.',
    telling: TELLING,
  },
  'T0-CONDITION-005': {
    title: 'No controller answers',
    severity: 'degraded',
    cause: 'controller-down',
    depth: 1,
    meaning: 'The newest state of the object has not been looked at by its controller for minutes.',
    fix: 'Look at the pods of the controller.',
    telling: TELLING,
  },
  'T0-CONDITION-006': {
    title: 'Secret that a controller needs does not exist',
    severity: 'fault',
    cause: 'secret-missing',
    depth: 0,
    meaning: 'An object says by its condition that a Secret is not there, and nothing in the cluster is to make it.',
    fix: 'Create the Secret, or correct the name.',
    telling: telling(LackedObjectSchema, sayLacked),
  },
  'T0-CONDITION-007': {
    title: 'ConfigMap that a controller needs does not exist',
    severity: 'fault',
    cause: 'configmap-missing',
    depth: 0,
    meaning: 'An object says by its condition that a ConfigMap is not there, and nothing in the cluster is to make it.',
    fix: 'Create the ConfigMap, or correct the name.',
    telling: telling(LackedObjectSchema, sayLacked),
  },
} as const satisfies CodeTable;

export type CustomResourcesCode = keyof typeof CUSTOM_RESOURCES_CODES;
