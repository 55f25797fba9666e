import { type CmdbReader, type FieldPath, type ItemEdit, type JsonValue, parseQuantity, readField } from '@tier0/core';
import type { RemedyCase, RemedyDraft } from '../../findings/remedy-draft.ts';
import { closestName } from '../objects/close-name.ts';
import { type NodeLoad, nodeJudge, nodeLoads } from '../objects/node-fit.ts';
import { pendingPodsOf } from '../objects/pods-of.ts';
import { formatBytes } from '../objects/quantity.ts';
import { listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { containersOf, editOf, editsOf, kindOf, nameOf, remedyOf } from '../objects/remedy-edits.ts';
import type { Obstacle } from '../objects/scheduler-message.ts';
import { podSpecPath } from '../objects/workload.ts';
import { relabelledNodes, sayUnmetLabels } from './node-labels.ts';
import { missedPartners } from './partner.ts';

const PLACED = 'The waiting pods are scheduled and become ready.';
const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution';
const PREFERRED = 'preferredDuringSchedulingIgnoredDuringExecution';

/** Corrects a node selector that no node has: to the closest value that nodes have, else without the label. */
export function relaxNodeSelector({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  const path: FieldPath = [...podSpecPath(kindOf(subject)), 'nodeSelector'];
  const labels = nodeLoads(reader).map((node) => node.labels);
  const unmet = Object.entries(mapAt(reader.object(subject), ...path)).filter(([key, value]) => !labels.some((own) => own[key] === value));
  const closest = unmet.map(([key, value]) => {
    const near = closestName(
      value,
      labels.flatMap((own) => own[key] ?? []),
    );
    return near === undefined ? undefined : editOf(reader, subject, [...path, key], near);
  });
  const corrected = remedyOf(unmet.length === 0 ? [] : editsOf(...closest), {
    id: 'correct-node-selector',
    title: `Let ${nameOf(subject)} ask for a label that nodes have: ${closest.map((edit) => String(edit?.value)).join(', ')}`,
    why: `No node has ${unmet.map((entry) => entry.join('=')).join(', ')}; that is the closest value there is.`,
    precondition: 'Those are the nodes that were meant.',
    risk: 'low',
    verify: PLACED,
    rollback: 'Set the node selector as it was.',
  });
  return [...corrected, ...dropLabels(reader, subject, { path, keys: unmet.map(([key]) => key) })];
}

/** Chooses the node that a template names by its label, so that the scheduler places the pod and binds its claims. */
export function placeByLabel({ reader, rootCause, finding }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  const path = podSpecPath(kindOf(subject));
  const node = textAt(reader.object(subject), ...path.map(String), 'nodeName');
  if (finding.code !== 'T0-POD-087' || node === undefined) return [];
  const label = nodeLoads(reader).find(({ name }) => name === node)?.labels[HOST_LABEL];
  if (label === undefined) return [];
  const wanted: JsonValue = { ...mapAt(reader.object(subject), ...path.map(String), 'nodeSelector'), [HOST_LABEL]: label };
  const edits = editsOf(
    editOf(reader, subject, [...path, 'nodeName'], undefined),
    editOf(reader, subject, [...path, 'nodeSelector'], wanted),
  );
  return remedyOf(edits, {
    id: 'place-by-label',
    title: `Let the scheduler place ${nameOf(subject)} on ${node}: ${HOST_LABEL} in place of nodeName`,
    why: 'With nodeName no scheduler looks at its pods, and only a scheduler has their claims bound.',
    precondition: 'A volume or device can be had on that node.',
    risk: 'low',
    verify: PLACED,
    rollback: 'Name the node again.',
    assumption: 'a volume or device can be had on that node',
  });
}

const HOST_LABEL = 'kubernetes.io/hostname';

function dropLabels(reader: CmdbReader, subject: string, at: { readonly path: FieldPath; readonly keys: readonly string[] }) {
  return remedyOf(
    at.keys.flatMap((key) => editOf(reader, subject, [...at.path, key], undefined) ?? []),
    {
      id: 'drop-node-selector',
      title: `Let ${nameOf(subject)} run on nodes without ${at.keys.join(', ')}`,
      why: 'No node has what the selector asks for.',
      precondition: 'The program needs nothing that only such nodes have, and the nodes of that kind are not about to come back.',
      risk: 'medium',
      verify: PLACED,
      rollback: 'Set the node selector as it was.',
    },
  );
}

/** Follows a neighbour whose label was renamed, or gives it the label back where only its template lost it. */
export function followPartner({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  const partners = missedPartners(reader, subject);
  const edits = partners.flatMap(({ workload, key, wanted, has, isKnown, isFixed, path }) => {
    const edit =
      isKnown && !isFixed
        ? editOf(reader, workload, ['spec', 'template', 'metadata', 'labels', key], wanted)
        : has === undefined || readField(reader.object(subject), [...path, 'matchLabels', key]) === undefined
          ? undefined
          : editOf(reader, subject, [...path, 'matchLabels', key], has);
    return edit ?? [];
  });
  const [first] = partners;
  const isFollowing = edits[0]?.item === subject;
  return remedyOf(first === undefined || edits.length < partners.length ? [] : edits, {
    id: 'follow-partner',
    title: isFollowing
      ? `Let ${nameOf(subject)} ask for ${first?.key}=${first?.has}, as the pods of ${nameOf(first?.workload ?? '')} are labelled now`
      : `Give the pods of ${nameOf(first?.workload ?? '')} back the label ${first?.key}=${first?.wanted}`,
    why: `${nameOf(subject)} must stand beside pods with ${first?.key}=${first?.wanted}, and none has it any more.`,
    precondition: 'Nothing else asks for the label as it is now.',
    risk: 'low',
    verify: PLACED,
    rollback: 'Set the label as it was.',
    assumption: 'the scheduler places the waiting pods beside them',
  });
}

/** Turns what must hold of pods nearby into what should hold. */
export function preferAffinity({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  // The neighbour is there under another label: the rule is right, and following it helps.
  if (missedPartners(reader, subject).length > 0) return [];
  const affinity: FieldPath = [...podSpecPath(kindOf(subject)), 'affinity'];
  const edits = ['podAntiAffinity', 'podAffinity'].flatMap((sort) => preferSort(reader, subject, [...affinity, sort]));
  return remedyOf(edits, {
    id: 'prefer-affinity',
    title: `Let ${nameOf(subject)} prefer its neighbours instead of insisting on them`,
    why: 'The required affinity cannot be met by any node; as a preference it is met where it can be.',
    precondition: 'Pods may share what the affinity kept apart, or stand apart from what it kept together.',
    risk: 'medium',
    verify: PLACED,
    rollback: 'Set the affinity as it was.',
    assumption: 'its pods may share what the rule keeps apart',
  });
}

/** Turns the nodes that a workload insists on into those it prefers: the last resort, since it may be given any other. */
export function preferNodeAffinity({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  const specPath = podSpecPath(kindOf(subject));
  const unmet = sayUnmetLabels(readField(reader.object(subject), specPath), nodeLoads(reader));
  return remedyOf(preferSort(reader, subject, [...specPath, 'affinity', 'nodeAffinity']), {
    id: 'prefer-node-affinity',
    title: `Let ${nameOf(subject)} prefer the nodes it insists on`,
    why: `No node meets its required node affinity${unmet === '' ? '' : `: ${unmet}`}. As a preference it gives way where it must.`,
    precondition: 'The program needs nothing that only those nodes have; else give a node the label that is asked for.',
    risk: 'medium',
    verify: PLACED,
    rollback: 'Require the nodes again.',
    assumption: 'its pods may run on nodes outside the ones that were meant for them',
  });
}

/** Gives nodes back a label that pods of the workload were placed by and that was taken away since. */
export function restoreNodeLabel({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  const lost = relabelledNodes(reader, subject);
  const edits = lost.flatMap(({ node, key, value }) => editOf(reader, node.id, ['metadata', 'labels', key], value) ?? []);
  const labels = [...new Set(lost.map(({ key, value }) => `${key}=${value}`))].join(', ');
  return remedyOf(edits, {
    id: 'restore-node-label',
    title: `Give ${lost.map(({ node }) => node.name).join(', ')} back the label ${labels}`,
    why: `Pods of ${nameOf(subject)} run there that were placed by it: it was changed since.`,
    precondition: 'Nothing asks for what the label was changed to; else correct the rule of the workload to it.',
    risk: 'medium',
    verify: PLACED,
    rollback: 'Set the label as it was.',
    assumption: 'the scheduler places the waiting pods once the label is back',
  });
}

function preferSort(reader: CmdbReader, subject: string, path: FieldPath): readonly ItemEdit[] {
  const object = reader.object(subject);
  const required =
    path.at(-1) === 'nodeAffinity' ? listAt(object, ...path, REQUIRED, 'nodeSelectorTerms') : listAt(object, ...path, REQUIRED);
  if (required.length === 0) return [];
  const field = path.at(-1) === 'nodeAffinity' ? 'preference' : 'podAffinityTerm';
  const preferred = [...listAt(object, ...path, PREFERRED), ...required.map((term) => ({ weight: 100, [field]: term }))];
  return editsOf(
    editOf(reader, subject, [...path, PREFERRED], preferred as JsonValue),
    editOf(reader, subject, [...path, REQUIRED], undefined),
  );
}

/** Lets pods be spread as evenly as it goes, instead of not at all. */
export function relaxSpread({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  const path: FieldPath = [...podSpecPath(kindOf(subject)), 'topologySpreadConstraints'];
  const edits = listAt(reader.object(subject), ...path).flatMap((constraint, index) =>
    textAt(constraint, 'whenUnsatisfiable') === 'ScheduleAnyway'
      ? []
      : (editOf(reader, subject, [...path, index, 'whenUnsatisfiable'], 'ScheduleAnyway') ?? []),
  );
  return remedyOf(edits, {
    id: 'relax-spread',
    title: `Let the pods of ${nameOf(subject)} be placed even where they are spread less evenly`,
    why: 'No node keeps the spread that is required.',
    precondition: 'An uneven spread is better than missing pods: a failing zone or node may take more of them.',
    risk: 'medium',
    verify: PLACED,
    rollback: 'Set whenUnsatisfiable as it was.',
  });
}

/** Tolerates exactly the taints of one node that nothing else keeps the pods from. */
export function tolerateTaint({ reader, rootCause }: RemedyCase): readonly RemedyDraft[] {
  const { subject } = rootCause;
  const node = nodesHeldBackBy(reader, subject, 'taint')[0];
  if (node === undefined) return [];
  const path: FieldPath = [...podSpecPath(kindOf(subject)), 'tolerations'];
  const added = listAt(node.object, 'spec', 'taints')
    .filter((taint) => !/^node(?:-role)?\.(?:cloudprovider\.)?kubernetes\.io\//.test(textAt(taint, 'key') ?? ''))
    .filter((taint) => textAt(taint, 'effect') !== 'PreferNoSchedule')
    .map((taint) => ({
      key: textAt(taint, 'key') ?? '',
      operator: 'Equal',
      value: textAt(taint, 'value') ?? '',
      effect: textAt(taint, 'effect') ?? '',
    }));
  const tolerations = [...listAt(reader.object(subject), ...path), ...added] as JsonValue;
  return remedyOf(added.length === 0 ? [] : editsOf(editOf(reader, subject, path, tolerations)), {
    id: 'tolerate-taint',
    title: `Let ${nameOf(subject)} tolerate ${added.map(({ key, value }) => (value === '' ? key : `${key}=${value}`)).join(', ')}`,
    why: `Nothing but this taint keeps it from ${node.name}.`,
    precondition: 'Whoever reserved the node agrees that this workload runs there.',
    risk: 'medium',
    verify: PLACED,
    rollback: 'Take the toleration out again.',
  });
}

/** Ready nodes that one obstacle alone keeps the waiting pods from, sorted by id. */
function nodesHeldBackBy(reader: CmdbReader, workload: string, obstacle: Obstacle): readonly NodeLoad[] {
  const pod = pendingPodsOf(reader, workload)[0];
  if (pod === undefined) return [];
  const nodes = nodeLoads(reader);
  const judge = nodeJudge(pod, nodes);
  return nodes.filter((node) => [...judge(node)].every((found) => found === obstacle));
}

/** Gives up the ports of the node, when another pod holds them. */
export function giveUpHostPort(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader, rootCause } = remedyCase;
  const edits = containersOf(remedyCase).flatMap(({ path, body }) =>
    listAt(body, 'ports').flatMap((port, index) =>
      numberAt(port, 'hostPort') === undefined
        ? []
        : (editOf(reader, rootCause.subject, [...path, 'ports', index, 'hostPort'], undefined) ?? []),
    ),
  );
  return remedyOf(edits, {
    id: 'give-up-host-port',
    title: `Let ${nameOf(rootCause.subject)} do without a port of the node`,
    why: 'Another pod holds the port on every node that fits.',
    precondition: 'Nobody reaches it by the address of a node: a Service leads to its container port.',
    risk: 'medium',
    verify: PLACED,
    rollback: 'Ask for the host port again.',
  });
}

/** Below this share of what it asked for it is another program that would run. */
const SMALLEST_SHARE = 0.25;
/** What the kubelet and pods to come may need beside it. */
const HEADROOM = 0.95;

/** Asks for as much as the nodes have left, when that is not much less than what was asked for. */
export function lowerRequests(remedyCase: RemedyCase): readonly RemedyDraft[] {
  const { reader, rootCause } = remedyCase;
  const waiting = pendingPodsOf(reader, rootCause.subject);
  const [pod] = waiting;
  if (pod === undefined) return [];
  const nodes = nodeLoads(reader);
  const judge = nodeJudge(pod, nodes);
  const fitting = nodes.filter((node) => [...judge(node)].every((found) => found === 'resources'));
  const edits = (['memory', 'cpu'] as const).flatMap((resource) => {
    const free = fitting.map((node) => freeOf(node, resource)).filter((room) => room > 0);
    return lowered(remedyCase, { resource, free, pods: waiting.length });
  });
  return remedyOf(edits, {
    id: 'lower-requests',
    title: `Let ${nameOf(rootCause.subject)} request what the nodes have left: ${edits.map((edit) => `${String(edit.fieldPath.at(-1))} ${String(edit.value)}`).join(', ')}`,
    why: 'No node has as much free as it requests.',
    precondition: 'It was measured to need no more; else add a node that is large enough.',
    risk: 'medium',
    verify: PLACED,
    rollback: 'Set the requests as they were.',
  });
}

function freeOf(node: NodeLoad, resource: string): number {
  const allocatable = parseQuantity(readField(node.object, ['status', 'allocatable', resource]));
  return allocatable === undefined ? 0 : allocatable - (node.requested.get(resource) ?? 0);
}

interface Shortness {
  readonly resource: 'memory' | 'cpu';
  /** Free amount of each node that would take the pods but for their size. */
  readonly free: readonly number[];
  readonly pods: number;
}

function lowered(remedyCase: RemedyCase, { resource, free, pods }: Shortness): readonly ItemEdit[] {
  const { reader, rootCause } = remedyCase;
  const asked = containersOf(remedyCase)
    .filter(({ path }) => path.includes('containers'))
    .map((container) => ({ ...container, amount: parseQuantity(readField(container.body, ['resources', 'requests', resource])) ?? 0 }));
  const total = asked.reduce((sum, { amount }) => sum + amount, 0);
  const places = (size: number) => free.reduce((sum, room) => sum + Math.floor(room / size), 0);
  if (total === 0 || places(total) >= pods) return [];
  const sizes = free.flatMap((room) => Array.from({ length: pods }, (_, count) => (room / (count + 1)) * HEADROOM));
  const size = sizes.filter((candidate) => candidate < total && places(candidate) >= pods).sort((a, b) => b - a)[0];
  const largest = asked.toSorted((a, b) => b.amount - a.amount)[0];
  const wanted = size === undefined || largest === undefined ? 0 : largest.amount - (total - size);
  if (largest === undefined || wanted < largest.amount * SMALLEST_SHARE) return [];
  const text = resource === 'cpu' ? `${Math.floor(wanted * 1000)}m` : formatBytes(Math.floor(wanted / 2 ** 20) * 2 ** 20);
  return editsOf(editOf(reader, rootCause.subject, [...largest.path, 'resources', 'requests', resource], text));
}
