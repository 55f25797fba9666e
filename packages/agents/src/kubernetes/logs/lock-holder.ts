import { parseKubernetesItemId } from '@tier0/core';
import { existence, siblingId } from '../objects/existence.ts';
import { nameOf, type PodView } from '../objects/pod-view.ts';
import { workloadOf } from '../objects/workload.ts';
import type { Words } from './last-words.ts';
import type { LogEntry } from './read-log.ts';

/** How programs say that another one has what only one may have. */
const HELD =
  /\b(?:lock|lease|leadership|mutex|leader)\b[^\n]{0,80}?\b(?:held|owned|taken|locked|acquired) by:? ["'`]?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?:_[0-9a-f-]+)?["'`]?/i;
/** The lease that they say they wait for. */
const LEASE = /\blease:? ["'`]?([a-z0-9-]+)\/([a-z0-9.-]*[a-z0-9])/i;
/** Said so often it is no moment between two leaders. */
const REPEATED = 3;

/** A program that waits for a lock whose holder is a pod that no longer exists; undefined where the holder may live, or nobody is named. */
export function lockHolder({ pod, entries }: { readonly pod: PodView; readonly entries: readonly LogEntry[] }): Words | undefined {
  const said = entries.filter(({ message }) => HELD.test(message));
  const entry = said.at(-1);
  const holder = HELD.exec(entry?.message ?? '')?.[1];
  if (entry === undefined || holder === undefined || said.length < REPEATED || hasAcquired(entries, entry)) return undefined;
  const lease = leaseOf(pod, entries);
  const what = lease === undefined ? 'a lock' : `lease ${nameOf(lease)}`;
  const stranger = otherWorkload(pod, holder);
  if (stranger !== undefined) {
    const told = `it waits for ${what}, which is held by ${holder}, a pod of ${nameOf(stranger)} and not of its own: both are told the same name of a lock`;
    return { draft: { code: 'T0-LOG-058', key: holder, text: told, suspects: [] }, entry, count: said.length };
  }
  if (!isGone(pod, holder)) return undefined;
  const subject = lease !== undefined && pod.reader.get(lease).state === 'found' ? { subject: lease } : {};
  const text = `it waits for ${what}, which is held by ${holder}; no pod of that name exists any more`;
  return { draft: { code: 'T0-LOG-048', ...subject, key: holder, text }, entry, count: said.length };
}

/** It has the lock by now, or has gone on to speak of other things. */
function hasAcquired(entries: readonly LogEntry[], entry: LogEntry): boolean {
  const after = entries.slice(entries.indexOf(entry) + 1);
  return (
    after.length > REPEATED ||
    after.some(({ message }) => /\bacquired\b|became (?:the )?leader|is (?:now )?(?:the )?leader|started leading/i.test(message))
  );
}

/** The workload of the holder, where that is another one than that of the pod. */
function otherWorkload(pod: PodView, holder: string): string | undefined {
  const id = siblingId(pod.id, 'Pod', holder);
  if (pod.reader.get(id).state !== 'found') return undefined;
  const owner = workloadOf(pod.reader, id);
  return owner === pod.workload ? undefined : owner;
}

/** Only what is called like a pod of the very workload is known to be one. */
function isGone(pod: PodView, holder: string): boolean {
  const isOurs = holder.startsWith(`${nameOf(pod.workload)}-`);
  const identity = parseKubernetesItemId(siblingId(pod.id, 'Pod', holder));
  return isOurs && identity !== undefined && existence(pod.reader, identity) === 'absent';
}

function leaseOf(pod: PodView, entries: readonly LogEntry[]): string | undefined {
  const [, namespace, name] = LEASE.exec(entries.findLast(({ message }) => LEASE.test(message))?.message ?? '') ?? [];
  return name === undefined ? undefined : siblingId(pod.id, 'Lease', name, namespace);
}
