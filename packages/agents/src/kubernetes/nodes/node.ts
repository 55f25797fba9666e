import { type CmdbReader, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { siblingId } from '../objects/existence.ts';
import { type HeldObject, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { hasStood, patienceMs } from '../objects/patience.ts';
import { conditionOf, instantAt, listAt, textAt } from '../objects/read-object.ts';
import { someOf } from '../objects/say.ts';
import { failingPlugins, NETWORK_PLUGIN } from './network-plugin.ts';
import { waitingForCordoned, waitingForSlots } from './node-room.ts';

const PRESSURES = ['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;
const STANDARD: ReadonlySet<string> = new Set(['Ready', 'NetworkUnavailable', ...PRESSURES]);
/** Conditions that people name for what is wrong: True is bad, and only True. */
const PROBLEM =
  /deadlock|readonly|corrupt|problem|frequent|unhealthy|fail|error|hung|broken|lost|outofdisk|pressure|kerneloops|taskhung|reboot|down|stuck|degraded|throttl|leak|exhaust/i;
/** Names that hold such a word and say that all is well. */
const WELL = /HasNo|HasSufficient|(?:^|[a-z])No[A-Z]|^Not?[A-Z]|Ready$|Recover|Detector/;

/** Nodes that do not work, or that keep pods waiting. */
export const nodeRule: Rule = {
  name: 'node',
  check: (reader) => [
    ...lostTogether(objectsOf(reader, 'Node', '').flatMap((node) => checkNode(reader, node))),
    ...waitingForCordoned(reader),
    ...waitingForSlots(reader),
    ...staleLeases(reader),
  ],
};

function checkNode(reader: CmdbReader, node: HeldObject): readonly FindingDraft[] {
  if (readField(node.object, ['metadata', 'deletionTimestamp']) !== undefined) return [];
  const cordoned = readField(node.object, ['spec', 'unschedulable']) === true ? [cordonedFinding(reader, node)] : [];
  const notReady = ready(reader, node);
  // A node that has stopped reporting says nothing true about its other conditions.
  if (notReady.length > 0) return [...notReady, ...cordoned];
  return [...PRESSURES.flatMap((type) => pressure(reader, node, type)), ...problems(reader, node), ...network(reader, node), ...cordoned];
}

function cordonedFinding(reader: CmdbReader, node: HeldObject): FindingDraft {
  const evidence = [quote(reader, node.id, ['spec', 'unschedulable'])];
  return { code: 'T0-NODE-007', subject: node.id, facts: { node: node.name }, evidence };
}

function conditionFinding(
  reader: CmdbReader,
  node: HeldObject,
  draft: {
    readonly code: 'T0-NODE-001' | 'T0-NODE-002' | 'T0-NODE-003' | 'T0-NODE-004';
    readonly type: string;
    readonly degraded?: boolean;
  },
): FindingDraft {
  const condition = conditionOf(node.object, draft.type);
  const said = textAt(condition, 'message') ?? textAt(condition, 'reason') ?? 'no reason given';
  return {
    code: draft.code,
    subject: node.id,
    key: draft.type,
    severity: draft.degraded ? 'degraded' : 'fault',
    message: `node ${node.name}: ${draft.type} is ${textAt(condition, 'status')}: ${said}`,
    sinceMs: instantAt(condition, 'lastTransitionTime'),
    evidence: [quote(reader, node.id, ['status', 'conditions', { key: 'type', value: draft.type }])],
  };
}

function ready(reader: CmdbReader, node: HeldObject): readonly FindingDraft[] {
  const condition = conditionOf(node.object, 'Ready');
  const status = textAt(condition, 'status');
  if (status === undefined || status === 'True') return [];
  const sinceMs = instantAt(condition, 'lastTransitionTime');
  const plugins = status === 'False' && NETWORK_PLUGIN.test(textAt(condition, 'message') ?? '') ? failingPlugins(reader, node.name) : [];
  // The node controller waits before it says Unknown: then there is nothing to wait for.
  const isDefinite = status === 'Unknown' || plugins.length > 0;
  if (!isDefinite && isYoungerThan(reader, node.object, patienceMs('node-join'))) return [];
  if (!isDefinite && !hasStood(reader, node.id, { kind: 'node-report', toldMs: sinceMs })) return [];
  return [{ ...conditionFinding(reader, node, { code: 'T0-NODE-001', type: 'Ready' }), suspects: plugins }];
}

/** Nodes lost within this time of each other were lost together. */
const TOGETHER_MS = 120_000;

/** Nodes that stopped being ready at the same moment have one cause: the first speaks for all, and explains the others. */
function lostTogether(drafts: readonly FindingDraft[]): readonly FindingDraft[] {
  const lost = drafts.filter(({ code, suspects = [] }) => code === 'T0-NODE-001' && suspects.length === 0);
  const ordered = [...lost].sort((a, b) => (a.sinceMs ?? 0) - (b.sinceMs ?? 0) || (a.subject < b.subject ? -1 : 1));
  const leaders = new Map<FindingDraft, FindingDraft>();
  let leader: FindingDraft | undefined;
  for (const draft of ordered) {
    if (leader?.sinceMs === undefined || draft.sinceMs === undefined || draft.sinceMs - leader.sinceMs > TOGETHER_MS) leader = draft;
    leaders.set(draft, leader);
  }
  return drafts.map((draft) => {
    const first = leaders.get(draft);
    if (first === undefined) return draft;
    if (first !== draft) return { ...draft, suspects: [first.subject] };
    const others = [...leaders].filter(([other, of]) => of === draft && other !== draft).map(([other]) => other.subject);
    if (others.length === 0) return draft;
    const names = others.map((id) => id.slice(id.lastIndexOf('/') + 1)).sort();
    const some = someOf(names, 5);
    return { ...draft, seenOn: others, message: `${draft.message}; ${some} stopped reporting ready with it` };
  });
}

function pressure(reader: CmdbReader, node: HeldObject, type: string): readonly FindingDraft[] {
  if (textAt(conditionOf(node.object, type), 'status') !== 'True') return [];
  return [conditionFinding(reader, node, { code: 'T0-NODE-002', type })];
}

function network(reader: CmdbReader, node: HeldObject): readonly FindingDraft[] {
  const condition = conditionOf(node.object, 'NetworkUnavailable');
  if (textAt(condition, 'status') !== 'True' || isYoungerThan(reader, node.object, patienceMs('node-join'))) return [];
  return [conditionFinding(reader, node, { code: 'T0-NODE-004', type: 'NetworkUnavailable' })];
}

function problems(reader: CmdbReader, node: HeldObject): readonly FindingDraft[] {
  const types = listAt(node.object, 'status', 'conditions').flatMap((condition) => {
    const type = textAt(condition, 'type') ?? '';
    return textAt(condition, 'status') === 'True' && !STANDARD.has(type) && PROBLEM.test(type) && !WELL.test(type) ? [type] : [];
  });
  return types.map((type) => conditionFinding(reader, node, { code: 'T0-NODE-003', type }));
}

/** Renewals are compared with each other: when the snapshot was taken is not known to the second. */
const STALE_MS = 300_000;

function staleLeases(reader: CmdbReader): readonly FindingDraft[] {
  const leases = objectsOf(reader, 'Lease').filter((lease) => lease.namespace === 'kube-node-lease');
  const renewed = (lease: HeldObject) => instantAt(lease.object, 'spec', 'renewTime') ?? Number.NaN;
  const newest = Math.max(...leases.map(renewed).filter((at) => !Number.isNaN(at)));
  return leases.flatMap((lease): readonly FindingDraft[] => {
    const node = siblingId(lease.id, 'Node', lease.name, '');
    if (!(newest - renewed(lease) > STALE_MS) || textAt(conditionOf(reader.object(node), 'Ready'), 'status') !== 'True') return [];
    const message = `node ${lease.name} has not renewed its lease for ${Math.round((newest - renewed(lease)) / 1000)} s`;
    return [{ code: 'T0-NODE-008', subject: node, message, evidence: [quote(reader, lease.id, ['spec', 'renewTime'])] }];
  });
}
