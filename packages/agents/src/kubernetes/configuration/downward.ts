import { type FieldPath, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { earlierCommand } from '../objects/command.ts';
import { type ContainerView, containerFinding, containersOf, restartsOf, troubledPods } from '../objects/pod-view.ts';
import { listAt, mapAt, textAt } from '../objects/read-object.ts';

/** Variables that a pod takes from a label or annotation of its own which its revision dropped: they are empty, and nothing refuses it. */
export const downwardRule: Rule = {
  name: 'downward',
  check: (reader) => {
    const drafts = troubledPods(reader).flatMap((pod) => containersOf(pod).flatMap(emptied));
    return [...new Map(drafts.toReversed().map((draft) => [`${draft.subject}\n${draft.key}`, draft])).values()];
  },
};

/** `metadata.labels['tenant']`. */
const FIELD = /^metadata\.(labels|annotations)\['([^']+)'\]$/;

function emptied(view: ContainerView): readonly FindingDraft[] {
  const { pod, spec, status, name } = view;
  const isFailing = restartsOf(view) > 0 || readField(status, ['ready']) === false;
  const before = isFailing ? earlierCommand(view)?.metadata : undefined;
  if (before === undefined) return [];
  return listAt(spec, 'env').flatMap((entry): readonly FindingDraft[] => {
    const [, part = '', key = ''] = FIELD.exec(textAt(entry, 'valueFrom', 'fieldRef', 'fieldPath') ?? '') ?? [];
    const had = mapAt(before, part)[key];
    if (part === '' || had === undefined || mapAt(pod.object, 'metadata', part)[key] !== undefined) return [];
    const variable = textAt(entry, 'name') ?? '';
    const what = part === 'labels' ? 'label' : 'annotation';
    const message = `variable ${variable} of container ${name} is empty: it is taken from the ${what} ${key} of the pod, which the template has lost (it was ${had} in the revision before)`;
    const path: FieldPath = ['spec', 'template', 'metadata', part];
    const draft = containerFinding(view, { code: 'T0-POD-098', key, message, paths: [[...view.specPath, 'env']] });
    return [{ ...draft, evidence: [...draft.evidence, quote(pod.reader, pod.workload, path)] }];
  });
}
