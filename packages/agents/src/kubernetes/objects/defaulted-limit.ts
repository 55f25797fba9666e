import { type FieldPath, parseQuantity, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import { objectsIn } from './objects.ts';
import { type ContainerView, containerFinding, type PodDraft } from './pod-view.ts';
import { instantAt, listAt, textAt } from './read-object.ts';
import { podSpecPath } from './workload.ts';
import { writtenMs } from './written.ts';

/** Resources whose limit a LimitRange can put in. */
export type LimitedResource = 'cpu' | 'memory' | 'ephemeral-storage';

/** A limit that stands in the pod and not in the template of its workload. */
export interface DefaultedLimit {
  /** As the pod has it. */
  readonly value: string;
  /** Item id of the LimitRange that gives it today; undefined where none does any more. */
  readonly range: string | undefined;
  /** Goes behind the limit in a sentence. */
  readonly told: string;
  /** The LimitRange, where it was made or changed after the workload and not long before the pod: then it is what changed. */
  readonly changed: string | undefined;
}

/** How long before a pod was made its LimitRange may have been changed to be suspected of what the pod does. */
const SUSPECT_MS = 24 * 3_600_000;

/**
 * The limit of a container that its template leaves to the LimitRange of the namespace; undefined where the template names it. Admission
 * notes what it put in under `kubernetes.io/limit-ranger` (Kubernetes documentation, "Limit Ranges"); where the note is gone, template and
 * pod are compared.
 */
export function defaultedLimit(view: ContainerView, resource: LimitedResource): DefaultedLimit | undefined {
  const { pod, spec } = view;
  const value = textAt(spec, 'resources', 'limits', resource);
  if (value === undefined || !(isNoted(view, resource) || isAdded(view, resource))) return undefined;
  const ranges = objectsIn(pod.reader, 'LimitRange', textAt(pod.object, 'metadata', 'namespace') ?? '');
  const range = ranges.find(({ object }) => givesDefault(object, resource, value));
  if (range === undefined && !isNoted(view, resource)) return undefined;
  const giver = range === undefined ? 'a LimitRange of the namespace gave it' : `LimitRange ${range.name} gives it by default`;
  return {
    value,
    range: range?.id,
    told: `, which the template does not name: ${giver}`,
    changed: range !== undefined && isSuspect(view, range.object) ? range.id : undefined,
  };
}

function givesDefault(range: unknown, resource: string, value: string): boolean {
  return listAt(range, 'spec', 'limits').some(
    (limit) => textAt(limit, 'type') === 'Container' && parseQuantity(readField(limit, ['default', resource])) === parseQuantity(value),
  );
}

/** `LimitRanger plugin set: cpu, memory request for container app; cpu, memory limit for container app`. */
function isNoted({ pod, name }: ContainerView, resource: string): boolean {
  const note = textAt(pod.object, 'metadata', 'annotations', 'kubernetes.io/limit-ranger') ?? '';
  return note
    .replace(/^[^:]*:/, '')
    .split(';')
    .some((part) => {
      const [, what = '', container] = /^\s*(.+) limit for (?:init )?container (\S+)\s*$/.exec(part) ?? [];
      return container === name && what.split(', ').includes(resource);
    });
}

/** The template is known and leaves the limit out. */
function isAdded({ pod, name }: ContainerView, resource: string): boolean {
  if (pod.workload === pod.id) return false;
  const template = readField(pod.reader.object(pod.workload), podSpecPath(pod.workloadKind));
  const own = ['containers', 'initContainers'].flatMap((list) => listAt(template, list)).find((entry) => textAt(entry, 'name') === name);
  return own !== undefined && readField(own, ['resources', 'limits', resource]) === undefined;
}

function isSuspect({ pod }: ContainerView, range: unknown): boolean {
  const changedMs = writtenMs(range);
  const madeMs = instantAt(pod.object, 'metadata', 'creationTimestamp');
  const workloadMs = pod.workload === pod.id ? undefined : instantAt(pod.reader.object(pod.workload), 'metadata', 'creationTimestamp');
  if (madeMs === undefined || workloadMs === undefined) return false;
  return changedMs > workloadMs && changedMs <= madeMs && madeMs - changedMs < SUSPECT_MS;
}

/** What is told of one container; see `containerFinding`. */
export type ContainerDraft = Omit<PodDraft, 'paths'> & { readonly paths?: readonly FieldPath[] };

/** A finding of what a limit does to a container: at its workload, or at the LimitRange where that is what changed. */
export function limitFinding(
  view: ContainerView,
  { rangeCode, given, ...draft }: ContainerDraft & { readonly rangeCode: string; readonly given: DefaultedLimit | undefined },
): FindingDraft {
  const { reader, workload } = view.pod;
  if (given?.changed === undefined) return containerFinding(view, draft);
  const found = containerFinding(view, { ...draft, code: rangeCode, subject: given.changed });
  const evidence = [...found.evidence, quote(reader, given.changed, ['spec', 'limits'])];
  return { ...found, container: undefined, key: undefined, evidence, seenOn: [workload] };
}
