import type { Matter } from '../../findings/matter.ts';
import { churnRule } from './churn.ts';
import { ROLLOUT_CODES } from './codes.ts';
import { controllerReplicasRule } from './controller-replicas.ts';
import { daemonsetRule } from './daemonset.ts';
import { deploymentRule } from './deployment.ts';
import { leftBehindRule } from './left-behind.ts';
import { ROLLOUT_LEVERS } from './levers.ts';
import { notReadyYetRule } from './not-ready-yet.ts';
import { notTakenUpRule } from './not-taken-up.ts';
import { bakeShorter, makeRolloutPossible, releasePartition } from './remedy.ts';
import { standsStillRule } from './stands-still.ts';
import { statefulsetRule } from './statefulset.ts';

/** How Deployments, StatefulSets and DaemonSets bring up what they shall. */
export const rolloutMatter: Matter = {
  name: 'rollout',
  codes: ROLLOUT_CODES,
  rules: [
    leftBehindRule,
    notTakenUpRule,
    deploymentRule,
    statefulsetRule,
    daemonsetRule,
    controllerReplicasRule,
    standsStillRule,
    churnRule,
    notReadyYetRule,
  ],
  levers: ROLLOUT_LEVERS,
  remedies: {
    'rollout-strategy-impossible': [bakeShorter, releasePartition, makeRolloutPossible],
  },
};
