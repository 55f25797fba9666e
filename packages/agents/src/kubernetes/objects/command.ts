import { type CmdbReader, readField } from '@tier0/core';
import { indexed } from './indexed.ts';
import { type ContainerView, nameOf, type PodView } from './pod-view.ts';
import { listAt, mapAt, numberAt, textAt } from './read-object.ts';

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
  /** Labels and annotations that the earlier template gave its pods. */
  readonly metadata: unknown;
  /** What the templates say of the pod as a whole: that of the earlier revision, and that of its own. */
  readonly podSpecs: { readonly earlier: unknown; readonly own: unknown };
}

const REVISION = 'deployment.kubernetes.io/revision';

/** One revision of a template: a ReplicaSet of a Deployment, or a ControllerRevision of a StatefulSet or DaemonSet. */
interface Revision {
  readonly id: string;
  readonly number: number;
}

/** Revisions of each owner, the oldest first. */
const revisionsByOwner = indexed((reader: CmdbReader) => {
  const revisions = ['ReplicaSet', 'ControllerRevision'].flatMap((kind) =>
    reader.items({ kind }).items.map(({ id }): Revision => ({ id, number: numberOf(reader, id) })),
  );
  const byOwner = Map.groupBy(revisions, ({ id }) => reader.relations(id, 'out', 'managedBy')[0]?.to ?? id);
  for (const own of byOwner.values()) own.sort((a, b) => a.number - b.number);
  return byOwner;
});

function numberOf(reader: CmdbReader, revision: string): number {
  const object = reader.object(revision);
  return numberAt(object, 'revision') ?? (Number(mapAt(object, 'metadata', 'annotations')[REVISION] ?? 0) || 0);
}

/** The revision that a pod was made of: its ReplicaSet, or the ControllerRevision that its label names. */
function revisionOf(pod: PodView): string | undefined {
  const hash = mapAt(pod.object, 'metadata', 'labels')['controller-revision-hash'];
  if (hash === undefined) return pod.reader.relations(pod.id, 'out', 'managedBy')[0]?.to;
  const names = [hash, `${nameOf(pod.workload)}-${hash}`];
  return revisionsByOwner(pod.reader)
    .get(pod.workload)
    ?.find(({ id }) => names.includes(nameOf(id)))?.id;
}

function podSpecOf(reader: CmdbReader, revision: string): unknown {
  const object = reader.object(revision);
  return readField(object, ['data', 'spec', 'template', 'spec']) ?? readField(object, ['spec', 'template', 'spec']);
}

/** The same container in the revision before the one the pod is of; undefined when the snapshot holds no other. */
export function earlierCommand({ pod, name }: Pick<ContainerView, 'pod' | 'name'>): EarlierCommand | undefined {
  const { reader } = pod;
  const own = revisionOf(pod) ?? '';
  const number = numberOf(reader, own);
  const before = (revisionsByOwner(reader).get(pod.workload) ?? []).findLast((one) => one.number > 0 && one.number < number)?.id;
  if (before === undefined) return undefined;
  const earlier = podSpecOf(reader, before);
  const container = ['containers', 'initContainers']
    .flatMap((list) => listAt(earlier, list))
    .find((entry) => textAt(entry, 'name') === name);
  if (container === undefined) return undefined;
  return {
    image: textAt(container, 'image') ?? '',
    command: commandNames(container).join(' '),
    container,
    metadata:
      readField(reader.object(before), ['data', 'spec', 'template', 'metadata']) ??
      readField(reader.object(before), ['spec', 'template', 'metadata']),
    podSpecs: { earlier, own: podSpecOf(reader, own) },
  };
}
