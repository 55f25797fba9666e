import type { CmdbReader } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import { isCloseName } from '../objects/close-name.ts';
import { endpointsOf } from '../objects/endpoints-of.ts';
import { lastApplied } from '../objects/last-applied.ts';
import { lostPartner, sayLostPartner } from '../objects/lost-partner.ts';
import { type HeldObject, isReadCompletely, objectsIn } from '../objects/objects.ts';
import { podsWithLabels } from '../objects/pod-index.ts';
import { isFailingAtWork } from '../objects/pod-trouble.ts';
import { nameOf } from '../objects/pod-view.ts';
import { mapAt, textAt } from '../objects/read-object.ts';
import { hasLabels } from '../objects/selector-match.ts';
import { podLabelsPath } from '../objects/workload.ts';
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
  const lost = lostPartner(reader, { namespace: service.namespace, selector: { matchLabels: selector }, asker: '' });
  const meant =
    candidates.find(({ id }) => lost?.isKnown === true && lost.workload === id) ??
    candidates.find((workload) => isNamesake(workload, service, selector)) ??
    candidates.find((workload) => isNear(workload, service, selector) && !isServedElsewhere(reader, workload, service));
  if (!meant) return needed(reader, service, selector);
  return [
    {
      code: 'T0-SERVICE-001',
      subject: service.id,
      message: `Service ${service.name} selects no pods: ${labelsText(selector)} does not match the pods of ${meant.kind} ${meant.name}${lost?.isKnown === true ? `: ${sayLostPartner(lost)}` : ''}`,
      evidence: [quote(reader, service.id, ['spec', 'selector']), quote(reader, meant.id, podLabelsPath(meant.kind))],
    },
  ];
}

/**
 * Why a Service leads nowhere by its selector alone, as part of a sentence: no pod and no template has its labels. Undefined where something
 * has, where pods were not read, and where it has no selector.
 */
export function servesNobody(reader: CmdbReader, service: string): string | undefined {
  const object = reader.object(service);
  const selector = mapAt(object, 'spec', 'selector');
  const namespace = textAt(object, 'metadata', 'namespace') ?? '';
  if (Object.keys(selector).length === 0 || !isReadCompletely(reader, 'Pod')) return undefined;
  const isMeant = workloadsIn(reader, namespace).some((workload) => hasLabels(workload.labels, selector));
  if (isMeant || podsWithLabels(reader, namespace, selector).some((pod) => !pod.over)) return undefined;
  const applied = mapAt(lastApplied(object), 'spec', 'selector');
  const moved = Object.keys(applied).filter((key) => applied[key] !== selector[key]);
  const known = endpointsOf(reader, namespace, nameOf(service));
  const isEmpty = known !== undefined && !known.endpoints.some(({ ready, addresses }) => ready && addresses.length > 0);
  // A recording may lack the pods; endpoints that are empty, or a selector that was moved, say it for sure.
  if (!isEmpty && moved.length === 0) return undefined;
  const before =
    moved.length === 0 ? '' : `; it was applied with ${labelsText(Object.fromEntries(moved.map((key) => [key, applied[key] ?? ''])))}`;
  return `its selector ${labelsText(selector)} is on no pod${before}`;
}

function labelsText(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(', ');
}

/** Nobody was plainly meant; it is a fault all the same where somebody fails for it, or a door to the outside leads here. */
function needed(reader: CmdbReader, service: HeldObject, selector: Labels): readonly FindingDraft[] {
  const users = reader.relations(service.id, 'in', 'dependsOn').map(({ from }) => from);
  const failing = users.filter((user) => (podsByWorkload(reader).get(user) ?? []).some((pod) => isFailingAtWork(reader, pod)));
  if (failing.length === 0) return [];
  const names = failing.map((id) => id.slice(id.lastIndexOf('/') + 1)).join(', ');
  const message = `Service ${service.name} selects no pods: nothing has ${labelsText(selector)}, and ${names} needs it`;
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
