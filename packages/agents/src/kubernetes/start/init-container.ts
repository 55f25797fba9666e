import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import type { Rule } from '../../findings/rule.ts';
import { nearNameOf } from '../configuration/configuration.ts';
import { earlierCommand } from '../objects/command.ts';
import { existence } from '../objects/existence.ts';
import { hostNamesIn, hostPortsIn, serviceIdOf } from '../objects/host-name.ts';
import { patienceMs } from '../objects/patience.ts';
import { type ContainerView, containerFinding, containersOf, nameOf, podFinding, troubledPods } from '../objects/pod-view.ts';
import { instantAt, listAt, numberAt, textAt } from '../objects/read-object.ts';

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

function hanging(view: ContainerView): readonly FindingDraft[] {
  const startedMs = instantAt(view.status, 'state', 'running', 'startedAt');
  const { reader } = view.pod;
  const waitedMs = startedMs === undefined ? 0 : Date.parse(reader.at) - startedMs;
  if (startedMs === undefined || waitedMs < patienceMs('init-name')) return [];
  const texts = textsOf(view.spec);
  const hosts = hostNamesIn(texts);
  const services = hosts.flatMap((host) => serviceIdOf(view.pod.id, host) ?? []);
  const isWaiting = hosts.length > 0 || /\b(?:until|while|sleep|wait)/i.test(`${view.name} ${texts.join(' ')}`);
  const isLong = waitedMs >= patienceMs(isWaiting ? 'init-wait' : 'init-work');
  return [
    ...services.filter((id) => isAbsent(reader, id)).map((id) => awaitsWrongName(view, id, startedMs) ?? awaitsNobody(view, id, startedMs)),
    ...awaitsPort(view, texts, startedMs),
    ...(isLong ? [stillRunning(view, services, startedMs)] : []),
  ];
}

/** What no wait brings: the Service that it asks for is not there. */
function awaitsNobody(view: ContainerView, service: string, sinceMs: number): FindingDraft {
  return podFinding(view.pod, {
    code: 'T0-POD-022',
    subject: service,
    facts: { initContainer: view.name, service: nameOf(service) },
    sinceMs,
    paths: [[...view.specPath, 'command'], [...view.specPath, 'args'], view.statusPath],
  });
}

/** The Service that the revision before waited for, or one of nearly the same name, is there: the name is what is wrong. */
function awaitsWrongName(view: ContainerView, service: string, sinceMs: number): FindingDraft | undefined {
  const { reader } = view.pod;
  const before = hostNamesIn(textsOf(earlierCommand(view)?.container)).filter((host) => !hostNamesIn(textsOf(view.spec)).includes(host));
  const earlier = before.find((host) => reader.get(serviceIdOf(view.pod.id, host) ?? '').state === 'found');
  const near = nearNameOf(reader, service);
  if (earlier === undefined && near === undefined) return undefined;
  const meant = earlier === undefined ? { near } : { earlier };
  return containerFinding(view, {
    code: 'T0-POD-101',
    facts: { initContainer: view.name, service: nameOf(service), ...meant },
    sinceMs,
    paths: [[...view.specPath, 'command'], [...view.specPath, 'args'], view.statusPath],
  });
}

/** What no wait brings either: the Service is there and does not offer the port that it asks. */
function awaitsPort(view: ContainerView, texts: readonly string[], sinceMs: number): readonly FindingDraft[] {
  const wrong = hostPortsIn(texts).flatMap(({ host, port }) => {
    const service = serviceIdOf(view.pod.id, host);
    const offered = service === undefined ? [] : portsOffered(view.pod.reader.object(service));
    return service === undefined || offered.length === 0 || offered.includes(port) ? [] : [{ service, port, offered }];
  });
  const [first] = wrong;
  if (first === undefined) return [];
  const { service, port, offered } = first;
  return [
    containerFinding(view, {
      code: 'T0-POD-100',
      facts: { initContainer: view.name, service: nameOf(service), port, offered: offered.join(', ') },
      sinceMs,
      paths: [[...view.specPath, 'command'], [...view.specPath, 'args'], view.statusPath],
    }),
  ];
}

/** Ports of a Service; none of one that leads straight to its pods, which have ports of their own. */
function portsOffered(service: unknown): readonly number[] {
  const isDirect = textAt(service, 'spec', 'clusterIP') === 'None' || textAt(service, 'spec', 'type') === 'ExternalName';
  return isDirect ? [] : listAt(service, 'spec', 'ports').flatMap((entry) => numberAt(entry, 'port') ?? []);
}

function stillRunning(view: ContainerView, services: readonly string[], startedMs: number): FindingDraft {
  const minutes = Math.round((Date.parse(view.pod.reader.at) - startedMs) / 60_000);
  const awaited = services.length > 0 ? `, and names ${services.map(nameOf).join(', ')}` : '';
  return containerFinding(view, {
    code: 'T0-POD-021',
    message: `init container ${view.name} has been running for ${minutes} minutes${awaited}; the containers after it wait`,
    sinceMs: startedMs,
    suspects: services,
    paths: [view.statusPath, [...view.specPath, 'command']],
  });
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
