import { type CmdbReader, readField } from '@tier0/core';
import { nameOf, type PodView, podViews } from '../objects/pod-view.ts';
import { instantAt, listAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { writtenMs } from '../objects/written.ts';
import { secretOf } from './log-file.ts';
import { type LogReading, type SignDraft, specOf } from './log-reading.ts';
import { serverOf } from './server-answer.ts';

/** A user or a password that is refused; where the Secret was changed after the program was started, that is why. */
export function credentialsRefused(reading: LogReading, user: string): SignDraft {
  const text = `its credentials are refused${user === '' ? '' : ` (user ${user})`}`;
  const { subject } = secretOf(reading);
  const stale = subject === undefined ? undefined : staleSecret(reading, subject);
  if (subject !== undefined && stale !== undefined) return { code: 'T0-LOG-029', subject, key: subject, text: `${text}: ${stale}` };
  return { code: 'T0-LOG-007', ...(subject === undefined ? {} : { subject }), text };
}

/** Variables are read at the start only; a Secret that was changed since, or that the server read later, is not the one the program knows. */
function staleSecret(reading: LogReading, secret: string): string | undefined {
  const { pod, container } = reading;
  const startedMs = startOf(pod, container);
  const isVariable = listAt(specOf(reading), 'env').some((entry) => textAt(entry, 'valueFrom', 'secretKeyRef', 'name') === nameOf(secret));
  if (startedMs === undefined || !isVariable) return undefined;
  const name = `Secret ${nameOf(secret)}`;
  if (writtenMs(pod.reader.object(secret)) > startedMs)
    return `${name} was changed after the program was started, and it still has the old value`;
  const server = serverOf(reading);
  const later = server === undefined ? undefined : laterReader(pod.reader, { server, secret, startedMs });
  return later === undefined
    ? undefined
    : `${nameOf(later)}, which reads ${name} too, was started after it, so it may still have an old value`;
}

/** A pod behind the Service that reads the same Secret and was started later. */
function laterReader(
  reader: CmdbReader,
  { server, secret, startedMs }: { readonly server: string; readonly secret: string; readonly startedMs: number },
): string | undefined {
  const views = new Map(podViews(reader).map((pod) => [pod.id, pod]));
  const pods = reader.relations(server, 'out', 'selects').flatMap(({ to }) => views.get(to) ?? []);
  const later = pods.find(
    (pod) =>
      referencesOf(readField(pod.object, ['spec'])).some(({ kind, name }) => kind === 'Secret' && name === nameOf(secret)) &&
      (startOf(pod) ?? 0) > startedMs,
  );
  return later?.workload;
}

/** When a container of a pod was started; the first of them where none is named. */
function startOf({ object }: PodView, container?: string): number | undefined {
  const statuses = listAt(object, 'status', 'containerStatuses');
  const status = container === undefined ? statuses[0] : statuses.find((entry) => textAt(entry, 'name') === container);
  return instantAt(status, 'state', 'running', 'startedAt');
}
