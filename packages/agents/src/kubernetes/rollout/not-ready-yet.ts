import type { CmdbReader } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { isPlaceholder } from '../objects/placeholder.ts';
import { ageMs, containersOf, eventMessages, isUp, livePodsByWorkload, nameOf, type PodView, waitingOf } from '../objects/pod-view.ts';
import { conditionOf, instantAt, listAt, textAt } from '../objects/read-object.ts';
import { isStandby } from '../objects/standby.ts';
import { tellingWords } from '../objects/telling-words.ts';

/** Pods that are not ready yet are told at once: silence would call them well. It accuses nobody. */
export const notReadyYetRule: Rule = {
  name: 'not-ready-yet',
  check: (reader) => [...livePodsByWorkload(reader)].flatMap(([workload, pods]) => notReady(reader, workload, pods)),
};

/** A pod of this age may not even have been seen by its node. */
const SEEN_MS = 10_000;

function notReady(reader: CmdbReader, workload: string, pods: readonly PodView[]): readonly FindingDraft[] {
  if (pods.every((pod) => isUp(pod.object) || isPlaceholder(pod))) return [];
  const waiting = pods.filter((pod) => !isUp(pod.object) && (ageMs(pod) ?? SEEN_MS) >= SEEN_MS && !isStandby(pod));
  const first = waiting[0];
  if (first === undefined) return [];
  const sinceMs = Math.min(...waiting.map(sinceOf));
  const seconds = Number.isFinite(sinceMs) ? `, for ${Math.max(0, Math.round((Date.parse(reader.at) - sinceMs) / 1000))} s` : '';
  const message = `${nameOf(workload)}: ${waiting.length} of ${pods.length} pods ${waiting.length === 1 ? 'is' : 'are'} not ready yet${seconds}: ${reasonOf(first)}`;
  return [
    {
      code: 'T0-POD-040',
      subject: workload,
      message,
      sinceMs: Number.isFinite(sinceMs) ? sinceMs : undefined,
      evidence: [quote(reader, first.id, ['status', 'conditions'])],
    },
  ];
}

function sinceOf({ object }: PodView): number {
  const changed = instantAt(conditionOf(object, 'Ready'), 'lastTransitionTime');
  return changed ?? instantAt(object, 'metadata', 'creationTimestamp') ?? Number.POSITIVE_INFINITY;
}

/** What a pod waits for, in the words of the one who knows best. */
function reasonOf(pod: PodView): string {
  const scheduled = conditionOf(pod.object, 'PodScheduled');
  if (textAt(scheduled, 'status') === 'False') return tellingWords(textAt(scheduled, 'message') ?? 'no node has taken it');
  const told = tellingWords(
    eventMessages(pod, /^(?:Failed|FailedMount|FailedAttachVolume|FailedCreatePodSandBox|Unhealthy|BackOff)$/)[0] ?? '',
  );
  const waits = containersOf(pod)
    .map((view) => ({ name: view.name, ...waitingOf(view) }))
    .find(({ reason }) => reason !== '');
  if (told !== '') return told;
  if (waits !== undefined) return `container ${waits.name} waits: ${tellingWords(waits.message) || waits.reason}`;
  const isInit = listAt(pod.object, 'status', 'initContainerStatuses').some(
    (status) => textAt(status, 'state', 'running', 'startedAt') !== undefined,
  );
  return isInit ? 'an init container is still running' : 'its containers run and are not ready';
}
