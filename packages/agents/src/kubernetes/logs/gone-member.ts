import { parseKubernetesItemId, readField } from '@tier0/core';
import { siblingId } from '../objects/existence.ts';
import { objectsIn } from '../objects/objects.ts';
import { nameOf, type PodView } from '../objects/pod-view.ts';
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
