import type { Matter } from '../../findings/matter.ts';
import { useClosestExisting } from '../configuration/closest-reference.ts';
import { stopWaiting } from '../start/stop-waiting.ts';
import { NETWORK_CODES } from './codes.ts';
import { disableServiceLinks } from './disable-service-links.ts';
import { endpointSliceRule } from './endpointslice.ts';
import { NETWORK_LEVERS } from './levers.ts';
import { meshRule } from './mesh.ts';
import { networkPolicyRule } from './network-policy.ts';
import { allowConnection, correctDependencyPort, correctHostName } from './remedy.ts';
import { serviceRule } from './service.ts';
import { correctSelector, correctTargetPort } from './service-remedy.ts';
import { useUnroutedService } from './use-unrouted-service.ts';

/** How pods are reached: Services, endpoints, DNS, network policies, meshes. */
export const networkMatter: Matter = {
  name: 'network',
  codes: NETWORK_CODES,
  rules: [serviceRule, endpointSliceRule, networkPolicyRule, meshRule],
  levers: NETWORK_LEVERS,
  remedies: {
    'service-selector-mismatch': [correctSelector],
    'service-target-port-wrong': [correctTargetPort],
    'service-missing': [useClosestExisting, useUnroutedService, stopWaiting],
    'network-policy-blocks': [allowConnection],
    'dns-name-wrong': [correctHostName],
    'invalid-environment-value': [correctHostName, correctDependencyPort, disableServiceLinks],
    'dependency-misconfigured': [correctDependencyPort, correctHostName],
  },
};
