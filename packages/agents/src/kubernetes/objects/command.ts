import { type CmdbReader, readField } from '@tier0/core';
import { indexed } from './indexed.ts';
import type { ContainerView } from './pod-view.ts';
import { listAt, mapAt, textAt } from './read-object.ts';

/** Words of the command that a container's specification writes over the image's own; none when it leaves that alone. */
export function commandNames(container: unknown): readonly string[] {
  const texts = (field: string) => listAt(container, field).flatMap((entry) => (typeof entry === 'string' ? [entry] : []));
  const command = texts('command');
  return command.length > 0 ? [...command, ...texts('args')] : texts('args');
}

/** What one container of a workload ran in an earlier revision. */
export interface EarlierCommand {
  readonly image: string;
  /** Words joined by a space; empty when the image's own was run. */
  readonly command: string;
  readonly container: unknown;
  /** What the templates say of the pod as a whole: that of the earlier revision, and that of its own. */
  readonly podSpecs: { readonly earlier: unknown; readonly own: unknown };
}

const replicaSetsByOwner = indexed((reader: CmdbReader) => {
  const sets = reader.items({ kind: 'ReplicaSet' }).items.map(({ id }) => id);
  return Map.groupBy(sets, (id) => reader.relations(id, 'out', 'managedBy')[0]?.to ?? id);
});

const REVISION = 'deployment.kubernetes.io/revision';

/** The same container in the revision before the one the pod is of; undefined when the snapshot holds no other. */
export function earlierCommand({ pod, name }: Pick<ContainerView, 'pod' | 'name'>): EarlierCommand | undefined {
  const { reader } = pod;
  const own = reader.relations(pod.id, 'out', 'managedBy')[0]?.to ?? '';
  const revisionOf = (set: string) => Number(mapAt(reader.object(set), 'metadata', 'annotations')[REVISION] ?? 0);
  const before = (replicaSetsByOwner(reader).get(pod.workload) ?? [])
    .filter((set) => set !== own && revisionOf(set) > 0 && revisionOf(set) < revisionOf(own))
    .sort((a, b) => revisionOf(b) - revisionOf(a))[0];
  if (before === undefined) return undefined;
  const containers = ['containers', 'initContainers'].flatMap((list) => listAt(reader.object(before), 'spec', 'template', 'spec', list));
  const container = containers.find((entry) => textAt(entry, 'name') === name);
  if (container === undefined) return undefined;
  const podSpec = (set: string) => readField(reader.object(set), ['spec', 'template', 'spec']);
  return {
    image: textAt(container, 'image') ?? '',
    command: commandNames(container).join(' '),
    container,
    podSpecs: { earlier: podSpec(before), own: podSpec(own) },
  };
}
