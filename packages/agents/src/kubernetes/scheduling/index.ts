import type { Matter } from '../../findings/matter.ts';
import { SCHEDULING_CODES } from './codes.ts';
import { SCHEDULING_LEVERS } from './levers.ts';
import {
  followPartner,
  giveUpHostPort,
  lowerRequests,
  placeByLabel,
  preferAffinity,
  preferNodeAffinity,
  relaxNodeSelector,
  relaxSpread,
  restoreNodeLabel,
  tolerateTaint,
} from './remedy.ts';
import { schedulingRule } from './scheduling.ts';

/** Where pods find a place. */
export const schedulingMatter: Matter = {
  name: 'scheduling',
  codes: SCHEDULING_CODES,
  rules: [schedulingRule],
  levers: SCHEDULING_LEVERS,
  remedies: {
    'insufficient-node-capacity': [lowerRequests],
    'preempted-by-priority': [lowerRequests],
    'node-selector-unsatisfiable': [placeByLabel, restoreNodeLabel, relaxNodeSelector, preferNodeAffinity],
    'affinity-unsatisfiable': [followPartner, restoreNodeLabel, preferAffinity, preferNodeAffinity],
    'topology-spread-unsatisfiable': [relaxSpread],
    'taint-not-tolerated': [tolerateTaint],
    'host-port-conflict': [giveUpHostPort],
  },
};
