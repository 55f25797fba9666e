import type { CmdbReader } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import { isCloseName } from '../objects/close-name.ts';
import { type HeldObject, objectsIn } from '../objects/objects.ts';
import { isFailingAtWork } from '../objects/pod-trouble.ts';
import { mapAt } from '../objects/read-object.ts';
import { hasLabels } from '../objects/selector-match.ts';
import { type IndexedWorkload, podsByWorkload, workloadsIn } from '../objects/workload-index.ts';

type Labels = Readonly<Record<string, string>>;

/** Labels that pods get while they run, or that tell versions of one application apart: that nobody has them now is ordinary. */
const PASSING_LABEL =
  /role|leader|master|primary|replica|active|pod-name|pod-index|hash|shard|slot|track|version|colou?r|canary|preview|stage|lane/i;
/** Labels that many applications of one namespace share. */
const BROAD_LABEL = /part-of|managed-by|instance|release|chart|heritage|tier|env|team|component|created-by|project|system/i;

/** Nothing is selected: a fault only when a workload was plainly meant, and it is not scaled to zero. */
export function selectsNothing(reader: CmdbReader, service: HeldObject, selector: Labels): readonly FindingDraft[] {
  const candidates = workloadsIn(reader, service.namespace).filter((workload) => workload.wanted > 0);
  const meant =
    candidates.find((workload) => isNamesake(workload, service, selector)) ??
    candidates.find((workload) => isNear(workload, service, selector) && !isServedElsewhere(reader, workload, service));
  if (!meant) return needed(reader, service, selector);
  const labels = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .sort();
  return [
    {
      code: 'T0-SERVICE-001',
      subject: service.id,
      message: `Service ${service.name} selects no pods: ${labels.join(', ')} does not match the pods of ${meant.kind} ${meant.name}`,
      evidence: [quote(reader, service.id, ['spec', 'selector']), quote(reader, meant.id, ['spec', 'template', 'metadata', 'labels'])],
    },
  ];
}

/** Nobody was plainly meant; it is a fault all the same where somebody fails for it, or a door to the outside leads here. */
function needed(reader: CmdbReader, service: HeldObject, selector: Labels): readonly FindingDraft[] {
  const users = reader.relations(service.id, 'in', 'dependsOn').map(({ from }) => from);
  const failing = users.filter((user) => (podsByWorkload(reader).get(user) ?? []).some((pod) => isFailingAtWork(reader, pod)));
  if (failing.length === 0) return [];
  const labels = Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .sort();
  const names = failing.map((id) => id.slice(id.lastIndexOf('/') + 1)).join(', ');
  const message = `Service ${service.name} selects no pods: nothing has ${labels.join(', ')}, and ${names} needs it`;
  return [{ code: 'T0-SERVICE-001', subject: service.id, message, evidence: [quote(reader, service.id, ['spec', 'selector'])] }];
}

/** Same name, and the selector differs in more than what tells versions apart. */
function isNamesake(workload: IndexedWorkload, service: HeldObject, selector: Labels): boolean {
  return workload.name === service.name && differing(workload.labels, selector).some((key) => !PASSING_LABEL.test(key));
}

/** Labels of the selector that the workload's pods do not have. */
function differing(labels: Labels, selector: Labels): readonly string[] {
  return Object.keys(selector).filter((key) => labels[key] !== selector[key]);
}

function isNear(workload: IndexedWorkload, service: HeldObject, selector: Labels): boolean {
  const wrong = differing(workload.labels, selector);
  if (wrong.every((key) => PASSING_LABEL.test(key))) return false;
  const right = Object.keys(selector).filter((key) => workload.labels[key] === selector[key] && !BROAD_LABEL.test(key));
  if (right.length > 0) return true;
  const isSlip = wrong.some((key) => isSlipOf(workload.labels, key, selector[key] ?? ''));
  return isSlip || isCloseName(workload.name, service.name);
}

/** The value with a slip of the hand, or the right value under another key (`app` for `app.kubernetes.io/name`). */
function isSlipOf(labels: Labels, key: string, value: string): boolean {
  if (BROAD_LABEL.test(key) || PASSING_LABEL.test(key)) return false;
  const own = labels[key];
  if (own !== undefined) return isCloseName(own, value);
  return Object.entries(labels).some(([other, held]) => held === value && !BROAD_LABEL.test(other));
}

function isServedElsewhere(reader: CmdbReader, workload: IndexedWorkload, service: HeldObject): boolean {
  return objectsIn(reader, 'Service', service.namespace).some((other) => {
    const selector = mapAt(other.object, 'spec', 'selector');
    return other.id !== service.id && Object.keys(selector).length > 0 && hasLabels(workload.labels, selector);
  });
}
