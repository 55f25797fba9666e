import type { CmdbReader } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { circlesOf } from '../objects/circles.ts';
import { hostNamesIn, serviceIdOf } from '../objects/host-name.ts';
import { patienceMs } from '../objects/patience.ts';
import { type ContainerView, containersOf, nameOf, troubledPods } from '../objects/pod-view.ts';
import { instantAt, listAt, textAt } from '../objects/read-object.ts';
import { workloadOf } from '../objects/workload.ts';

/** Workloads whose init containers wait for each other in a circle: no wait ends it. */
export const initCircleRule: Rule = {
  name: 'init-circle',
  check: (reader) => {
    const waits = troubledPods(reader).flatMap((pod) =>
      containersOf(pod)
        .filter(isWaiting)
        .map((view) => waitOf(reader, view)),
    );
    const edges = new Map<string, Set<string>>();
    for (const { from, to } of waits) edges.set(from, new Set([...(edges.get(from) ?? []), ...to]));
    return circlesOf(edges).map((circle) => toDraft(reader, circle, waits));
  },
};

interface Wait {
  readonly view: ContainerView;
  readonly from: string;
  /** Workloads behind the Services that its command and variables name. */
  readonly to: readonly string[];
}

function isWaiting({ isInit, status, pod }: ContainerView): boolean {
  const startedMs = instantAt(status, 'state', 'running', 'startedAt');
  return isInit && startedMs !== undefined && Date.parse(pod.reader.at) - startedMs >= patienceMs('init-name');
}

function waitOf(reader: CmdbReader, view: ContainerView): Wait {
  const words = ['command', 'args'].map((field) => listAt(view.spec, field).map(String).join(' '));
  const values = listAt(view.spec, 'env').flatMap((entry) => textAt(entry, 'value') ?? []);
  const services = hostNamesIn([...words, ...values]).flatMap((host) => serviceIdOf(view.pod.id, host) ?? []);
  const pods = services.flatMap((service) => reader.relations(service, 'out', 'selects').map(({ to }) => to));
  return { view, from: view.pod.workload, to: [...new Set(pods.map((pod) => workloadOf(reader, pod)))] };
}

function toDraft(reader: CmdbReader, circle: readonly string[], waits: readonly Wait[]): FindingDraft {
  const [subject = '', ...others] = circle;
  const own = waits.filter(({ from }) => circle.includes(from));
  const names = circle.map(nameOf);
  return {
    code: 'T0-POD-084',
    subject,
    key: circle.join(),
    message: `${names.slice(0, -1).join(', ')} and ${names.at(-1)} wait for each other in a circle: ${own.map(({ view, to }) => `init container ${view.name} of ${nameOf(view.pod.workload)} waits for ${to.map(nameOf).join(', ')}`).join('; ')}`,
    sinceMs: Math.min(...own.map(({ view }) => instantAt(view.status, 'state', 'running', 'startedAt') ?? Date.parse(reader.at))),
    evidence: own.map(({ view }) => quote(reader, view.pod.id, [...view.specPath, 'command'])),
    seenOn: others,
  };
}
