import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { Rule } from '../../findings/rule.ts';
import { type PodView, podFinding, podViews } from '../objects/pod-view.ts';
import { instantAt, textAt } from '../objects/read-object.ts';
import { tellingWords } from '../objects/telling-words.ts';

/** Pods that their node was given and did not let in: the kubelet's own admission, which runs after the scheduler's. */
export const kubeletRejectsRule: Rule = {
  name: 'kubelet-rejects',
  check: (reader) => podViews(reader).flatMap(rejection),
};

/** Reasons of the kubelet: what the pod wants is forbidden there, or is not there any more. */
const FORBIDDEN =
  /^(?:SysctlForbidden|AppArmor|PodOSNotSupported|PodOSSelectorNodeLabelDoesNotMatch|PodLevelResourcesNotAdmittedReason|ProcMount|SeccompNotSupported)$/;
const NO_ROOM = /^(?:OutOf\w+|UnexpectedAdmissionError|NodeAffinity|TopologyAffinityError|PodCountExceeded)$/;
/** What was rejected longer ago, and is tried no more, is history. */
const RECENT_MS = 3_600_000;

function rejection(pod: PodView): readonly FindingDraft[] {
  const reason = textAt(pod.object, 'status', 'reason') ?? '';
  const code = FORBIDDEN.test(reason) ? 'T0-POD-068' : NO_ROOM.test(reason) ? 'T0-POD-069' : undefined;
  const sinceMs = instantAt(pod.object, 'status', 'startTime') ?? instantAt(pod.object, 'metadata', 'creationTimestamp');
  if (code === undefined || textAt(pod.object, 'status', 'phase') !== 'Failed') return [];
  if (sinceMs === undefined || Date.parse(pod.reader.at) - sinceMs > RECENT_MS || isReplaced(pod)) return [];
  const said = tellingWords(textAt(pod.object, 'status', 'message') ?? reason);
  return [podFinding(pod, { code, key: reason, facts: { reason, said }, sinceMs, paths: [['status']] })];
}

/** Another pod of the workload runs, and came later: the node that refused this one was not the last word. */
function isReplaced(pod: PodView): boolean {
  const madeMs = instantAt(pod.object, 'metadata', 'creationTimestamp') ?? 0;
  return podViews(pod.reader).some(
    (other) =>
      other.workload === pod.workload &&
      /^(?:Running|Succeeded)$/.test(textAt(other.object, 'status', 'phase') ?? '') &&
      (instantAt(other.object, 'metadata', 'creationTimestamp') ?? 0) >= madeMs,
  );
}
