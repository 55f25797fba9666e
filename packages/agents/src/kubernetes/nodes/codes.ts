import { z } from 'zod';
import { type CodeTable, telling } from '../../findings/code-entry.ts';

/** Codes of the matter "nodes". A code is never given another meaning. */
export const NODES_CODES = {
  'T0-POD-070': {
    title: 'Evicted for its own storage',
    severity: 'fault',
    cause: 'ephemeral-storage-exhausted',
    depth: 0,
    meaning: 'The pod wrote more to its local disk than its limit allows, and was evicted.',
    fix: 'Raise the limit, or write less.',
  },
  'T0-POD-071': {
    title: 'Evicted by its node',
    severity: 'fault',
    cause: 'node-pressure',
    depth: 1,
    meaning: 'The node ran short of something and threw the pod out.',
    fix: 'Look at the node.',
    telling: telling(
      z.strictObject({ node: z.string(), said: z.string() }),
      ({ node, said }) => `its pod was evicted from node ${node}: ${said}`,
    ),
  },
  'T0-NODE-010': {
    title: 'Services lead nowhere on the node',
    severity: 'fault',
    cause: 'controller-down',
    depth: 0,
    meaning:
      'Several Services with ready pods cannot be reached at once: the rules that lead from their addresses to the pods are not kept.',
    fix: 'Look at kube-proxy, or at what stands in for it, on the node; restart it.',
  },
  'T0-NODE-001': {
    title: 'Node not ready',
    severity: 'fault',
    cause: 'node-not-ready',
    depth: 0,
    meaning: 'The kubelet reports that the node is not ready, or has stopped reporting.',
    fix: 'Look at the kubelet, the container runtime and the network of the node.',
  },
  'T0-NODE-002': {
    title: 'Node under pressure',
    severity: 'fault',
    cause: 'node-pressure',
    depth: 0,
    meaning: 'The node is short of memory, disk space or process ids: it evicts pods and takes no new ones.',
    fix: 'Free the resource, or move pods away.',
  },
  'T0-NODE-003': {
    title: 'Node problem reported',
    severity: 'fault',
    cause: 'node-not-ready',
    depth: 0,
    meaning: 'A problem detector reports a problem of the node that the kubelet does not know of.',
    fix: 'Read the message of the condition; drain and repair the node.',
  },
  'T0-NODE-004': {
    title: 'Network of the node not set up',
    severity: 'fault',
    cause: 'node-not-ready',
    depth: 0,
    meaning: 'The condition NetworkUnavailable is True: pods of this node cannot be reached.',
    fix: 'Look at the network plugin on the node.',
  },
  'T0-NODE-005': {
    title: 'Cordoned node keeps pods pending',
    severity: 'fault',
    cause: 'node-cordoned',
    depth: 0,
    meaning: 'Pods wait for a node, and would fit on this one, which is cordoned, and on none that is open.',
    fix: 'Uncordon the node, or add capacity.',
    telling: telling(
      z.strictObject({ node: z.string(), pod: z.string() }),
      ({ node, pod }) => `node ${node} is cordoned, and pod ${pod}, which would fit there, fits on no other node`,
    ),
  },
  'T0-NODE-006': {
    title: 'Node full of pods',
    severity: 'fault',
    cause: 'too-many-pods-on-node',
    depth: 0,
    meaning: 'Every node that a waiting pod could use runs as many pods as its kubelet allows.',
    fix: 'Raise maxPods of the kubelet, or add nodes.',
    telling: telling(
      z.strictObject({ node: z.string(), most: z.string(), pod: z.string() }),
      ({ node, most, pod }) => `node ${node} runs as many pods as it may (${most}), and pod ${pod} waits`,
    ),
  },
  'T0-NODE-011': {
    title: 'Tainted after pods were placed there',
    severity: 'fault',
    cause: 'taint-not-tolerated',
    depth: 0,
    meaning: 'A node was given a taint that pods which run there do not tolerate; those that are to be made anew find no place.',
    fix: 'Find out why the node was tainted; take the taint away, or move the workloads to other nodes.',
    telling: telling(
      z.strictObject({ node: z.string(), taints: z.string(), others: z.array(z.string()) }),
      ({ node, taints, others }) =>
        `node ${node}${others.length === 0 ? ' has' : ` and ${others.length} more (${others.slice(0, 3).join(', ')}) have`} the taint ${taints}, which pods that run there do not tolerate: it came after them`,
    ),
  },
  'T0-NODE-007': {
    title: 'Node cordoned',
    severity: 'hygiene',
    cause: 'node-cordoned',
    depth: 0,
    meaning: 'No new pods are placed on the node.',
    fix: 'Uncordon it when the maintenance is over.',
    telling: telling(z.strictObject({ node: z.string() }), ({ node }) => `node ${node} is cordoned`),
  },
  'T0-NODE-008': {
    title: 'Node lease is stale',
    severity: 'degraded',
    cause: 'node-not-ready',
    depth: 1,
    meaning: 'The kubelet has not renewed its lease for minutes while others have.',
    fix: 'Look at the kubelet of the node.',
  },
} as const satisfies CodeTable;

export type NodesCode = keyof typeof NODES_CODES;
