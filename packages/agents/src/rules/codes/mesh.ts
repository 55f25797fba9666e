import type { CodeEntry } from '../code-entry.ts';

export const MESH_CODES = {
  'T0-MESH-001': {
    title: 'Authorization policy blocks a client',
    severity: 'fault',
    cause: 'mesh-authorization-blocks',
    depth: 0,
    meaning: 'Policies of the mesh do not let a client reach a Service that it is told to use.',
    fix: 'Allow the client by its service account or namespace.',
  },
  'T0-MESH-002': {
    title: 'Client without a sidecar before strict mTLS',
    severity: 'fault',
    cause: 'mesh-mtls-mismatch',
    depth: 0,
    meaning: 'The workload takes mutual TLS only, and a client that needs it is not part of the mesh.',
    fix: 'Take the client into the mesh, or make the mode PERMISSIVE.',
  },
} as const satisfies Record<string, CodeEntry>;
