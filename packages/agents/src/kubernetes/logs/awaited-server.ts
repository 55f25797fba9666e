import { hostPortsIn } from '../objects/host-name.ts';
import type { PodView } from '../objects/pod-view.ts';
import type { Words } from './last-words.ts';
import { refused } from './log-dependency.ts';
import type { LogReading } from './log-reading.ts';
import { isJustNow, shapeOf } from './pace.ts';
import type { LogEntry } from './read-log.ts';

/** Said so often it is waited for. */
const REPEATED = 3;
/** Who says so many other things since waits no more. */
const GOES_ON = 4;
const WAITS =
  /\b(?:wait(?:s|ed|ing)?|not (?:yet )?(?:up|ready|reachable|available|there)|unavailable|try(?:ing)?|attempt(?:s|ing)?|sleep(?:ing)?|retry(?:ing)?)\b/i;
/** What a server that is there and has the port may need is time. */
const NEEDS_TIME: ReadonlySet<string> = new Set(['T0-LOG-016', 'T0-LOG-017']);

interface Waiting {
  readonly pod: PodView;
  readonly container: string;
  readonly entries: readonly LogEntry[];
}

/**
 * A container that says again and again, until now, that it waits for a host and a port which no wait brings: there is no such Service, it has
 * other ports, or nobody stands behind it. Who waits seldom calls it an error. Undefined where it may only need time.
 */
export function awaitedServer({ pod, container, entries }: Waiting): Words | undefined {
  const entry = entries.findLast(({ message }) => WAITS.test(message) && hostPortsIn([message]).length > 0);
  const [asked] = entry === undefined ? [] : hostPortsIn([entry.message]);
  if (entry === undefined || asked === undefined || !isJustNow(pod, entries, entry)) return undefined;
  if (entries.length - entries.indexOf(entry) > GOES_ON) return undefined;
  const count = entries.filter(({ message }) => shapeOf(message) === shapeOf(entry.message)).length;
  if (count < REPEATED) return undefined;
  const reading: LogReading = { pod, container, message: entry.message };
  const [draft] = refused(reading, asked.host, asked.port).filter(({ code }) => !NEEDS_TIME.has(code));
  return draft === undefined ? undefined : { draft, entry, count };
}
