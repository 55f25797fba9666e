import { type CmdbReader, parseKubernetesItemId } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { siblingId } from '../objects/existence.ts';
import { deletionPatienceMs } from '../objects/finalizer-owner.ts';
import { indexed } from '../objects/indexed.ts';
import { kindsPresent } from '../objects/kinds-present.ts';
import { type HeldObject, objectsOf } from '../objects/objects.ts';
import { patienceMs } from '../objects/patience.ts';
import { podViews } from '../objects/pod-view.ts';
import { instantAt, listAt, numberAt, textAt } from '../objects/read-object.ts';
import { workloadsOf } from '../objects/workload.ts';

/** Kinds that are many, or that have a rule of their own for it. */
const NOT_ASKED: ReadonlySet<string> = new Set([
  'Event',
  'Pod',
  'ReplicaSet',
  'EndpointSlice',
  'Namespace',
  'Node',
  'Lease',
  'ControllerRevision',
]);
/** These wait for whoever uses or is owned by the object, which is what they are for. */
const PATIENT: ReadonlySet<unknown> = new Set([
  'kubernetes.io/pvc-protection',
  'kubernetes.io/pv-protection',
  'snapshot.storage.kubernetes.io/volumesnapshot-bound-protection',
  'foregroundDeletion',
  'orphan',
]);

/** Objects whose deletion does not finish, and namespaces that they hold. */
export const finalizerRule: Rule = {
  name: 'finalizer',
  check: (reader) => [
    ...stuckTogether(reader, stuckObjects(reader)),
    ...objectsOf(reader, 'Namespace').flatMap((space) => stuckNamespace(reader, space)),
  ],
};

/** Objects that wait for the same controller have one cause: the first of them speaks for all, and explains the others. */
function stuckTogether(reader: CmdbReader, all: readonly Stuck[]): readonly FindingDraft[] {
  const alike = Map.groupBy(
    all,
    ({ held, finalizers }) => `${parseKubernetesItemId(held.id)?.kind} ${held.namespace} ${finalizers.toSorted().join()}`,
  );
  return [...alike.values()].flatMap((group) => {
    const [first, ...others] = group.toSorted((a, b) => a.deletedMs - b.deletedMs || (a.held.id < b.held.id ? -1 : 1));
    if (first === undefined) return [];
    const resting = restingFinding(reader, first);
    if (resting !== undefined) return group.map((stuck) => restingFinding(reader, stuck) ?? toStuckFinding(reader, stuck));
    const lead = toStuckFinding(reader, first);
    if (others.length === 0) return [lead];
    const names = others.map(({ held }) => held.name);
    const some = names.length > NAMED ? `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more` : names.join(', ');
    const told = { ...lead, seenOn: others.map(({ held }) => held.id), message: `${lead.message}; so are ${some}` };
    return [told, ...others.map((stuck) => ({ ...toStuckFinding(reader, stuck), suspects: [first.held.id] }))];
  });
}

/** Names told of those that are stuck alike. */
const NAMED = 5;

interface Stuck {
  readonly held: HeldObject;
  readonly deletedMs: number;
  readonly finalizers: readonly unknown[];
}

const stuckObjects = indexed((reader): readonly Stuck[] => {
  return kindsPresent(reader)
    .filter((kind) => !NOT_ASKED.has(kind))
    .flatMap((kind) => objectsOf(reader, kind).flatMap((held) => toStuck(reader, held) ?? []));
});

function toStuck(reader: CmdbReader, held: HeldObject): Stuck | undefined {
  const deletedMs = instantAt(held.object, 'metadata', 'deletionTimestamp');
  if (deletedMs === undefined) return undefined;
  const finalizers = listAt(held.object, 'metadata', 'finalizers').filter((name) => !PATIENT.has(name));
  if (finalizers.length > 0 && restingController(reader, held) !== undefined) return { held, deletedMs, finalizers };
  if (finalizers.length === 0 || Date.parse(reader.at) - deletedMs < deletionPatienceMs(reader, finalizers)) return undefined;
  return { held, deletedMs, finalizers };
}

/** The workload that is called after the kind and its controller, scaled to zero: nobody is there to clean up. */
function restingController(reader: CmdbReader, held: HeldObject): string | undefined {
  const kind = parseKubernetesItemId(held.id)?.kind.toLowerCase() ?? '';
  const isCalled = (name: string) => new RegExp(`(?:^|-)${kind}s?(?:-|$)`).test(name) && /operator|controller|manager|provider/.test(name);
  const resting = workloadsOf(reader).filter(({ id, name }) => isCalled(name) && numberAt(reader.object(id), 'spec', 'replicas') === 0);
  return kind.length > 2 && resting.length === 1 ? resting[0]?.id : undefined;
}

function restingFinding(reader: CmdbReader, { held, finalizers, deletedMs }: Stuck): FindingDraft | undefined {
  const controller = restingController(reader, held);
  if (controller === undefined) return undefined;
  const message = `${parseKubernetesItemId(controller)?.name} is scaled to zero replicas, and ${parseKubernetesItemId(held.id)?.kind} ${held.name} waits for it to take away its finalizer ${finalizers.join(', ')}`;
  const evidence = [quote(reader, controller, ['spec', 'replicas']), quote(reader, held.id, ['metadata', 'finalizers'])];
  return { code: 'T0-FINALIZER-002', subject: controller, key: held.id, message, sinceMs: deletedMs, evidence, seenOn: [held.id] };
}

function toStuckFinding(reader: CmdbReader, { held, deletedMs, finalizers }: Stuck): FindingDraft {
  return {
    code: 'T0-FINALIZER-001',
    subject: held.id,
    facts: {
      kind: textAt(held.object, 'kind') ?? '',
      name: held.name,
      deletedAt: new Date(deletedMs).toISOString(),
      finalizers: finalizers.map(String),
    },
    sinceMs: deletedMs,
    evidence: [quote(reader, held.id, ['metadata', 'finalizers']), quote(reader, held.id, ['metadata', 'deletionTimestamp'])],
  };
}

/** An API group that cannot be listed, in the words of the namespace controller. */
const UNLISTED = /([a-z0-9.-]+)\/(v\d\w*): (?:the server is currently unable|stale GroupVersion discovery)/gi;

function isWithinGrace(pod: unknown, at: string): boolean {
  const dueMs = instantAt(pod, 'metadata', 'deletionTimestamp');
  return dueMs !== undefined && dueMs > Date.parse(at);
}

function stuckNamespace(reader: CmdbReader, space: HeldObject): readonly FindingDraft[] {
  const deletedMs = instantAt(space.object, 'metadata', 'deletionTimestamp');
  if (deletedMs === undefined) return [];
  const isHeld = stuckObjects(reader).some(({ held }) => held.namespace === space.name);
  if (!isHeld && Date.parse(reader.at) - deletedMs < patienceMs('delete-object')) return [];
  // Pods that still have time to end hold it for as long as they do.
  if (!isHeld && podViews(reader).some((pod) => pod.id.includes(`/${space.name}/`) && isWithinGrace(pod.object, reader.at))) return [];
  const conditions = listAt(space.object, 'status', 'conditions').filter((entry) => textAt(entry, 'status') === 'True');
  const said = conditions.map((entry) => textAt(entry, 'message') ?? '').join(' ');
  const holders = stuckObjects(reader).filter(({ held }) => held.namespace === space.name);
  const apis = [...said.matchAll(UNLISTED)].map((match) => siblingId(space.id, 'APIService', `${match[2]}.${match[1]}`, ''));
  return [
    {
      code: 'T0-NAMESPACE-001',
      subject: space.id,
      facts: { namespace: space.name, deletedAt: new Date(deletedMs).toISOString(), said: said || 'no reason given' },
      sinceMs: deletedMs,
      evidence: [quote(reader, space.id, ['status']), quote(reader, space.id, ['metadata', 'deletionTimestamp'])],
      suspects: [...holders.map(({ held }) => held.id), ...apis],
    },
  ];
}
