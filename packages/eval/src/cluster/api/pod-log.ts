import { isJsonObject, type KubernetesObject, valueAt } from '../kubernetes-object.ts';
import { StatusError } from '../status-error.ts';

/** Text a container wrote; undefined when this source knows nothing about it. */
export type LogSource = (namespace: string, pod: string, container: string, previous: boolean) => string | undefined;

/**
 * The body of `pods/NAME/log`. `container`, `previous`, `tailLines` and `limitBytes` are honoured.
 * `follow`, `sinceSeconds`, `sinceTime` and `timestamps` are not: what is there is sent, then the answer ends.
 */
export function podLog(pod: KubernetesObject, query: URLSearchParams, sources: Iterable<LogSource>): string {
  const container = chosenContainer(pod, query.get('container'));
  const previous = query.get('previous') === 'true';
  const text = firstText(pod, { container, previous, sources });
  if (text === undefined) refuseWithoutLog(pod, container, previous);
  return limited(text ?? '', query);
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
  if (!Number.isInteger(count) || count < 0) throw new StatusError('Invalid', `PodLogOptions is invalid: ${name}: Invalid value: ${text}`);
  return count;
}

function lastLines(text: string, count: number): string {
  if (count === 0) return '';
  const ends = text.endsWith('\n');
  const lines = (ends ? text.slice(0, -1) : text).split('\n').slice(-count).join('\n');
  return ends ? `${lines}\n` : lines;
}
