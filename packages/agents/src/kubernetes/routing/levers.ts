import type { Levers } from '../../findings/lever.ts';

/** The fields that the causes of this matter depend on. */
export const ROUTING_LEVERS: Levers = {
  'ingress-backend-missing': ['Ingress:spec', 'HTTPRoute:spec', 'Service:spec'],
  'ingress-class-missing': ['Ingress:spec.ingressClassName', 'Ingress:metadata.annotations'],
  'route-parent-or-listener-wrong': ['HTTPRoute|GRPCRoute|TLSRoute|TCPRoute:spec', 'Gateway:spec'],
};
