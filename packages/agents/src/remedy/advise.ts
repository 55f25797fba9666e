import type { Cause } from '@tier0/core';
import type { AdviceCase, Adviser } from './advice/advice-case.ts';
import { useClosestExisting } from './advice/closest-reference.ts';
import { handOver } from './advice/hand-over.ts';
import { restoreLastImage } from './advice/image.ts';
import { giveStartMoreTime, raiseCpu, raiseMemory } from './advice/resources.ts';
import { revertChange } from './advice/revert.ts';
import {
  allowDisruption,
  makeRolloutPossible,
  raiseMaximum,
  raiseQuota,
  scaleExistingTarget,
  scaleUp,
  uncordon,
} from './advice/scaling.ts';
import { correctProbe, correctSelector, correctTargetPort } from './advice/service.ts';
import type { Advice } from './advice.ts';

/** What is tried for a cause, best first. A cause without an entry is answered by taking the last change back, else by people. */
const ADVISERS: Partial<Record<Cause, readonly Adviser[]>> = {
  'image-not-found': [restoreLastImage],
  'image-pull-unauthorized': [restoreLastImage],
  'image-wrong-architecture': [restoreLastImage],
  'configmap-missing': [useClosestExisting],
  'secret-missing': [useClosestExisting],
  'service-account-missing': [useClosestExisting],
  'volume-claim-missing': [useClosestExisting],
  'storage-class-missing': [useClosestExisting],
  'service-missing': [useClosestExisting],
  'memory-limit-too-low': [raiseMemory],
  'cpu-limit-too-low': [raiseCpu],
  'startup-probe-too-short': [giveStartMoreTime],
  'liveness-probe-wrong': [correctProbe('livenessProbe')],
  'readiness-probe-wrong': [correctProbe('readinessProbe')],
  'service-selector-mismatch': [correctSelector],
  'service-target-port-wrong': [correctTargetPort],
  'scaled-to-zero': [scaleUp],
  'quota-exceeded': [raiseQuota],
  'autoscaler-at-maximum': [raiseMaximum],
  'autoscaler-target-missing': [scaleExistingTarget],
  'disruption-budget-blocks': [allowDisruption],
  'node-cordoned': [uncordon],
  'rollout-strategy-impossible': [makeRolloutPossible],
};

/** Ways to take a root cause away, best first; the last resort is people. Never empty. */
export function advise(adviceCase: AdviceCase): readonly Advice[] {
  const own = (ADVISERS[adviceCase.rootCause.cause] ?? []).flatMap((adviser) => adviser(adviceCase));
  const byEdits = new Map<string, Advice>();
  for (const one of [...own, ...revertChange(adviceCase)]) {
    const key = JSON.stringify(one.edits);
    if (!byEdits.has(key)) byEdits.set(key, one);
  }
  const advice = [...byEdits.values()];
  return advice.length > 0 ? advice : [handOver(adviceCase)];
}
