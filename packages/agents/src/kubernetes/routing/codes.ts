import { z } from 'zod';
import { type CodeTable, telling } from '../../findings/code-entry.ts';

/** Codes of the matter "routing". A code is never given another meaning. */
export const ROUTING_CODES = {
  'T0-INGRESS-001': {
    title: 'Ingress class missing',
    severity: 'fault',
    cause: 'ingress-class-missing',
    depth: 0,
    meaning: 'The Ingress names a class that does not exist, so no controller takes it.',
    fix: 'Correct spec.ingressClassName, or install the controller with its IngressClass.',
    telling: telling(
      z.strictObject({ ingress: z.string(), ingressClass: z.string() }),
      ({ ingress, ingressClass }) => `Ingress ${ingress} names the class ${ingressClass}, which does not exist`,
    ),
  },
  'T0-INGRESS-002': {
    title: 'No ingress class and no default',
    severity: 'fault',
    cause: 'ingress-class-missing',
    depth: 0,
    meaning: 'The Ingress names no class, no class is the default, and no controller took it while others are served.',
    fix: 'Name a class, or make one the default.',
    telling: telling(
      z.strictObject({ ingress: z.string(), classes: z.number() }),
      ({ ingress, classes }) => `Ingress ${ingress} names no class, none of ${classes} is the default, and no controller serves it`,
    ),
  },
  'T0-INGRESS-003': {
    title: 'Backend name wrong',
    severity: 'fault',
    cause: 'ingress-backend-missing',
    depth: 0,
    meaning: 'The Ingress sends to a Service that does not exist, while one of nearly the same name does.',
    fix: 'Correct the name of the Service in the Ingress.',
  },
  'T0-INGRESS-004': {
    title: 'Backend port wrong',
    severity: 'fault',
    cause: 'ingress-backend-missing',
    depth: 0,
    meaning: 'The Ingress sends to a port that the Service does not have.',
    fix: 'Correct the port in the Ingress.',
  },
  'T0-INGRESS-006': {
    title: 'Refused by its controller',
    severity: 'fault',
    cause: 'ingress-backend-missing',
    depth: 0,
    meaning: 'The controller of the Ingress says again and again why it cannot serve it, and it has no address.',
    fix: 'Put right what the controller says: the type of a Service, a name, a right in the cloud.',
    telling: telling(
      z.strictObject({ ingress: z.string(), why: z.string() }),
      ({ ingress, why }) => `Ingress ${ingress} has no address: ${why}`,
    ),
  },
  'T0-INGRESS-005': {
    title: 'TLS Secret missing',
    severity: 'fault',
    cause: 'secret-missing',
    depth: 0,
    meaning: 'The Ingress names a TLS Secret that does not exist, so clients are shown a certificate that is not theirs.',
    fix: 'Create the Secret or correct its name.',
  },
  'T0-GATEWAYCLASS-001': {
    title: 'Gateway class not accepted',
    severity: 'fault',
    cause: 'controller-down',
    depth: 1,
    meaning: 'No controller has accepted the GatewayClass of a Gateway.',
    fix: 'Check that the controller named in the class runs, and the parameters of the class.',
    telling: telling(
      z.strictObject({ gatewayClass: z.string(), said: z.string() }),
      ({ gatewayClass, said }) => `GatewayClass ${gatewayClass} is not accepted: ${said}`,
    ),
  },
  'T0-GATEWAY-001': {
    title: 'Gateway class missing',
    severity: 'fault',
    cause: 'route-parent-or-listener-wrong',
    depth: 0,
    meaning: 'The Gateway names a GatewayClass that does not exist.',
    fix: 'Correct spec.gatewayClassName, or install the controller with its class.',
    telling: telling(
      z.strictObject({ gateway: z.string(), gatewayClass: z.string() }),
      ({ gateway, gatewayClass }) => `Gateway ${gateway} names the class ${gatewayClass}, which does not exist`,
    ),
  },
  'T0-GATEWAY-002': {
    title: 'Gateway not accepted or not programmed',
    severity: 'fault',
    cause: 'route-parent-or-listener-wrong',
    depth: 1,
    meaning: 'The controller says that the Gateway cannot be used as it is written.',
    fix: 'Read the message of the condition.',
    telling: telling(
      z.strictObject({ gateway: z.string(), condition: z.string(), said: z.string() }),
      ({ gateway, condition, said }) => `Gateway ${gateway} is not ${condition}: ${said}`,
    ),
  },
  'T0-GATEWAY-003': {
    title: 'Certificate of a listener missing',
    severity: 'fault',
    cause: 'secret-missing',
    depth: 0,
    meaning: 'A listener names a certificate Secret that does not exist.',
    fix: 'Create the Secret or correct its name.',
  },
  'T0-GATEWAY-004': {
    title: 'Listener refused',
    severity: 'fault',
    cause: 'route-parent-or-listener-wrong',
    depth: 0,
    meaning:
      'The controller does not take one of the listeners as it is written: its port or host is taken, or what it refers to is not there.',
    fix: 'Read the message of the listener and correct it.',
  },
  'T0-HTTPROUTE-001': {
    title: 'Parent missing',
    severity: 'fault',
    cause: 'route-parent-or-listener-wrong',
    depth: 0,
    meaning: 'The route names a Gateway that does not exist.',
    fix: 'Correct the parent reference.',
  },
  'T0-HTTPROUTE-002': {
    title: 'No listener takes the route',
    severity: 'fault',
    cause: 'route-parent-or-listener-wrong',
    depth: 0,
    meaning: 'The Gateway has no listener of that name or port, for that host name, or that allows routes of this namespace.',
    fix: 'Correct the parent reference or the host names of the route, or what the listener allows.',
  },
  'T0-HTTPROUTE-003': {
    title: 'Backend of a route wrong',
    severity: 'fault',
    cause: 'ingress-backend-missing',
    depth: 0,
    meaning: 'The route sends to a Service or a port that does not exist.',
    fix: 'Correct the backend reference.',
    telling: telling(
      z.strictObject({ kind: z.string(), route: z.string(), parent: z.string(), said: z.string() }),
      ({ kind, route, parent, said }) => `${kind} ${route} is refused by ${parent}: ${said}`,
    ),
  },
  'T0-HTTPROUTE-004': {
    title: 'Backend in another namespace not granted',
    severity: 'fault',
    cause: 'ingress-backend-missing',
    depth: 0,
    meaning: 'The route sends to a Service of another namespace, and no ReferenceGrant there allows it.',
    fix: 'Add a ReferenceGrant to the namespace of the Service.',
  },
  'T0-HTTPROUTE-005': {
    title: 'Route refused',
    severity: 'fault',
    cause: 'route-parent-or-listener-wrong',
    depth: 1,
    meaning: 'The controller of the Gateway says that the route cannot be used as it is written.',
    fix: 'Read the message of the condition.',
    telling: telling(
      z.strictObject({ kind: z.string(), route: z.string(), parent: z.string(), said: z.string() }),
      ({ kind, route, parent, said }) => `${kind} ${route} is refused by ${parent}: ${said}`,
    ),
  },
} as const satisfies CodeTable;

export type RoutingCode = keyof typeof ROUTING_CODES;
