import { type Cause, parseKubernetesItemId } from '@tier0/core';
import { clampToLimitRange, ignoreWebhook, satisfyPodSecurity, setRequiredResources } from './advice/admission.ts';
import type { AdviceCase, Adviser } from './advice/advice-case.ts';
import { correctSchedule, extendDeadline, replaceHangingRun } from './advice/batch.ts';
import { useClosestExisting } from './advice/closest-reference.ts';
import { restoreDeclared } from './advice/declared.ts';
import { releaseObject } from './advice/finalizer.ts';
import { returnToDeployedChart, returnToSyncedRevision } from './advice/gitops.ts';
import { handOver } from './advice/hand-over.ts';
import { addPullSecret, bindUsedAccount, grantVerb } from './advice/identity.ts';
import { restoreLastImage } from './advice/image.ts';
import { stopWaiting } from './advice/init-container.ts';
import { useClosestKey } from './advice/keys.ts';
import {
  allowConnection,
  correctDependencyPort,
  correctHostName,
  useExistingIngressClass,
  useExistingListener,
  useUnroutedService,
} from './advice/network.ts';
import {
  chooseArchitecture,
  giveUpHostPort,
  lowerRequests,
  preferAffinity,
  relaxNodeSelector,
  relaxSpread,
  tolerateTaint,
} from './advice/placement.ts';
import { giveStartMoreTime, raiseCpu, raiseEphemeralStorage, raiseMemory } from './advice/resources.ts';
import { revertChange } from './advice/revert.ts';
import {
  allowDisruption,
  makeRolloutPossible,
  raiseMaximum,
  raiseQuota,
  scaleByServedMetric,
  scaleExistingTarget,
  scaleUp,
  setScaledRequest,
  uncordon,
} from './advice/scaling.ts';
import { correctProbe, correctSelector, correctTargetPort } from './advice/service.ts';
import { enlargeClaim, recreatePods, useDefaultStorageClass, useProvenStorageClass } from './advice/storage.ts';
import type { Advice } from './advice.ts';

/** What is tried for a cause, best first. A cause without an entry is answered by taking the last change back, else by people. */
const ADVISERS: Partial<Record<Cause, readonly Adviser[]>> = {
  'image-not-found': [restoreLastImage],
  'image-pull-unauthorized': [addPullSecret, restoreLastImage],
  'image-registry-unreachable': [restoreLastImage],
  'image-wrong-architecture': [chooseArchitecture, restoreLastImage],
  'configmap-missing': [useClosestExisting],
  'configmap-key-missing': [useClosestKey],
  'secret-missing': [useClosestExisting],
  'secret-key-missing': [useClosestKey],
  'service-account-missing': [useClosestExisting],
  'volume-claim-missing': [useClosestExisting],
  'storage-class-missing': [useClosestExisting, useDefaultStorageClass],
  'volume-provisioning-failed': [useProvenStorageClass],
  'volume-attach-conflict': [recreatePods],
  'disk-full': [enlargeClaim],
  'ephemeral-storage-exhausted': [raiseEphemeralStorage],
  'memory-limit-too-low': [raiseMemory],
  'cpu-limit-too-low': [raiseCpu],
  'insufficient-node-capacity': [lowerRequests],
  'preempted-by-priority': [lowerRequests],
  'node-selector-unsatisfiable': [relaxNodeSelector, preferAffinity],
  'affinity-unsatisfiable': [preferAffinity],
  'topology-spread-unsatisfiable': [relaxSpread],
  'taint-not-tolerated': [tolerateTaint],
  'host-port-conflict': [giveUpHostPort],
  'quota-exceeded': [raiseQuota],
  'quota-requires-limits': [setRequiredResources],
  'limit-range-violation': [clampToLimitRange],
  'pod-security-rejected': [satisfyPodSecurity],
  'admission-webhook-down': [ignoreWebhook],
  'startup-probe-too-short': [giveStartMoreTime],
  'liveness-probe-wrong': [correctProbe('livenessProbe')],
  'readiness-probe-wrong': [correctProbe('readinessProbe')],
  'service-selector-mismatch': [correctSelector],
  'service-target-port-wrong': [correctTargetPort],
  'service-missing': [useClosestExisting, useUnroutedService, stopWaiting],
  'ingress-backend-missing': [useClosestExisting, useUnroutedService],
  'ingress-class-missing': [useExistingIngressClass],
  'route-parent-or-listener-wrong': [useExistingListener],
  'network-policy-blocks': [allowConnection],
  'dns-name-wrong': [correctHostName],
  'invalid-environment-value': [correctHostName, correctDependencyPort],
  'dependency-misconfigured': [correctDependencyPort, correctHostName],
  'rbac-missing-permission': [grantVerb],
  'rbac-binding-wrong': [bindUsedAccount],
  'scaled-to-zero': [scaleUp],
  'autoscaler-at-maximum': [raiseMaximum],
  'autoscaler-target-missing': [scaleExistingTarget],
  'autoscaler-missing-requests': [setScaledRequest],
  'autoscaler-metric-unavailable': [scaleByServedMetric],
  'disruption-budget-blocks': [allowDisruption],
  'rollout-strategy-impossible': [makeRolloutPossible],
  'node-cordoned': [uncordon, relaxSpread],
  'finalizer-stuck': [releaseObject],
  'job-deadline-exceeded': [extendDeadline],
  'cron-schedule-invalid': [correctSchedule],
  'cron-concurrency-blocks': [replaceHangingRun],
  'helm-upgrade-failed': [returnToDeployedChart],
  'gitops-render-failed': [returnToSyncedRevision],
  'gitops-apply-rejected': [returnToSyncedRevision],
};

/** Ways to take a root cause away, best first; the last resort is people. Never empty. */
export function advise(adviceCase: AdviceCase): readonly Advice[] {
  const [best = [], ...others] = (ADVISERS[adviceCase.rootCause.cause] ?? [])
    .map((adviser) => adviser(adviceCase))
    .filter((found) => found.length > 0);
  const byEdits = new Map<string, Advice>();
  for (const one of [
    ...best.slice(0, 1),
    ...revertChange(adviceCase),
    ...restoreDeclared(adviceCase),
    ...best.slice(1),
    ...others.flat(),
  ]) {
    const key = JSON.stringify(one.edits);
    if (!byEdits.has(key)) byEdits.set(key, withCare(one));
  }
  const advice = [...byEdits.values()];
  return advice.length > 0 ? advice : [handOver(adviceCase)];
}

/** What the whole cluster stands on is never touched lightly. */
function withCare(advice: Advice): Advice {
  const isSystem = advice.edits.some(({ item }) => /^kube-(system|public|node-lease)$/.test(parseKubernetesItemId(item)?.namespace ?? ''));
  return isSystem ? { ...advice, risk: 'high' } : advice;
}
