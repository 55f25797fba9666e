import { parseKubernetesItemId, readField } from '@tier0/core';
import { earlierCommand } from '../objects/command.ts';
import { siblingId } from '../objects/existence.ts';
import { objectsIn } from '../objects/objects.ts';
import { containersOf, nameOf, type PodView, podViews } from '../objects/pod-view.ts';
import { numberAt, textAt } from '../objects/read-object.ts';
import type { SignDraft } from './log-reading.ts';

/** The name of a member that its set no longer has, or never had: `cache-2.cache` of a set of two. undefined where the member should be there. */
export function goneMember(
  { reader }: PodView,
  { host, service }: { readonly host: string; readonly service: string },
): SignDraft | undefined {
  const [, set, ordinal] = /^([a-z0-9-]+)-(\d+)$/.exec(host.split('.')[0] ?? '') ?? [];
  const { namespace = '' } = parseKubernetesItemId(service) ?? {};
  const found = objectsIn(reader, 'StatefulSet', namespace).find(
    ({ name, object }) => name === set && textAt(object, 'spec', 'serviceName') === nameOf(service),
  );
  if (found === undefined || ordinal === undefined) return undefined;
  const replicas = numberAt(found.object, 'spec', 'replicas') ?? 1;
  const first = numberAt(found.object, 'spec', 'ordinals', 'start') ?? 0;
  const isMember = Number(ordinal) >= first && Number(ordinal) < first + replicas;
  const member = siblingId(service, 'Pod', `${set}-${ordinal}`, namespace);
  if (isMember || readField(reader.object(member), ['metadata', 'name']) !== undefined) return undefined;
  const text = `the name ${host} leads nowhere: StatefulSet ${set} has ${replicas} replicas, so there is no pod ${set}-${ordinal}`;
  return { code: 'T0-LOG-068', subject: found.id, key: `${set}-${ordinal}`, text };
}

/**
 * `leader.quorum`, where `quorum` is a headless Service of the namespace and no pod behind it bears this name: pods do so by their `hostname` and
 * `subdomain`, which the last revision of one of them gave up. undefined where none did.
 */
export function lostSubdomain({ reader, id }: PodView, host: string): SignDraft | undefined {
  const [name, subdomain] = host.split('.');
  const service = siblingId(id, 'Service', subdomain ?? '');
  if (name === undefined || textAt(reader.object(service), 'spec', 'clusterIP') !== 'None') return undefined;
  const selected = new Set(reader.relations(service, 'out', 'selects').map(({ to }) => to));
  for (const pod of podViews(reader).filter((one) => selected.has(one.id))) {
    const now = readField(pod.object, ['spec', 'subdomain']);
    const before = containersOf(pod).flatMap((view) => earlierCommand(view)?.podSpecs.earlier ?? [])[0];
    if (now === subdomain || textAt(before, 'subdomain') !== subdomain) continue;
    const text = `the name ${host} leads nowhere: pods bear names below Service ${subdomain} by their subdomain, which the last revision of ${nameOf(pod.workload)} gave up`;
    return { code: 'T0-LOG-068', subject: pod.workload, key: host, text };
  }
  return undefined;
}
