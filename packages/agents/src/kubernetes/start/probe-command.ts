import { readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { Rule } from '../../findings/rule.ts';
import { eventsAbout } from '../objects/events.ts';
import { type ContainerView, containerFinding, containersOf, livePods } from '../objects/pod-view.ts';
import { listAt } from '../objects/read-object.ts';

/** Probes whose command the container does not have: neither an answer nor a failure, so the kubelet acts on nothing. */
export const probeCommandRule: Rule = {
  name: 'probe-command',
  check: (reader) =>
    livePods(reader)
      .filter((pod) => eventsAbout(reader, pod.id).some(({ message }) => NOT_THERE.test(message)))
      .flatMap((pod) => containersOf(pod).flatMap(missingCommand)),
};

const NOT_THERE =
  /(liveness|readiness|startup) probe errored[\s\S]*exec: "([^"]+)": (?:executable file not found|stat [^:]*: no such file)/i;
/** One try may meet a container that is being made; the second is none. */
const OFTEN = 2;

function missingCommand(view: ContainerView): readonly FindingDraft[] {
  return (['startupProbe', 'livenessProbe', 'readinessProbe'] as const).flatMap((name) => {
    const [command] = listAt(view.spec, name, 'exec', 'command');
    const told = eventsAbout(view.pod.reader, view.pod.id).flatMap(({ message, count, firstMs }) => {
      const [, kind, missing] = NOT_THERE.exec(message) ?? [];
      return kind?.toLowerCase() === name.replace('Probe', '') && missing === command ? [{ count, firstMs }] : [];
    });
    if (readField(view.spec, [name]) === undefined || told.reduce((sum, { count }) => sum + count, 0) < OFTEN) return [];
    const sinceMs = Math.min(...told.map(({ firstMs }) => firstMs ?? Number.POSITIVE_INFINITY));
    return [
      containerFinding(view, {
        code: name === 'livenessProbe' ? 'T0-POD-048' : 'T0-POD-049',
        key: name,
        facts: { probe: name, container: view.name, command: String(command) },
        ...(Number.isFinite(sinceMs) ? { sinceMs } : {}),
        paths: [[...view.specPath, name]],
      }),
    ];
  });
}
