import type { Matter } from '../../findings/matter.ts';
import { useClosestExisting } from '../configuration/closest-reference.ts';
import { useUnroutedService } from '../network/use-unrouted-service.ts';
import { ROUTING_CODES } from './codes.ts';
import { gatewayRule } from './gateway.ts';
import { httprouteRule } from './httproute.ts';
import { ingressRule } from './ingress.ts';
import { ROUTING_LEVERS } from './levers.ts';
import { useExistingIngressClass, useExistingListener } from './remedy.ts';

/** How people reach Services: Ingress, Gateway, routes. */
export const routingMatter: Matter = {
  name: 'routing',
  codes: ROUTING_CODES,
  rules: [ingressRule, gatewayRule, httprouteRule],
  levers: ROUTING_LEVERS,
  remedies: {
    'ingress-backend-missing': [useClosestExisting, useUnroutedService],
    'ingress-class-missing': [useExistingIngressClass],
    'route-parent-or-listener-wrong': [useExistingListener],
  },
};
