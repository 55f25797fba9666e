import type { CodeEntry } from '../code-entry.ts';

export const SERVICE_CODES = {
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
