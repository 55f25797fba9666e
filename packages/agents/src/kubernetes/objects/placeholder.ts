import { type CmdbReader, readField } from '@tier0/core';
import { livePodsByWorkload, type PodView } from './pod-view.ts';
import { listAt, numberAt, textAt } from './read-object.ts';

/** Programs that do nothing but be there. */
const IDLE_IMAGE = /(?:^|[/-])pause(?:-[a-z0-9]+)?(?::|@|$)/;
const IDLE_COMMAND = /^\/?pause$|\bsleep (?:infinity|inf|\d{5,})\b|\btail -[fF] \/dev\/null\b/;

/** Ranked below everything that names no priority: whoever gave it that wants it displaced before anything else. */
function isExpendable({ object }: PodView): boolean {
  return (numberAt(object, 'spec', 'priority') ?? 0) < 0;
}

/** A pod that only keeps room for others, as overprovisioners make them: it is displaced by design, and waits for room by design. */
export function isPlaceholder(pod: PodView): boolean {
  const containers = listAt(pod.object, 'spec', 'containers');
  return isExpendable(pod) && containers.length > 0 && containers.every(isIdle);
}

function isIdle(container: unknown): boolean {
  const words = ['command', 'args'].flatMap((field) => listAt(container, field).map(String)).join(' ');
  const isCommanded = readField(container, ['command']) !== undefined;
  return isCommanded ? IDLE_COMMAND.test(words) : IDLE_IMAGE.test(textAt(container, 'image') ?? '');
}

/** A workload whose pods are all placeholders. */
export function keepsRoomOnly(reader: CmdbReader, workload: string): boolean {
  const pods = livePodsByWorkload(reader).get(workload) ?? [];
  return pods.length > 0 && pods.every(isPlaceholder);
}
