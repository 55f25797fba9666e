import { type Cause, type CmdbReader, type FieldPath, type Finding, formatFieldPath, parseKubernetesItemId, readField } from '@tier0/core';

/**
 * A field on whose value a cause depends: an edit that leaves all of them as they are cannot take the cause away, whatever a copy of the
 * cluster shows. Written as where it stands and a path; a path stands for everything below it:
 * - `container:image`: of the container that the finding is about (of any, where it names none), init containers included;
 * - `pod:volumes`: of the pod template;
 * - `workload:spec.replicas`: of an object that holds a pod template;
 * - `Service:spec.selector`: of an object of that kind.
 */
export type Lever = `${string}:${string}`;

/** What each cause depends on. */
export type Levers = Readonly<Partial<Record<Cause, readonly Lever[]>>>;

/** What an edit does to one field. */
export interface FieldChange {
  readonly item: string;
  readonly path: FieldPath;
}

const WORKLOADS: ReadonlySet<string> = new Set([
  'CronJob',
  'DaemonSet',
  'Deployment',
  'DeploymentConfig',
  'Job',
  'Pod',
  'ReplicaSet',
  'ReplicationController',
  'Rollout',
  'StatefulSet',
]);

/** What is asked of one change: is it one that the finding's cause depends on? */
export interface LeverQuestion {
  readonly finding: Finding;
  readonly levers: readonly Lever[];
  readonly before: CmdbReader;
  readonly after: CmdbReader;
}

/** Whether a change moves one of the levers of a finding's cause, on an object that the finding is about. */
export function movesLever(change: FieldChange, question: LeverQuestion): boolean {
  if (!isConcerned(change.item, question)) return false;
  const { kind = '' } = parseKubernetesItemId(change.item) ?? {};
  return question.levers.some((lever) => placesOf(lever, change.item, kind, question).some((place) => touches(change, place, question)));
}

/** The subject, what the finding names or was seen on, and what stands next to those. */
function isConcerned(item: string, { finding, before, after }: LeverQuestion): boolean {
  const told = finding.evidence.map(({ query }) => query.split(' ')[0] ?? '').filter((query) => query.startsWith('kubernetes:'));
  const named = new Set([finding.subject, ...(finding.suspects ?? []), ...(finding.seenOn ?? []), ...told]);
  if (named.has(item)) return true;
  const nextTo = [before, after].flatMap((reader) => [
    ...reader.relations(item, 'out').map(({ to }) => to),
    ...reader.relations(item, 'in').map(({ from }) => from),
  ]);
  return nextTo.some((other) => named.has(other));
}

function placesOf(lever: Lever, item: string, kind: string, { finding, before, after }: LeverQuestion): readonly FieldPath[] {
  const [where = '', text = ''] = split(lever);
  const path = text === '' ? [] : text.split('.');
  if (where === 'workload') return WORKLOADS.has(kind) ? [path] : [];
  if (where !== 'pod' && where !== 'container') return where === '*' || where.split('|').includes(kind) ? [path] : [];
  if (!WORKLOADS.has(kind)) return [];
  const spec =
    kind === 'Pod' ? ['spec'] : kind === 'CronJob' ? ['spec', 'jobTemplate', 'spec', 'template', 'spec'] : ['spec', 'template', 'spec'];
  if (where === 'pod') return [[...spec, ...path]];
  return ['containers', 'initContainers'].flatMap((list) =>
    namesIn([before, after], item, [...spec, list])
      .filter((name) => finding.container === undefined || finding.container === name || list === 'initContainers')
      .map((name): FieldPath => [...spec, list, { key: 'name', value: name }, ...path]),
  );
}

function split(lever: Lever): readonly string[] {
  const at = lever.indexOf(':');
  return [lever.slice(0, at), lever.slice(at + 1)];
}

function namesIn(readers: readonly CmdbReader[], item: string, path: FieldPath): readonly string[] {
  const lists = readers.map((reader) => readField(reader.object(item), path));
  const entries = lists.flatMap((list) => (Array.isArray(list) ? list : []));
  return [...new Set(entries.map((entry) => String(readField(entry, ['name']) ?? '')))].filter((name) => name !== '');
}

/** The change is at the place or below it; or above it, and what stands at the place is another than before. */
function touches({ item, path }: FieldChange, place: FieldPath, { before, after }: LeverQuestion): boolean {
  const [changed, wanted] = [resolve(before, after, item, path), formatFieldPath(place)];
  if (changed === wanted || startsWith(changed, wanted)) return true;
  if (!startsWith(wanted, changed)) return false;
  const [old, now] = [before, after].map((reader) => JSON.stringify(readField(reader.object(item), place)));
  return old !== now;
}

function startsWith(path: string, prefix: string): boolean {
  return prefix === '' || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`);
}

/** Entries of container lists are named by their index too: both are one place. */
function resolve(before: CmdbReader, after: CmdbReader, item: string, path: FieldPath): string {
  const named = path.map((segment, index) => {
    const list = path[index - 1];
    if (typeof segment !== 'number' || (list !== 'containers' && list !== 'initContainers')) return segment;
    const name = [before, after]
      .map((reader) => readField(reader.object(item), [...path.slice(0, index + 1), 'name']))
      .find((one) => typeof one === 'string');
    return typeof name === 'string' ? { key: 'name', value: name } : segment;
  });
  return formatFieldPath(named);
}
