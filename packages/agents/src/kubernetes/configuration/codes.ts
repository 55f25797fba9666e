import { z } from 'zod';
import type { CodeTable } from '../../findings/code-entry.ts';
import { telling } from '../../findings/code-entry.ts';
import { MissingKeySchema, sayMissingKey } from './facts.ts';

/** Codes of the matter "configuration". A code is never given another meaning. */
export const CONFIGURATION_CODES = {
  'T0-POD-006': {
    title: 'ConfigMap missing',
    severity: 'fault',
    cause: 'configmap-missing',
    depth: 0,
    meaning: 'A pod specification names a ConfigMap that does not exist in its namespace.',
    fix: 'Create the ConfigMap or correct the name.',
  },
  'T0-POD-007': {
    title: 'Key missing in ConfigMap',
    severity: 'fault',
    cause: 'configmap-key-missing',
    depth: 0,
    meaning: 'A pod specification names a key that the ConfigMap does not have.',
    fix: 'Add the key or correct its name.',
    telling: telling(MissingKeySchema, sayMissingKey),
  },
  'T0-POD-008': {
    title: 'Secret missing',
    severity: 'fault',
    cause: 'secret-missing',
    depth: 0,
    meaning: 'A pod specification names a Secret that does not exist in its namespace.',
    fix: 'Create the Secret or correct the name.',
  },
  'T0-POD-009': {
    title: 'Key missing in Secret',
    severity: 'fault',
    cause: 'secret-key-missing',
    depth: 0,
    meaning: 'A pod specification names a key that the Secret does not have.',
    fix: 'Add the key or correct its name.',
    telling: telling(MissingKeySchema, sayMissingKey),
  },
  'T0-POD-014': {
    title: 'Container waits for its configuration',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 1,
    meaning: 'The kubelet cannot make up the container because something it refers to is missing.',
    fix: 'Look at what the message names.',
    telling: telling(
      z.strictObject({ container: z.string(), said: z.string() }),
      ({ container, said }) => `container ${container} waits for its configuration: ${said}`,
    ),
  },
  'T0-POD-023': {
    title: 'Network sandbox cannot be made',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 1,
    meaning: 'The node cannot set up the network or the sandbox of the pod.',
    fix: 'Look at the network plugin and the runtime on the node.',
  },
  'T0-POD-024': {
    title: 'Containers are not created',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 1,
    meaning: 'The pod was bound to a node and nothing has come of it: often a volume or the node itself.',
    fix: 'Look at the volumes of the pod and at the kubelet.',
  },
  'T0-POD-025': {
    title: 'Volume cannot be mounted',
    severity: 'fault',
    cause: 'needs-investigation',
    depth: 1,
    meaning: 'A volume of the pod is not there, or cannot be attached or mounted.',
    fix: 'Look at what the volume refers to.',
  },
  'T0-POD-027': {
    title: 'Volume in use on another node',
    severity: 'fault',
    cause: 'volume-attach-conflict',
    depth: 1,
    meaning: 'The volume of the pod may be attached to one node at a time, and a pod on another node has it.',
    fix: 'Run both pods on one node, end the other pod first (strategy Recreate), or use a volume that many nodes may share.',
  },
  'T0-POD-060': {
    title: 'ServiceAccount missing',
    severity: 'fault',
    cause: 'service-account-missing',
    depth: 0,
    meaning: 'A pod specification names a ServiceAccount that does not exist, so pods cannot be created.',
    fix: 'Create the ServiceAccount or correct the name.',
  },
  'T0-POD-061': {
    title: 'Volume claim missing',
    severity: 'fault',
    cause: 'volume-claim-missing',
    depth: 0,
    meaning: 'A pod specification names a PersistentVolumeClaim that does not exist.',
    fix: 'Create the claim or correct the name.',
  },
  'T0-POD-028': {
    title: 'Path of the node is not what the volume asks for',
    severity: 'fault',
    cause: 'missing-binary-or-file',
    depth: 0,
    meaning: 'A hostPath volume names a path that does not exist on the node, or is of another type.',
    fix: 'Correct the path or its type, or create it on the node.',
  },
  'T0-POD-029': {
    title: 'Driver of a volume not on the node',
    severity: 'fault',
    cause: 'volume-provisioning-failed',
    depth: 1,
    meaning: 'The CSI driver that a volume needs has not registered with the kubelet of the node.',
    fix: 'Install the driver, or look at its pod on the node.',
  },
  'T0-POD-088': {
    title: 'Optional ConfigMap renamed to one that does not exist',
    severity: 'fault',
    cause: 'configmap-missing',
    depth: 0,
    meaning:
      'A revision takes variables from an optional ConfigMap that does not exist, in place of one that does, and its pods fail without them.',
    fix: 'Correct the name, or create the ConfigMap; leave out optional where the program cannot do without.',
  },
  'T0-POD-089': {
    title: 'Optional Secret renamed to one that does not exist',
    severity: 'fault',
    cause: 'secret-missing',
    depth: 0,
    meaning:
      'A revision takes variables from an optional Secret that does not exist, in place of one that does, and its pods fail without them.',
    fix: 'Correct the name, or create the Secret; leave out optional where the program cannot do without.',
  },
  'T0-POD-098': {
    title: 'Variable from a label that is gone',
    severity: 'fault',
    cause: 'missing-environment-variable',
    depth: 0,
    meaning: 'A variable is taken from a label or annotation of the pod, the last revision of the template dropped it, and the pod fails.',
    fix: 'Give the template the label or annotation back.',
  },
} as const satisfies CodeTable;

export type ConfigurationCode = keyof typeof CONFIGURATION_CODES;
