import type { Levers } from '../../findings/lever.ts';

/** The fields that the causes of this matter depend on. */
export const SCHEDULING_LEVERS: Levers = {
  'insufficient-node-capacity': [
    'container:resources.requests',
    'container:resources.limits',
    'pod:nodeSelector',
    'pod:affinity',
    'pod:tolerations',
    'workload:spec.replicas',
    'pod:overhead',
  ],
  'preempted-by-priority': [
    'container:resources.requests',
    'pod:priorityClassName',
    'pod:nodeSelector',
    'pod:affinity',
    'workload:spec.replicas',
  ],
  'node-selector-unsatisfiable': ['Node:metadata.labels', 'pod:nodeSelector', 'pod:affinity', 'pod:nodeName'],
  'affinity-unsatisfiable': [
    'Node:metadata.labels',
    'pod:affinity',
    'pod:nodeSelector',
    'workload:spec.replicas',
    'workload:spec.template.metadata.labels',
  ],
  'topology-spread-unsatisfiable': [
    'pod:topologySpreadConstraints',
    'workload:spec.replicas',
    'Node:spec.unschedulable',
    'Node:spec.taints',
  ],
  'taint-not-tolerated': ['pod:tolerations', 'Node:spec.taints', 'pod:nodeSelector'],
  'host-port-conflict': ['container:ports', 'pod:hostNetwork', 'workload:spec.replicas', 'workload:spec.strategy'],
  'device-unavailable': ['container:resources', 'pod:nodeSelector', 'pod:affinity'],
};
