import { configurationRule } from './configuration.ts';
import { deploymentRule } from './deployment.ts';
import { podRule } from './pod.ts';
import { replicasetRule } from './replicaset.ts';
import type { Rule } from './rule.ts';
import { serviceRule } from './service.ts';

/** Every rule, in the order they run. */
export const DEFAULT_RULES: readonly Rule[] = [podRule, deploymentRule, replicasetRule, configurationRule, serviceRule];
