import type { ContainerView } from './pod-view.ts';
import { listAt, textAt } from './read-object.ts';
import { revisionBefore, revisionOf, templateOf } from './revisions.ts';

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

/** The same container in the revision before the one the pod is of; undefined when the snapshot holds no other. */
export function earlierCommand({ pod, name }: Pick<ContainerView, 'pod' | 'name'>): EarlierCommand | undefined {
  const { reader } = pod;
  const before = revisionBefore(pod);
  if (before === undefined) return undefined;
  const earlier = templateOf(reader, before, 'spec');
  const container = ['containers', 'initContainers']
    .flatMap((list) => listAt(earlier, list))
    .find((entry) => textAt(entry, 'name') === name);
  if (container === undefined) return undefined;
  return {
    image: textAt(container, 'image') ?? '',
    command: commandNames(container).join(' '),
    container,
    metadata: templateOf(reader, before, 'metadata'),
    podSpecs: { earlier, own: templateOf(reader, revisionOf(pod) ?? '', 'spec') },
  };
}
