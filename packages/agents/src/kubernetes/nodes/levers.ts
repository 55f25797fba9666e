import type { Levers } from '../../findings/lever.ts';

/** The fields that the causes of this matter depend on. */
export const NODES_LEVERS: Levers = {
  'node-cordoned': [
    'Node:spec.unschedulable',
    'Node:spec.taints',
    'pod:topologySpreadConstraints',
    'pod:affinity',
    'pod:nodeSelector',
    'pod:tolerations',
  ],
  'node-not-ready': ['pod:nodeSelector', 'pod:affinity', 'pod:tolerations'],
  'node-pressure': ['container:resources', 'Node:spec.unschedulable'],
  'too-many-pods-on-node': ['workload:spec.replicas'],
};
