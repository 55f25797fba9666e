import { readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { nodeLoads } from '../objects/node-fit.ts';
import { listAt } from '../objects/read-object.ts';
import { editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import { podSpecPath } from '../objects/workload.ts';

const ARCH = 'kubernetes.io/arch';

/** Keeps pods on nodes whose processor the image is made for: that of the nodes where it runs. */
export function chooseArchitecture({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  const own = nodeLoads(reader).flatMap((node) =>
    node.pods.filter((pod) => pod.workload === subject).map((pod) => ({ arch: node.labels[ARCH], ready: isRunning(pod.object) })),
  );
  const failing = new Set(own.filter(({ ready }) => !ready).map(({ arch }) => arch));
  const all = new Set(nodeLoads(reader).flatMap((node) => node.labels[ARCH] ?? []));
  const running = new Set(own.filter(({ ready }) => ready).flatMap(({ arch }) => arch ?? []));
  const candidates = [...(running.size > 0 ? running : all)].filter((arch) => !failing.has(arch));
  const [arch] = candidates;
  if (arch === undefined || candidates.length !== 1 || failing.has(undefined)) return [];
  return remedyOf(editsOf(editOf(reader, subject, [...podSpecPath(kindOf(subject)), 'nodeSelector', ARCH], arch)), {
    id: 'choose-architecture',
    title: `Run ${nameOf(subject)} on ${arch} nodes only`,
    why: `Its program is not made for ${[...failing].join(', ')}.`,
    precondition: `The image holds a program for ${arch}.`,
    risk: 'low',
    verify: 'The waiting pods are scheduled and become ready.',
    rollback: 'Take the node selector out again, once the image is built for both.',
    assumption: `the image holds a program for ${arch}`,
  });
}

function isRunning(pod: unknown): boolean {
  return listAt(pod, 'status', 'containerStatuses').some((status) => readField(status, ['ready']) === true);
}
