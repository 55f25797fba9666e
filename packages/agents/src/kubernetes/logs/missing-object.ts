import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import { nearNameOf } from '../configuration/configuration.ts';
import { existence, siblingId } from '../objects/existence.ts';
import { referringObjects } from '../objects/makers.ts';
import type { MissingObject } from '../objects/missing-named.ts';
import { objectsIn } from '../objects/objects.ts';
import { nameOf } from '../objects/pod-view.ts';
import { instantAt, textAt } from '../objects/read-object.ts';
import type { LogReading, SignDraft } from './log-reading.ts';

const CODES: Readonly<Record<string, string>> = { Secret: 'T0-LOG-063', ConfigMap: 'T0-LOG-064', ServiceAccount: 'T0-LOG-065' };

/**
 * What a program says is not there, where the cluster agrees: in the namespace that it names, in that of the custom object that names it (an
 * operator speaks of what it works for), or in its own.
 */
export function missingObject(reading: LogReading, missing: MissingObject): readonly SignDraft[] {
  const { reader, id } = reading.pod;
  const { objectKind, name } = missing;
  const users = referringObjects(reader, name).filter(({ kind }) => kind !== objectKind);
  const own = parseKubernetesItemId(id)?.namespace;
  const spaces = missing.namespace === undefined ? [...users.map(({ namespace }) => namespace), own] : [missing.namespace];
  const items = [...new Set(spaces)].map((namespace) => siblingId(id, objectKind, name, namespace));
  if (items.some((item) => reader.get(item).state === 'found')) return [];
  // Where the kind was not read, the API server's answer to the program is all that is known.
  const absent = items.find((item) => isAbsent(reader, item)) ?? items[0];
  if (absent === undefined) return [];
  const { namespace } = parseKubernetesItemId(absent) ?? {};
  const asking = users.filter((user) => user.namespace === namespace).map(({ kind, name: user }) => `${kind} ${user}`);
  const near = nearNameOf(reader, absent);
  const text = `${objectKind} ${name}${namespace === own ? '' : ` of namespace ${namespace}`} does not exist${asking.length === 0 ? '' : `, which ${asking.join(', ')} names`}${near === undefined ? '' : `; ${objectKind} ${near} does`}${completed(reader, absent)}`;
  return [{ code: CODES[objectKind] ?? 'T0-LOG-066', subject: absent, key: '', text }];
}

/** A Job of which only its events are left was deleted after it had ended. */
function completed(reader: CmdbReader, item: string): string {
  const { kind, namespace = '', name } = parseKubernetesItemId(item) ?? {};
  // Nobody knows the uid of what is gone: its events are found by its name.
  const event = objectsIn(reader, 'Event', namespace).find(
    ({ object }) =>
      textAt(object, 'reason') === 'Completed' &&
      textAt(object, 'involvedObject', 'kind') === kind &&
      textAt(object, 'involvedObject', 'name') === name,
  );
  const endedMs = instantAt(event?.object, 'lastTimestamp');
  const at = endedMs === undefined ? '' : ` at ${new Date(endedMs).toISOString().slice(11, 16)} UTC`;
  return event === undefined ? '' : `; it completed${at} and was deleted since (ttlSecondsAfterFinished, or by hand)`;
}

function isAbsent(reader: CmdbReader, item: string): boolean {
  const identity = parseKubernetesItemId(item);
  return identity !== undefined && nameOf(item) !== '' && existence(reader, identity) === 'absent';
}
