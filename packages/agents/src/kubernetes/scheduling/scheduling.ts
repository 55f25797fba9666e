import { type CmdbReader, type FieldPath, parseKubernetesItemId, parseQuantity, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { devicePluginsOf } from '../objects/device-plugin.ts';
import { eventsAbout } from '../objects/events.ts';
import { existence, siblingId } from '../objects/existence.ts';
import { hasController } from '../objects/finalizer-owner.ts';
import { sayLostPartner } from '../objects/lost-partner.ts';
import { knowsNodes, nodeLoads, portHolder, requestsOf } from '../objects/node-fit.ts';
import { matchesNodeTerms } from '../objects/node-match.ts';
import { isReadCompletely } from '../objects/objects.ts';
import { patienceMs } from '../objects/patience.ts';
import { isPlaceholder } from '../objects/placeholder.ts';
import { ageMs, isYounger, livePods, nameOf, type PodView, podFinding, podViews } from '../objects/pod-view.ts';
import { formatBytes } from '../objects/quantity.ts';
import { conditionOf, instantAt, listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { someOf } from '../objects/say.ts';
import type { Obstacle } from '../objects/scheduler-message.ts';
import { tellingWords } from '../objects/telling-words.ts';
import { podSpecPath, workloadsOf } from '../objects/workload.ts';
import { type LateTaints, lateTaints } from './late-taint.ts';
import { relabelledNodes, sayUnmetLabels } from './node-labels.ts';
import { missedPartners } from './partner.ts';
import { isBoundByScheduler, pinnedPods } from './pinned.ts';
import { preemptorOf } from './preemption.ts';
import { isMendedSince, type Verdict, verdictOf } from './scheduling-verdict.ts';

/** Pods that no node takes, and pods sent to a node that does not exist. */
export const schedulingRule: Rule = {
  name: 'scheduling',
  check: (reader) => [
    ...unscheduledPods(reader).flatMap(unscheduled),
    ...heldPods(reader).map(held),
    ...absentNodes(reader),
    ...pinnedPods(reader),
  ],
};

/** Pods of one workload that are looked at: their templates are alike. */
const PODS_EACH = 3;

function unscheduledPods(reader: CmdbReader): readonly PodView[] {
  const seen = new Map<string, number>();
  return livePods(reader).filter((pod) => {
    const isUnbound = textAt(pod.object, 'status', 'phase') === 'Pending' && textAt(pod.object, 'spec', 'nodeName') === undefined;
    const isGated =
      textAt(conditionOf(pod.object, 'PodScheduled'), 'reason') === 'SchedulingGated' ||
      listAt(pod.object, 'spec', 'schedulingGates').length > 0;
    if (!isUnbound || isGated || isYounger(pod, placingPatienceMs(pod))) return false;
    seen.set(pod.workload, (seen.get(pod.workload) ?? 0) + 1);
    return (seen.get(pod.workload) ?? 0) <= PODS_EACH;
  });
}

/** Pods behind a gate that nothing in the cluster is called after: who opens it is not there. A queue that works holds its pods on purpose. */
function heldPods(reader: CmdbReader): readonly PodView[] {
  const waiting = livePods(reader).filter(
    (pod) =>
      gatesOf(pod).some((gate) => !hasController(reader, gate)) &&
      !isYounger(pod, patienceMs('schedule-unseen')) &&
      isReadCompletely(reader, 'Pod'),
  );
  return [...new Map(waiting.toReversed().map((pod) => [pod.workload, pod])).values()];
}

function gatesOf({ object }: PodView): readonly string[] {
  return listAt(object, 'spec', 'schedulingGates').flatMap((gate) => textAt(gate, 'name') ?? []);
}

function held(pod: PodView): FindingDraft {
  const gates = gatesOf(pod).filter((gate) => !hasController(pod.reader, gate));
  return podFinding(pod, {
    code: 'T0-POD-082',
    key: gates.join(),
    facts: { gates },
    paths: [
      ['spec', 'schedulingGates'],
      ['status', 'conditions'],
    ],
  });
}

/** A verdict of the scheduler ends the wait; a request that exceeds every node, when empty, needs none. */
function placingPatienceMs(pod: PodView): number {
  const condition = conditionOf(pod.object, 'PodScheduled');
  const isTold = textAt(condition, 'status') === 'False' && textAt(condition, 'reason') === 'Unschedulable';
  if (isTold && isTooLarge(pod)) return 0;
  if (isTold) return patienceMs('schedule-told');
  if (foreignScheduler(pod) !== undefined) return patienceMs('schedule-unseen');
  return condition === undefined && eventsAbout(pod.reader, pod.id).length === 0 && havePlacedBefore(pod)
    ? patienceMs('schedule-unseen')
    : patienceMs('schedule');
}

/** No node that the pod may run on has as much as it asks for, even if it were empty. */
function isTooLarge(pod: PodView): boolean {
  const nodes = knowsNodes(pod.reader) ? nodeLoads(pod.reader) : [];
  const requests = [...requestsOf(pod.object)];
  const canHold = (node: (typeof nodes)[number]) =>
    requests.every(([resource, amount]) => amount <= (parseQuantity(readField(node.object, ['status', 'allocatable', resource])) ?? 0));
  return nodes.length > 0 && requests.length > 0 && !nodes.some(canHold);
}

/** Pods of the same scheduler that are older were given a node. */
function havePlacedBefore(pod: PodView): boolean {
  const scheduler = textAt(pod.object, 'spec', 'schedulerName') ?? 'default-scheduler';
  const age = ageMs(pod) ?? 0;
  return livePods(pod.reader).some(
    (other) =>
      (textAt(other.object, 'spec', 'schedulerName') ?? 'default-scheduler') === scheduler &&
      textAt(other.object, 'spec', 'nodeName') !== undefined &&
      conditionOf(other.object, 'PodScheduled') !== undefined &&
      (ageMs(other) ?? 0) > age,
  );
}

const CODE: Readonly<Record<Obstacle, string>> = {
  'node-selector': 'T0-POD-050',
  'node-affinity': 'T0-POD-051',
  'pod-affinity': 'T0-POD-051',
  taint: 'T0-POD-052',
  'control-plane': 'T0-POD-052',
  'topology-spread': 'T0-POD-053',
  'host-port': 'T0-POD-054',
  device: 'T0-POD-055',
  'pod-slots': 'T0-POD-056',
  'volume-affinity': 'T0-POD-057',
  'volume-count': 'T0-POD-058',
  resources: 'T0-POD-010',
  claim: 'T0-POD-062',
  cordoned: 'T0-POD-063',
  'node-unready': 'T0-POD-064',
};

function unscheduled(pod: PodView): readonly FindingDraft[] {
  const condition = conditionOf(pod.object, 'PodScheduled');
  const message = textAt(condition, 'message') ?? schedulerEvent(pod);
  if (isMendedSince(pod, message)) return [];
  const claims = waitingClaims(pod, message);
  const verdict: Verdict | undefined = claims.length > 0 ? { obstacle: 'claim', nodes: [] } : verdictOf(pod, message);
  if (!verdict) return unexplained(pod, message);
  // It keeps room for others: that there is none for itself is what it is for.
  if (verdict.obstacle === 'resources' && isPlaceholder(pod)) return [];
  const preemptor = verdict.obstacle === 'resources' ? preemptorOf(pod) : undefined;
  if (preemptor !== undefined) {
    const taker = preemptor === pod.workload ? 'a pod of higher priority' : `${nameOf(preemptor)}, which has a higher priority`;
    const told = `it was put aside for ${taker}, and no other node has room`;
    const victim = draft(pod, 'T0-POD-065', told, preemptor === pod.workload ? [] : [preemptor]);
    return preemptor === pod.workload ? [victim] : [victim, taking(pod, preemptor)];
  }
  const pool = verdict.obstacle === 'resources' ? poolAtLimit(pod) : undefined;
  if (pool !== undefined) return [draft(pod, CODE.resources, explain(pod, verdict, message), [pool.subject], verdict), pool];
  const tainted = verdict.obstacle === 'taint' ? lateTaints(pod, verdict.nodes) : undefined;
  return [
    draft(
      pod,
      CODE[verdict.obstacle],
      explain(pod, verdict, message),
      [...suspectsOf(pod, verdict, claims), ...(tainted?.nodes ?? [])],
      verdict,
    ),
    ...(tainted === undefined ? [] : [taintedLate(pod, tainted)]),
  ];
}

/** What Karpenter says of a pool that may not grow: `all available instance types exceed limits for nodepool (NodePool=system)`. */
const POOL_LIMIT = /exceed\w* limits? for (?:nodepool|provisioner)[^\n]*?(NodePool|Provisioner)[=:" ]+([\w.-]+)/i;

/** The pool of nodes that may not grow, as its autoscaler says of the pod. */
function poolAtLimit(pod: PodView): FindingDraft | undefined {
  const told = eventsAbout(pod.reader, pod.id).find(({ message }) => POOL_LIMIT.test(message));
  const [, word = '', name = ''] = POOL_LIMIT.exec(told?.message ?? '') ?? [];
  if (told === undefined) return undefined;
  const kind = /^nodepool$/i.test(word) ? 'NodePool' : 'Provisioner';
  const subject = siblingId(pod.id, kind, name, '');
  const facts = { kind, name, said: tellingWords(told.message) };
  return { code: 'T0-NODEPOOL-001', subject, key: '', facts, evidence: [quote(pod.reader, told.id, ['message'])], seenOn: [pod.workload] };
}

/** Who put the taint there shut out what runs there: the first node speaks for all that were tainted alike. */
function taintedLate({ reader, workload }: PodView, { nodes, taints }: LateTaints): FindingDraft {
  const [subject = '', ...others] = nodes;
  const facts = { node: nameOf(subject), taints: taints.join(', '), others: others.map(nameOf) };
  const evidence = [quote(reader, subject, ['spec', 'taints'])];
  return { code: 'T0-NODE-011', subject, key: taints.join(), facts, evidence, seenOn: [...others, workload] };
}

/** Who takes is the subject; those whose room it took merely suffer. */
function taking(pod: PodView, preemptor: string): FindingDraft {
  const message = `${nameOf(preemptor)} took the room of ${nameOf(pod.workload)} by its higher priority, and no other node has room for what it displaced`;
  const evidence = [quote(pod.reader, preemptor, [...podSpecPath(parseKubernetesItemId(preemptor)?.kind ?? ''), 'priorityClassName'])];
  return { code: 'T0-POD-067', subject: preemptor, key: '', message, evidence, seenOn: [pod.workload] };
}

function draft(pod: PodView, code: string, message: string, suspects: readonly string[], verdict?: Verdict): FindingDraft {
  const place: FieldPath = verdict ? (PLACE[verdict.obstacle] ?? ['spec', 'containers']) : ['spec', 'priority'];
  return podFinding(pod, {
    code,
    message: `no node takes its pods: ${message}`,
    sinceMs: instantAt(conditionOf(pod.object, 'PodScheduled'), 'lastTransitionTime'),
    suspects,
    severity: isScalingUp(pod) ? 'degraded' : undefined,
    paths: [['status', 'conditions', { key: 'type', value: 'PodScheduled' }], place],
  });
}

/** Field that says what the pod asks for, by obstacle. */
const PLACE: Readonly<Partial<Record<Obstacle, FieldPath>>> = {
  'node-selector': ['spec', 'nodeSelector'],
  'node-affinity': ['spec', 'affinity', 'nodeAffinity'],
  'pod-affinity': ['spec', 'affinity'],
  taint: ['spec', 'tolerations'],
  'topology-spread': ['spec', 'topologySpreadConstraints'],
  claim: ['spec', 'volumes'],
  'volume-affinity': ['spec', 'volumes'],
};

function isScalingUp(pod: PodView): boolean {
  const nowMs = Date.parse(pod.reader.at);
  return eventsAbout(pod.reader, pod.id).some(
    ({ reason, lastMs }) => reason === 'TriggeredScaleUp' && nowMs - (lastMs ?? 0) < patienceMs('scale-up'),
  );
}

function schedulerEvent(pod: PodView): string {
  return eventsAbout(pod.reader, pod.id).find(({ reason }) => reason === 'FailedScheduling')?.message ?? '';
}

function explain(pod: PodView, verdict: Verdict, message: string): string {
  const said = message === '' ? '' : ` (${tellingWords(message)})`;
  const nodes = verdict.nodes.map(({ name }) => name);
  const some = someOf(nodes);
  const at = some === '' ? '' : ` on ${some}`;
  const wants = [...requestsOf(pod.object)]
    .map(([resource, amount]) => `${resource} ${inUnits(resource, amount)}`)
    .sort()
    .join(', ');
  const unmet = sayUnmetLabels(readField(pod.object, ['spec']), knowsNodes(pod.reader) ? nodeLoads(pod.reader) : []);
  const lost = relabelledNodes(pod.reader, pod.workload).map(
    ({ node, key, value }) => `; ${node.name} lost ${key}=${value} since pods of it were placed there`,
  );
  const asked = `${unmet === '' ? '' : `: ${unmet}`}${lost.slice(0, 2).join('')}`;
  const words: Readonly<Record<Obstacle, string>> = {
    'node-selector': `no node has the labels of its node selector ${JSON.stringify(mapAt(pod.object, 'spec', 'nodeSelector'))}${asked}`,
    'node-affinity': `no node matches its required node affinity${asked}`,
    'pod-affinity': `its required pod affinity or anti-affinity cannot be met${at}${missedPartners(pod.reader, pod.workload)
      .map((partner) => `: ${sayLostPartner(partner)}`)
      .join('')}`,
    taint: `it does not tolerate the taints${at}`,
    'control-plane': 'only control plane nodes are left, and it does not tolerate their taint',
    'topology-spread': `its topology spread constraint would be broken${at}`,
    'host-port': `the host port it asks for is taken${at}`,
    device: `the device it asks for is not there or in use (requests: ${wants})`,
    'pod-slots': `there is no free pod slot${at}`,
    'volume-affinity': placesOf(pod),
    'volume-count': 'the nodes have as many volumes attached as they can',
    resources: `there is not enough room${at} (requests: ${wants || 'unknown'})`,
    claim: 'a volume claim it needs is not bound',
    cordoned: `the nodes that would fit are cordoned: ${some}`,
    'node-unready': `the nodes that would fit are not ready: ${some}`,
  };
  return `${words[verdict.obstacle]}${said}`;
}

/** Bytes are told in units that people read. */
function inUnits(resource: string, amount: number): string {
  return /memory|storage|hugepages/.test(resource) ? formatBytes(amount, 'Mi') : String(amount);
}

function suspectsOf(pod: PodView, { obstacle, nodes }: Verdict, claims: readonly string[]): readonly string[] {
  if (obstacle === 'cordoned' || obstacle === 'node-unready' || obstacle === 'pod-slots') return nodes.map(({ id }) => id);
  if (obstacle === 'node-selector' || obstacle === 'node-affinity')
    return relabelledNodes(pod.reader, pod.workload).map(({ node }) => node.id);
  if (obstacle === 'device')
    return [...requestsOf(pod.object)]
      .flatMap(([resource]) => devicePluginsOf(pod.reader, resource))
      .filter((id, at, all) => all.indexOf(id) === at);
  if (obstacle === 'pod-affinity') return missedPartners(pod.reader, pod.workload).map(({ workload }) => workload);
  if (obstacle === 'claim') return claims.length > 0 ? claims : claimsOf(pod);
  if (obstacle === 'volume-affinity') return claimsOf(pod).flatMap((claim) => [claim, volumeOf(pod, claim) ?? []].flat());
  if (obstacle === 'host-port') return nodes.flatMap((node) => portHolder(pod, node)?.workload ?? []).filter((id) => id !== pod.workload);
  return [];
}

/** Where each of its volumes can be used, when each has a node and no node has all. */
function placesOf(pod: PodView): string {
  const { reader } = pod;
  const places = claimsOf(pod).flatMap((claim) => {
    const volume = volumeOf(pod, claim);
    const terms = listAt(reader.object(volume ?? ''), 'spec', 'nodeAffinity', 'required', 'nodeSelectorTerms');
    if (volume === undefined || terms.length === 0) return [];
    const nodes = nodeLoads(reader)
      .filter(({ object }) => matchesNodeTerms(object, terms))
      .map(({ name }) => name);
    return [{ claim: nameOf(claim), volume: nameOf(volume), nodes, zone: zoneIn(terms) }];
  });
  const shared = places.length < 2 ? [] : (places[0]?.nodes ?? []).filter((node) => places.every(({ nodes }) => nodes.includes(node)));
  if (places.length < 2 || shared.length > 0 || places.some(({ nodes }) => nodes.length === 0))
    return 'its volume can only be used on other nodes than those it may run on';
  const told = places.map(
    ({ claim, volume, nodes, zone }) => `claim ${claim} has volume ${volume} in ${zone ?? nodes.slice(0, 3).join(', ')}`,
  );
  return `no node can use all of its volumes: ${told.join('; ')}`;
}

/** The zone that the terms of a volume name, where they name one. */
function zoneIn(terms: readonly unknown[]): string | undefined {
  const zones = terms
    .flatMap((term) => listAt(term, 'matchExpressions'))
    .filter((expression) => /(?:^|[/.])zone$/.test(textAt(expression, 'key') ?? ''))
    .flatMap((expression) => listAt(expression, 'values').map(String));
  return zones.length === 0 ? undefined : `zone ${[...new Set(zones)].join(', ')}`;
}

function volumeOf({ reader }: PodView, claim: string): string | undefined {
  const volume = textAt(reader.object(claim), 'spec', 'volumeName');
  return volume === undefined ? undefined : siblingId(claim, 'PersistentVolume', volume, '');
}

function claimsOf(pod: PodView): readonly string[] {
  const references = referencesOf(readField(pod.object, ['spec']));
  return references
    .filter(({ kind }) => kind === 'PersistentVolumeClaim')
    .map(({ name }) => siblingId(pod.id, 'PersistentVolumeClaim', name));
}

/** Claims that are missing, lost, or wait although nothing but them is waited for. */
function waitingClaims(pod: PodView, message: string): readonly string[] {
  const { reader } = pod;
  return claimsOf(pod).filter((claim) => {
    const identity = parseKubernetesItemId(claim);
    if (identity && existence(reader, identity) === 'absent') return true;
    const object = reader.object(claim);
    const phase = textAt(object, 'status', 'phase');
    return phase === 'Lost' || (message === '' && phase === 'Pending' && !waitsForConsumer(reader, claim));
  });
}

/** A claim of this binding mode waits for the pod, not the pod for the claim; unless the scheduler has already chosen a node for it. */
function waitsForConsumer(reader: CmdbReader, claim: string): boolean {
  const object = reader.object(claim);
  if (readField(object, ['metadata', 'annotations', 'volume.kubernetes.io/selected-node']) !== undefined) return false;
  return isBoundByScheduler(reader, object, claim);
}

/** A scheduler other than the cluster's own that has placed no pod and that nothing in the cluster is called after. */
function foreignScheduler(pod: PodView): string | undefined {
  const { reader } = pod;
  const name = textAt(pod.object, 'spec', 'schedulerName') ?? 'default-scheduler';
  if (name === 'default-scheduler' || !isReadCompletely(reader, 'Pod') || hasController(reader, name)) return undefined;
  const hasPlaced = livePods(reader).some(
    (other) => textAt(other.object, 'spec', 'schedulerName') === name && textAt(other.object, 'spec', 'nodeName') !== undefined,
  );
  return hasPlaced ? undefined : name;
}

/** A pod that nobody tries to place, or whose obstacle the snapshot does not show. */
function unexplained(pod: PodView, message: string): readonly FindingDraft[] {
  const condition = conditionOf(pod.object, 'PodScheduled');
  const paths: readonly FieldPath[] = [['status'], ['spec', 'schedulerName']];
  if (textAt(condition, 'status') === 'False') {
    const said = message === '' ? 'the scheduler gives no reason' : tellingWords(message);
    return [
      podFinding(pod, {
        code: 'T0-POD-058',
        message: `no node takes its pods: ${said}`,
        sinceMs: instantAt(condition, 'lastTransitionTime'),
        paths,
      }),
    ];
  }
  const claim = eventsAbout(pod.reader, pod.id).find(({ reason }) => reason === 'FailedResourceClaimCreation');
  if (claim !== undefined)
    return [
      podFinding(pod, {
        code: 'T0-POD-085',
        facts: { said: tellingWords(claim.message) },
        paths: [['spec', 'resourceClaims'], ['status']],
      }),
    ];
  const foreign = foreignScheduler(pod);
  if (condition === undefined && foreign !== undefined)
    return [
      podFinding(pod, {
        code: 'T0-POD-083',
        key: foreign,
        facts: { scheduler: foreign },
        paths,
      }),
    ];
  if (condition !== undefined || (!havePlacedBefore(pod) && (ageMs(pod) ?? 0) < patienceMs('pod-start'))) return [];
  const scheduler = textAt(pod.object, 'spec', 'schedulerName') ?? 'default-scheduler';
  return [
    podFinding(pod, {
      code: 'T0-POD-066',
      facts: { scheduler },
      key: scheduler,
      paths,
    }),
  ];
}

/** A template that names its node itself: pods for a node that does not exist are made and removed for ever. */
function absentNodes(reader: CmdbReader): readonly FindingDraft[] {
  const holders = [
    ...workloadsOf(reader).map(({ id }) => id),
    ...podViews(reader)
      .filter(({ id, workload }) => id === workload)
      .map(({ id }) => id),
  ];
  return holders.flatMap((id): readonly FindingDraft[] => {
    const path = [...podSpecPath(parseKubernetesItemId(id)?.kind ?? ''), 'nodeName'];
    const name = textAt(reader.object(id), ...path);
    if (name === undefined || numberAt(reader.object(id), 'spec', 'replicas') === 0 || isFinished(reader.object(id))) return [];
    const node = parseKubernetesItemId(siblingId(id, 'Node', name, ''));
    if (!node || existence(reader, node) !== 'absent' || reader.items({ kind: 'Node' }).items.length === 0) return [];
    const message = `${nameOf(id)} is bound to node ${name}, which does not exist`;
    return [{ code: 'T0-POD-059', subject: id, key: name, message, evidence: [quote(reader, id, path)] }];
  });
}

function isFinished(object: unknown): boolean {
  return ['Succeeded', 'Failed'].includes(textAt(object, 'status', 'phase') ?? '');
}
