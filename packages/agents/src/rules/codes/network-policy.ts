import type { CodeEntry } from '../code-entry.ts';

export const NETWORK_POLICY_CODES = {
  'T0-NETWORKPOLICY-001': {
    title: 'Policy blocks traffic that is needed',
    severity: 'fault',
    cause: 'network-policy-blocks',
    depth: 0,
    meaning:
      'A workload is told to use a Service, network policies do not let its packets through, and it shows or the policy plainly meant to.',
    fix: 'Allow the traffic in the policy: labels of the client, namespace, port, and DNS for egress.',
  },
  'T0-NETWORKPOLICY-002': {
    title: 'Policy selects no pods',
    severity: 'hygiene',
    cause: 'network-policy-blocks',
    depth: 0,
    meaning: 'The podSelector of the policy matches no pod, so it protects nothing.',
    fix: 'Correct the selector or remove the policy.',
  },
} as const satisfies Record<string, CodeEntry>;
