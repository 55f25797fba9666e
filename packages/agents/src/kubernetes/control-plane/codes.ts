import { z } from 'zod';
import { type CodeTable, telling } from '../../findings/code-entry.ts';

/** Codes of the matter "control-plane". A code is never given another meaning. */
export const CONTROL_PLANE_CODES = {
  'T0-WEBHOOK-001': {
    title: 'Admission webhook leads nowhere',
    severity: 'fault',
    cause: 'admission-webhook-down',
    depth: 0,
    meaning: 'A webhook that must be asked calls a Service or a port that does not exist, so every request that it should see is refused.',
    fix: 'Restore the Service, or remove the webhook configuration if its owner is gone.',
  },
  'T0-WEBHOOK-002': {
    title: 'Optional webhook not reachable',
    severity: 'degraded',
    cause: 'admission-webhook-down',
    depth: 3,
    meaning: 'A webhook that may be skipped cannot be reached, so what it should check or add is left out.',
    fix: 'Restore the Service and its pods.',
  },
  'T0-WEBHOOK-003': {
    title: 'Admission webhook has no ready endpoint',
    severity: 'fault',
    cause: 'admission-webhook-down',
    depth: 3,
    meaning: 'A webhook that must be asked has no ready pod, so every request that it should see is refused.',
    fix: 'Look at the pods behind its Service.',
  },
  'T0-WEBHOOK-004': {
    title: 'Certificate authority of a webhook expired',
    severity: 'fault',
    cause: 'certificate-expired',
    depth: 0,
    meaning: 'Every certificate in the caBundle has expired, so the API server does not trust the webhook.',
    fix: 'Issue a new authority and put it into the configuration.',
  },
  'T0-APISERVICE-001': {
    title: 'Aggregated API not available',
    severity: 'fault',
    cause: 'api-service-unavailable',
    depth: 1,
    meaning: 'The API server cannot reach the extension that serves an API, so everything that uses this API fails.',
    fix: 'Look at the Service of the APIService and at the pods behind it.',
    telling: telling(z.strictObject({ api: z.string(), why: z.string() }), ({ api, why }) => `API ${api} is not available: ${why}`),
  },
  'T0-APISERVICE-002': {
    title: 'Certificate authority of an API expired',
    severity: 'fault',
    cause: 'certificate-expired',
    depth: 0,
    meaning: 'Every certificate in the caBundle of the APIService has expired.',
    fix: 'Issue a new authority and put it into the APIService.',
  },
  'T0-FINALIZER-002': {
    title: 'Controller of a finalizer is scaled to zero',
    severity: 'fault',
    cause: 'scaled-to-zero',
    depth: 0,
    meaning: 'An object that is being deleted waits for a controller that has no replicas.',
    fix: 'Scale the controller up again.',
  },
  'T0-FINALIZER-001': {
    title: 'Deletion does not finish',
    severity: 'fault',
    cause: 'finalizer-stuck',
    depth: 0,
    meaning: 'The object was deleted long ago, and a finalizer still holds it: the controller that should clear it does not.',
    fix: 'Find the controller of the finalizer; remove the finalizer by hand only when its work is done.',
    telling: telling(
      z.strictObject({ kind: z.string(), name: z.string(), deletedAt: z.string(), finalizers: z.array(z.string()) }),
      ({ kind, name, deletedAt, finalizers }) =>
        `${kind} ${name} was deleted on ${deletedAt} and is still held by ${finalizers.join(', ')}`,
    ),
  },
  'T0-NAMESPACE-001': {
    title: 'Namespace stuck in Terminating',
    severity: 'fault',
    cause: 'finalizer-stuck',
    depth: 2,
    meaning: 'The namespace was deleted long ago and still holds objects or cannot list them.',
    fix: 'Read its conditions: they name the objects, finalizers or APIs that hold it.',
    telling: telling(
      z.strictObject({ namespace: z.string(), deletedAt: z.string(), said: z.string() }),
      ({ namespace, deletedAt, said }) => `namespace ${namespace} was deleted on ${deletedAt} and is still there: ${said}`,
    ),
  },
  'T0-DEPRECATEDAPI-001': {
    title: 'API version no longer served',
    severity: 'degraded',
    cause: 'deprecated-api-removed',
    depth: 0,
    meaning: 'An object is written for an API version that this server does not serve any more, so it cannot be applied again.',
    fix: 'Write it for the version that is served.',
  },
} as const satisfies CodeTable;

export type ControlPlaneCode = keyof typeof CONTROL_PLANE_CODES;
