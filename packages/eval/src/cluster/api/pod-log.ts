import { isJsonObject, type KubernetesObject, valueAt } from '../kubernetes-object.ts';
import { StatusError } from '../status-error.ts';
import { timedLines } from './timed-lines.ts';

/** Text a container wrote; undefined when this source knows nothing about it. */
export type LogSource = (namespace: string, pod: string, container: string, previous: boolean) => string | undefined;

/** Where logs are found, and the clock that `sinceSeconds` counts back from (milliseconds since the epoch). */
export interface LogContext {
  readonly sources: Iterable<LogSource>;
  readonly now: number;
}

/**
 * The body of `pods/NAME/log`. `container`, `previous`, `sinceSeconds`, `sinceTime`, `timestamps`, `tailLines` and `limitBytes` are
 * honoured. `follow` is not: what is there is sent, then the answer ends.
 */
export function podLog(pod: KubernetesObject, query: URLSearchParams, { sources, now }: LogContext): string {
  const container = chosenContainer(pod, query.get('container'));
  const previous = query.get('previous') === 'true';
  const text = firstText(pod, { container, previous, sources });
  if (text === undefined) refuseWithoutLog(pod, container, previous);
  return limited(timed(text ?? '', { startedAt: startOf(pod, container, previous), query, now }), query);
}

/** When this run of the container began, as far as its status tells; else when the pod was created. ISO 8601. */
function startOf(pod: KubernetesObject, container: string, previous: boolean): string {
  const statuses = valueAt(pod, ['status', 'containerStatuses']);
  const status = Array.isArray(statuses) ? statuses.find((entry) => isJsonObject(entry) && entry.name === container) : undefined;
  const states = previous
    ? [['lastState', 'terminated']]
    : [
        ['state', 'running'],
        ['state', 'terminated'],
      ];
  const began = states.map((path) => valueAt(status, [...path, 'startedAt'])).find((at) => typeof at === 'string');
  return typeof began === 'string' ? began : (pod.metadata.creationTimestamp ?? '1970-01-01T00:00:00Z');
}

function timed(text: string, { startedAt, query, now }: { startedAt: string; query: URLSearchParams; now: number }): string {
  const since = sinceMs(query, now);
  const isStamped = query.get('timestamps') === 'true';
  if (since === undefined && !isStamped) return text;
  const kept = timedLines(text, startedAt).filter(({ at }) => since === undefined || Date.parse(at) >= since);
  return kept.map(({ at, line }) => (isStamped ? `${at} ${line}` : line)).join('');
}

function sinceMs(query: URLSearchParams, now: number): number | undefined {
  const seconds = countOf(query, 'sinceSeconds');
  const time = query.get('sinceTime') ?? '';
  if (seconds !== undefined && time !== '')
    throw invalidOption('sinceSeconds', 'at most one of `sinceTime` or `sinceSeconds` may be specified');
  if (seconds === 0) throw invalidOption('sinceSeconds', 'Invalid value: 0: must be greater than 0');
  if (seconds !== undefined) return now - seconds * 1000;
  if (time === '') return undefined;
  if (Number.isNaN(Date.parse(time))) throw invalidOption('sinceTime', `Invalid value: ${time}`);
  return Date.parse(time);
}

function firstText(
  pod: KubernetesObject,
  { container, previous, sources }: { readonly container: string; readonly previous: boolean; readonly sources: Iterable<LogSource> },
): string | undefined {
  for (const source of sources) {
    const text = source(pod.metadata.namespace ?? 'default', pod.metadata.name, container, previous);
    if (text !== undefined) return text;
  }
  return undefined;
}

function chosenContainer(pod: KubernetesObject, asked: string | null): string {
  const names = namesAt(pod, 'containers');
  const all = [...names, ...namesAt(pod, 'initContainers'), ...namesAt(pod, 'ephemeralContainers')];
  if (asked !== null && asked !== '') {
    if (!all.includes(asked)) throw new StatusError('BadRequest', `container ${asked} is not valid for pod ${pod.metadata.name}`);
    return asked;
  }
  if (names.length === 1) return names[0]!;
  throw new StatusError('BadRequest', `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${all.join(' ')}]`);
}

function namesAt(pod: KubernetesObject, list: string): readonly string[] {
  const containers = valueAt(pod, ['spec', list]);
  return Array.isArray(containers) ? containers.filter(isJsonObject).map((container) => String(container.name)) : [];
}

function refuseWithoutLog(pod: KubernetesObject, container: string, previous: boolean): void {
  const name = pod.metadata.name;
  if (previous) throw new StatusError('BadRequest', `previous terminated container "${container}" in pod "${name}" not found`);
  const statuses = valueAt(pod, ['status', 'containerStatuses']);
  const status = Array.isArray(statuses) ? statuses.find((entry) => isJsonObject(entry) && entry.name === container) : undefined;
  const waiting = valueAt(status, ['state', 'waiting', 'reason']);
  if (typeof waiting !== 'string' || waiting === 'CrashLoopBackOff') return;
  const why = /Image|ErrImage/.test(waiting) ? 'trying and failing to pull image' : waiting;
  throw new StatusError('BadRequest', `container "${container}" in pod "${name}" is waiting to start: ${why}`);
}

function limited(text: string, query: URLSearchParams): string {
  const tail = countOf(query, 'tailLines');
  const bytes = countOf(query, 'limitBytes');
  const lines = tail === undefined ? text : lastLines(text, tail);
  return bytes === undefined ? lines : Buffer.from(lines).subarray(0, bytes).toString('utf8');
}

function countOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0) throw invalidOption(name, `Invalid value: ${text}`);
  return count;
}

function invalidOption(name: string, why: string): StatusError {
  return new StatusError('Invalid', `PodLogOptions is invalid: ${name}: ${why}`);
}

function lastLines(text: string, count: number): string {
  if (count === 0) return '';
  const ends = text.endsWith('\n');
  const lines = (ends ? text.slice(0, -1) : text).split('\n').slice(-count).join('\n');
  return ends ? `${lines}\n` : lines;
}
