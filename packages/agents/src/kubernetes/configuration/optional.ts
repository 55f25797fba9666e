import { type CmdbReader, type FieldPath, parseKubernetesItemId, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { earlierCommand } from '../objects/command.ts';
import { existence, siblingId } from '../objects/existence.ts';
import { patienceMs } from '../objects/patience.ts';
import { type ContainerView, containersOf, isYounger, nameOf, type PodView, restartsOf, troubledPods } from '../objects/pod-view.ts';
import { listAt, textAt } from '../objects/read-object.ts';
import { podSpecPath } from '../objects/workload.ts';

/**
 * Optional ConfigMaps and Secrets that a revision began to ask for by a name that does not exist, where its pods fail: nothing refuses them,
 * and the program runs without what it was given before.
 */
export const optionalRule: Rule = {
  name: 'optional',
  check: (reader) => {
    const failing = troubledPods(reader).filter((pod) => !isYounger(pod, patienceMs('start-window')));
    const drafts = failing.flatMap((pod) => containersOf(pod).flatMap((view) => renamed(reader, pod, view)));
    return [...new Map(drafts.toReversed().map((draft) => [`${draft.subject}\n${draft.key}`, draft])).values()];
  },
};

function renamed(reader: CmdbReader, pod: PodView, view: ContainerView): readonly FindingDraft[] {
  const before = earlierCommand(view);
  const isFailing = restartsOf(view) > 0 || readField(view.status, ['ready']) === false;
  if (before === undefined || !isFailing || view.isInit) return [];
  const former = namesIn(before.container).filter(({ kind, name }) => isThere(reader, pod, kind, name));
  return namesIn(view.spec)
    .filter(({ isOptional, kind, name }) => isOptional && existenceOf(reader, pod, kind, name) === 'absent')
    .flatMap((absent): readonly FindingDraft[] => {
      const meant = former.find((one) => one.kind === absent.kind && one.via === absent.via && one.name !== absent.name);
      if (meant === undefined) return [];
      const message = `${absent.kind} ${absent.name} does not exist and is optional (${absent.via}), so container ${view.name} of ${nameOf(pod.workload)} runs without it; its revision before took ${meant.name}, which exists`;
      const path: FieldPath = [...podSpecPath(pod.workloadKind), 'containers', { key: 'name', value: view.name }];
      return [
        {
          code: absent.kind === 'Secret' ? 'T0-POD-089' : 'T0-POD-088',
          subject: siblingId(pod.id, absent.kind, absent.name),
          key: nameOf(pod.workload),
          message,
          evidence: [quote(reader, pod.workload, [...path, absent.via === 'envFrom' ? 'envFrom' : 'env'])],
          seenOn: [pod.workload],
        },
      ];
    });
}

interface Named {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly via: string;
  readonly isOptional: boolean;
}

/** What the variables of a container are taken from. */
function namesIn(container: unknown): readonly Named[] {
  const named = (holder: unknown, fields: readonly [string, string], via: string): readonly Named[] =>
    (['ConfigMap', 'Secret'] as const).flatMap((kind, index) => {
      const reference = readField(holder, [fields[index] ?? '']);
      const name = textAt(reference, 'name');
      return name === undefined ? [] : [{ kind, name, via, isOptional: readField(reference, ['optional']) === true }];
    });
  return [
    ...listAt(container, 'envFrom').flatMap((source) => named(source, ['configMapRef', 'secretRef'], 'envFrom')),
    ...listAt(container, 'env').flatMap((variable) =>
      named(readField(variable, ['valueFrom']), ['configMapKeyRef', 'secretKeyRef'], `variable ${textAt(variable, 'name') ?? ''}`),
    ),
  ];
}

function existenceOf(reader: CmdbReader, pod: PodView, kind: string, name: string) {
  const identity = parseKubernetesItemId(siblingId(pod.id, kind, name));
  return identity === undefined ? 'unknown' : existence(reader, identity);
}

function isThere(reader: CmdbReader, pod: PodView, kind: string, name: string): boolean {
  return existenceOf(reader, pod, kind, name) === 'found';
}
