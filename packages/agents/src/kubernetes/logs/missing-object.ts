import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import { nearNameOf } from '../configuration/configuration.ts';
import { existence, siblingId } from '../objects/existence.ts';
import { referringObjects } from '../objects/makers.ts';
import { objectsIn } from '../objects/objects.ts';
import { nameOf } from '../objects/pod-view.ts';
import { instantAt, textAt } from '../objects/read-object.ts';
import type { LogReading, SignDraft } from './log-reading.ts';

/** An object that a line says is not there. */
export interface MissingObject {
  readonly objectKind: string;
  readonly name: string;
  /** Where the line names it. */
  readonly namespace: string | undefined;
}

/** Kinds that a program or an operator is told of by name, and that do not come and go by themselves as pods do. */
const KINDS = [
  'ConfigMap',
  'CronJob',
  'DaemonSet',
  'Deployment',
  'Job',
  'PersistentVolumeClaim',
  'Secret',
  'ServiceAccount',
  'StatefulSet',
] as const;
const KIND_BY_WORD = new Map(KINDS.flatMap((kind) => [kind.toLowerCase(), `${kind.toLowerCase()}s`].map((word) => [word, kind] as const)));
const WORD = `(${[...KIND_BY_WORD.keys()].sort((a, b) => b.length - a.length).join('|')})(?:\\.[a-z0-9.-]+)?`;
const NAME = '["\'`]?((?:[a-z0-9-]+\\/)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)["\'`]?';
const PLACE = '(?: in (?:the )?namespace ["\'`]?([a-z0-9-]+)["\'`]?)?';
const GONE = "(?:(?:was|is|are|could) )?not (?:be )?(?:found|exist(?:ing)?)|does(?: not|n't) exist";
/** `secrets "db" not found`, `jobs.batch "schema" not found` (the API server), `Secret "db" not found`, `configmap shop/settings does not exist`. */
const PATTERNS: readonly RegExp[] = [
  new RegExp(`\\b${WORD} ${NAME}${PLACE},? (?:${GONE})`, 'i'),
  new RegExp(`(?:could not find|cannot find|can't find|unable to find|failed to find|no such) (?:the )?${WORD} ${NAME}${PLACE}`, 'i'),
  new RegExp(`(?:get(?:ting)?|fetch(?:ing)?|read(?:ing)?|load(?:ing)?) (?:the )?${WORD} ${NAME}${PLACE}[^\\n]{0,40}?: not found`, 'i'),
];
/** Words that stand where a name would, in lines that name nothing. */
const NO_NAME = /^(?:a|an|and|be|could|does|for|has|is|name|not|of|or|that|the|to|was|were|which|with)$/i;

/** The object that a line says does not exist; undefined where it names none. */
export function missingObjectIn(message: string): MissingObject | undefined {
  for (const pattern of PATTERNS) {
    const [, word, told, place] = pattern.exec(message) ?? [];
    const objectKind = KIND_BY_WORD.get((word ?? '').toLowerCase());
    if (objectKind === undefined || told === undefined) continue;
    const [name = '', space] = told.split('/').reverse();
    if (!NO_NAME.test(name)) return { objectKind, name, namespace: place ?? space };
  }
  return undefined;
}

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
