import { devicePluginsOf, devicesNotOffered } from '../objects/device-plugin.ts';
import type { PodView } from '../objects/pod-view.ts';
import { ANNOUNCES_NOTHING, saidBy } from './facts.ts';
import type { Words } from './last-words.ts';
import { inQuotes } from './quote-lines.ts';
import type { LogEntry } from './read-log.ts';

/** Lines of a complaint that are quoted. */
const QUOTED = 3;

/**
 * Why a device plugin that runs announces no device that pods wait for: it has the trouble in its log from its start on, and stays ready. Undefined
 * where nobody waits for its devices, or a node offers them.
 */
export function announcesNothing({ pod, entries }: { readonly pod: PodView; readonly entries: readonly LogEntry[] }): Words | undefined {
  const resource = [...devicesNotOffered(pod.reader)].find((one) => devicePluginsOf(pod.reader, one).includes(pod.workload));
  const told = entries.filter(({ level }) => level === 'error' || level === 'fatal').slice(0, QUOTED);
  const [entry] = told;
  if (resource === undefined || entry === undefined) return undefined;
  const said = saidBy(ANNOUNCES_NOTHING, { resource, said: inQuotes(told) });
  return { draft: { code: 'T0-LOG-074', key: resource, ...said }, entry, count: 1 };
}
