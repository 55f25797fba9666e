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

const REVISION = 'deployment.kubernetes.io/revision';

interface Revision {
  readonly set: string;
  readonly number: number;
}

/** Revisions of each owner, the oldest first. */
const revisionsByOwner = indexed((reader: CmdbReader) => {
  const revisions = reader.items({ kind: 'ReplicaSet' }).items.map(({ id }): Revision => ({ set: id, number: revisionOf(reader, id) }));
  const byOwner = Map.groupBy(revisions, ({ set }) => reader.relations(set, 'out', 'managedBy')[0]?.to ?? set);
  for (const own of byOwner.values()) own.sort((a, b) => a.number - b.number);
  return byOwner;
});

function revisionOf(reader: CmdbReader, set: string): number {
  return Number(mapAt(reader.object(set), 'metadata', 'annotations')[REVISION] ?? 0) || 0;
}

/** The same container in the revision before the one the pod is of; undefined when the snapshot holds no other. */
export function earlierCommand({ pod, name }: Pick<ContainerView, 'pod' | 'name'>): EarlierCommand | undefined {
  const { reader } = pod;
  const own = reader.relations(pod.id, 'out', 'managedBy')[0]?.to ?? '';
  const number = revisionOf(reader, own);
  const before = (revisionsByOwner(reader).get(pod.workload) ?? []).findLast((one) => one.number > 0 && one.number < number)?.set;
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
