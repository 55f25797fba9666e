import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { Rule } from '../../findings/rule.ts';
import { existence } from '../objects/existence.ts';
import { hostNamesIn, serviceIdOf } from '../objects/host-name.ts';
import { type ContainerView, containerFinding, containersOf, nameOf, podFinding, troubledPods } from '../objects/pod-view.ts';
import { instantAt, listAt, textAt } from '../objects/read-object.ts';

/** Init containers that run longer than is plausible: everything behind them waits. */
export const initContainerRule: Rule = {
  name: 'init-container',
  check: (reader) =>
    troubledPods(reader).flatMap((pod) =>
      containersOf(pod)
        .filter((view) => view.isInit)
        .flatMap(hanging),
    ),
};

/** What an init container waits for is mostly there in this time. */
const WAITING_MS = 5 * 60_000;
/** Copying, migrating and restoring may take longer. */
const WORKING_MS = 20 * 60_000;

function hanging(view: ContainerView): readonly FindingDraft[] {
  const startedMs = instantAt(view.status, 'state', 'running', 'startedAt');
  const { reader } = view.pod;
  if (startedMs === undefined || Date.parse(reader.at) - startedMs < WAITING_MS) return [];
  const texts = textsOf(view.spec);
  const hosts = hostNamesIn(texts);
  const isWaiting = hosts.length > 0 || /\b(?:until|while|sleep|wait)/i.test(`${view.name} ${texts.join(' ')}`);
  if (!isWaiting && Date.parse(reader.at) - startedMs < WORKING_MS) return [];
  const services = hosts.flatMap((host) => serviceIdOf(view.pod.id, host) ?? []);
  const missing = services.filter((id) => isAbsent(reader, id));
  const minutes = Math.round((Date.parse(reader.at) - startedMs) / 60_000);
  const awaited = services.length > 0 ? `, and names ${services.map(nameOf).join(', ')}` : '';
  return [
    ...missing.map((id) =>
      podFinding(view.pod, {
        code: 'T0-POD-022',
        subject: id,
        facts: { initContainer: view.name, service: nameOf(id) },
        sinceMs: startedMs,
        paths: [[...view.specPath, 'command'], [...view.specPath, 'args'], view.statusPath],
      }),
    ),
    containerFinding(view, {
      code: 'T0-POD-021',
      message: `init container ${view.name} has been running for ${minutes} minutes${awaited}; the containers after it wait`,
      sinceMs: startedMs,
      suspects: services,
      paths: [view.statusPath, [...view.specPath, 'command']],
    }),
  ];
}

function isAbsent(reader: CmdbReader, id: string): boolean {
  const identity = parseKubernetesItemId(id);
  return identity !== undefined && existence(reader, identity) === 'absent';
}

/** Command, arguments and plain variables of a container, as texts. */
function textsOf(container: unknown): readonly string[] {
  const words = ['command', 'args'].map((field) => listAt(container, field).map(String).join(' '));
  const values = listAt(container, 'env').flatMap((entry) => textAt(entry, 'value') ?? []);
  return [...words, ...values];
}
