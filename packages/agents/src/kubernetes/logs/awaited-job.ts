import { type CmdbReader, parseKubernetesItemId, readField } from '@tier0/core';
import { missingObjectIn } from '../objects/missing-named.ts';
import { type HeldObject, objectsIn } from '../objects/objects.ts';
import type { PodView } from '../objects/pod-view.ts';
import { conditionOf, numberAt, textAt } from '../objects/read-object.ts';
import { workloadOf } from '../objects/workload.ts';
import type { Words } from './last-words.ts';
import type { SignDraft } from './log-reading.ts';
import { missingObject } from './missing-object.ts';
import type { LogEntry } from './read-log.ts';

/** Said so often it is waited for. */
const REPEATED = 3;

interface Waiting {
  readonly pod: PodView;
  readonly container: string;
  readonly entries: readonly LogEntry[];
  /** Items that something is wrong with. */
  readonly faulty: ReadonlySet<string>;
}

/** A container that says again and again, until now, the name of a Job that never completes; undefined where there is none such. */
export function awaitedJob({ pod, container, entries, faulty }: Waiting): Words | undefined {
  const entry = entries.at(-1);
  const { namespace = '' } = parseKubernetesItemId(pod.id) ?? {};
  if (entry === undefined) return undefined;
  const longestFirst = objectsIn(pod.reader, 'Job', namespace).toSorted((a, b) => b.name.length - a.name.length);
  const job = longestFirst.find(({ id, name }) => names(entry.message, name) && workloadOf(pod.reader, id) !== pod.workload);
  if (job === undefined) return absentJob({ pod, container, entries, entry });
  const draft = draftOf(pod.reader, job, faulty);
  const count = entries.filter(({ message }) => names(message, job.name)).length;
  return draft === undefined || count < REPEATED ? undefined : { draft, entry, count };
}

function names(message: string, name: string): boolean {
  return new RegExp(`(?:^|[^\\w-])${name.replace(/[.]/g, '\\.')}(?![\\w-])`).test(message);
}

/** Why the Job never completes, or what hinders it; undefined for one that is done, or that is at work. */
function draftOf(reader: CmdbReader, { id, name, object }: HeldObject, faulty: ReadonlySet<string>): SignDraft | undefined {
  const says = (type: string) => textAt(conditionOf(object, type), 'status') === 'True';
  if (says('Complete') || says('SuccessCriteriaMet')) return undefined;
  const text = `it waits for Job ${name}, which`;
  if (readField(object, ['spec', 'suspend']) === true) return { code: 'T0-LOG-059', subject: id, text: `${text} is suspended` };
  if (numberAt(object, 'spec', 'parallelism') === 0 && (numberAt(object, 'status', 'active') ?? 0) === 0)
    return { code: 'T0-LOG-059', subject: id, text: `${text} runs no pod: its parallelism is 0` };
  const workload = workloadOf(reader, id);
  const troubled = [id, workload].filter((item) => faulty.has(item));
  if (says('Failed')) return { code: 'T0-LOG-067', key: id, text: `${text} has failed`, suspects: [id, workload] };
  return troubled.length === 0 ? undefined : { code: 'T0-LOG-067', key: id, text: `${text} has not completed`, suspects: troubled };
}

/** A Job that the line says is not there, whatever its level: who waits seldom calls it an error. */
function absentJob({ pod, container, entries, entry }: Omit<Waiting, 'faulty'> & { readonly entry: LogEntry }): Words | undefined {
  const missing = missingObjectIn(entry.message.replaceAll('\\"', '"'));
  if (missing === undefined) return undefined;
  const reading = { pod, container, message: entry.message };
  const count = entries.filter(({ message }) => names(message, missing.name)).length;
  const [draft] = count < REPEATED ? [] : missingObject(reading, missing);
  return draft === undefined ? undefined : { draft, entry, count };
}
