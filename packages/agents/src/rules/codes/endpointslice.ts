import type { CodeEntry } from '../code-entry.ts';

export const ENDPOINTSLICE_CODES = {
  'T0-ENDPOINTSLICE-001': {
    title: 'Endpoint written by hand leads nowhere',
    severity: 'fault',
    cause: 'endpoint-manual-wrong',
    depth: 0,
    meaning: 'A Service without a selector has an address of the pod network that no pod has.',
    fix: 'Correct the address, or give the Service a selector.',
  },
  'T0-ENDPOINTSLICE-002': {
    title: 'Port of an endpoint written by hand wrong',
    severity: 'fault',
    cause: 'endpoint-manual-wrong',
    depth: 0,
    meaning: 'A Service without a selector sends to a pod on a port that the pod does not declare.',
    fix: 'Correct the port, or give the Service a selector.',
  },
} as const satisfies Record<string, CodeEntry>;
