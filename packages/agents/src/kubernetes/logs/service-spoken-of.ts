import { parseKubernetesItemId } from '@tier0/core';
import { objectsIn } from '../objects/objects.ts';
import type { LogReading } from './log-reading.ts';

/** Shorter words stand in too many lines. */
const WORD_LENGTH = 4;
/** Parts of names that say what anything is. */
const COMMON =
  /^(?:service|server|client|backend|frontend|public|internal|main|data|http|https|grpc|proxy|node|host|port|error|failed|request|response|status|time|timeout|connection|config|prod|stage|staging|test|live|team|apps?)$/;

/**
 * The one Service of its namespace that a program speaks of in its own words: `report service answered 504` of Service `reports`, `etcdserver: ...`
 * of Service `meta-etcd`. Its own is not meant; undefined where it may be several.
 */
export function serviceSpokenOf({ pod, message }: Pick<LogReading, 'pod' | 'message'>): string | undefined {
  const { namespace = '' } = parseKubernetesItemId(pod.id) ?? {};
  const own = new Set(pod.reader.relations(pod.id, 'in', 'selects').map(({ from }) => from));
  const said = wordsOf(message);
  const spoken = objectsIn(pod.reader, 'Service', namespace).filter(({ id, name }) => {
    const parts = wordsOf(name).filter((part) => !COMMON.test(part));
    return !own.has(id) && parts.some((part) => said.some((word) => word === part || word.startsWith(stemOf(part))));
  });
  const [service, ...others] = spoken;
  return others.length > 0 ? undefined : service?.id;
}

function wordsOf(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word.length >= WORD_LENGTH);
}

/** Without the ending of its plural. */
function stemOf(word: string): string {
  return word.length > WORD_LENGTH ? word.replace(/s$/, '') : word;
}
