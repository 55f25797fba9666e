import type { Matter } from '../../findings/matter.ts';
import { useClosestExisting } from './closest-reference.ts';
import { CONFIGURATION_CODES } from './codes.ts';
import { configurationRule } from './configuration.ts';
import { downwardRule } from './downward.ts';
import { CONFIGURATION_LEVERS } from './levers.ts';
import { optionalRule } from './optional.ts';
import { podWaitingRule } from './pod-waiting.ts';
import { useClosestKey } from './remedy.ts';

/** What a pod refers to: ConfigMaps, Secrets, keys, claims, accounts. */
export const configurationMatter: Matter = {
  name: 'configuration',
  codes: CONFIGURATION_CODES,
  rules: [configurationRule, podWaitingRule, optionalRule, downwardRule],
  levers: CONFIGURATION_LEVERS,
  remedies: {
    'configmap-missing': [useClosestExisting],
    'configmap-key-missing': [useClosestKey],
    'secret-missing': [useClosestExisting],
    'secret-key-missing': [useClosestKey],
    'service-account-missing': [useClosestExisting],
    'volume-claim-missing': [useClosestExisting],
  },
};
