import { parseKubernetesItemId, readField } from '@tier0/core';
import { objectsIn } from '../objects/objects.ts';
import type { PodView } from '../objects/pod-view.ts';
import type { Words } from './last-words.ts';
import type { LogEntry } from './read-log.ts';

/** Said so often it is waited for. */
const REPEATED = 3;

/** A container that says again and again the name of a Job which is suspended; undefined where there is none such. */
export function awaitedJob({ pod, entries }: { readonly pod: PodView; readonly entries: readonly LogEntry[] }): Words | undefined {
  const entry = entries.at(-1);
  const { namespace = '' } = parseKubernetesItemId(pod.id) ?? {};
  const suspended = objectsIn(pod.reader, 'Job', namespace).filter(({ object }) => readField(object, ['spec', 'suspend']) === true);
  if (entry === undefined || suspended.length === 0) return undefined;
  const names = (message: string, name: string) => new RegExp(`(?:^|[^\\w-])${name.replace(/[.]/g, '\\.')}(?![\\w-])`).test(message);
  const job = suspended.find(({ name }) => names(entry.message, name));
  const count = job === undefined ? 0 : entries.filter(({ message }) => names(message, job.name)).length;
  if (job === undefined || count < REPEATED) return undefined;
  return { draft: { code: 'T0-LOG-059', subject: job.id, text: `it waits for Job ${job.name}, which is suspended` }, entry, count };
}
