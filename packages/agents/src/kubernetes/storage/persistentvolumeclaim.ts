import { type CmdbReader, parseQuantity, readField } from '@tier0/core';
import type { FindingDraft } from '../../findings/finding-draft.ts';
import { quote } from '../../findings/quote.ts';
import type { Rule } from '../../findings/rule.ts';
import { eventsAbout } from '../objects/events.ts';
import { siblingId } from '../objects/existence.ts';
import { indexed } from '../objects/indexed.ts';
import { type HeldObject, isReadCompletely, isYoungerThan, objectsOf } from '../objects/objects.ts';
import { hasStood, patienceMs } from '../objects/patience.ts';
import { type IndexedPod, podIndex } from '../objects/pod-index.ts';
import { conditionOf, instantAt, listAt, mapAt, numberAt, textAt } from '../objects/read-object.ts';
import { matchesSelector } from '../objects/selector-match.ts';
import { tellingWords } from '../objects/telling-words.ts';
import { repeatedWarnings } from '../objects/warnings.ts';
import { provisionersOf } from './provisioner.ts';
import { isDefaultClass } from './storageclass.ts';
import { volumeOnTwoNodes } from './volume-attachment.ts';

/** A binding takes seconds; a provisioner gets minutes. */
const SETTLING_MS = 60_000;
const PROVISIONING_MS = 300_000;
/** So often the controller says that it waits for a provisioner that is not its own. */
const ASKED = 3;
/** The provisioner of classes whose volumes people make by hand. */
const BY_HAND = 'kubernetes.io/no-provisioner';

/** Claims that get no volume, have lost it, or are needed in two places. */
export const persistentVolumeClaimRule: Rule = {
  name: 'persistentvolumeclaim',
  check: (reader) => objectsOf(reader, 'PersistentVolumeClaim', '').flatMap((claim) => checkClaim(reader, claim)),
};

function checkClaim(reader: CmdbReader, claim: HeldObject): readonly FindingDraft[] {
  const found = findingsOf(reader, claim);
  const isNeeded = podsUsing(reader, claim).length > 0 || !isReadCompletely(reader, 'Pod');
  // Nobody waits for a claim that no pod uses.
  return isNeeded ? found : found.map((finding) => ({ ...finding, severity: 'degraded' as const }));
}

function findingsOf(reader: CmdbReader, claim: HeldObject): readonly FindingDraft[] {
  if (readField(claim.object, ['metadata', 'deletionTimestamp']) !== undefined) return deleted(reader, claim);
  const phase = textAt(claim.object, 'status', 'phase');
  if (phase === 'Pending') return unbound(reader, claim);
  if (phase !== 'Bound' && phase !== 'Lost') return [];
  return [...lost(reader, claim, phase), ...volumeOnTwoNodes(reader, claim, podsUsing(reader, claim)), ...resize(reader, claim)];
}

/** What is missing by its name, or by every volume there is, is not there in a minute either. */
const DEFINITE: ReadonlySet<string> = new Set([
  'T0-PERSISTENTVOLUME-004',
  ...['001', '002', '004', '005', '008'].map((number) => `T0-PERSISTENTVOLUMECLAIM-${number}`),
]);

function unbound(reader: CmdbReader, claim: HeldObject): readonly FindingDraft[] {
  if (isYoungerThan(reader, claim.object, patienceMs('binding-told'))) return [];
  const found = pending(reader, claim);
  const isDefinite = found.some(({ code }) => DEFINITE.has(code));
  return isDefinite || !isYoungerThan(reader, claim.object, SETTLING_MS) ? found : [];
}

/** Deleted, and kept by the pods that have it; whoever comes after them gets nothing. */
function deleted(reader: CmdbReader, claim: HeldObject): readonly FindingDraft[] {
  const users = podsUsing(reader, claim);
  const waiting = users.filter(({ object }) => textAt(object, 'spec', 'nodeName') === undefined);
  if (waiting.length === 0 || listAt(claim.object, 'metadata', 'finalizers').length === 0) return [];
  const holders = users.filter((pod) => !waiting.includes(pod)).map(({ name }) => name);
  const kept = holders.length === 0 ? '' : `; it is kept while ${holders.join(', ')} uses it`;
  const message = `claim ${claim.name} is being deleted, and ${waiting.map(({ name }) => name).join(', ')} needs it${kept}`;
  const sinceMs = instantAt(claim.object, 'metadata', 'deletionTimestamp');
  const evidence = [quote(reader, claim.id, ['metadata', 'deletionTimestamp']), quote(reader, claim.id, ['metadata', 'finalizers'])];
  return [{ code: 'T0-PERSISTENTVOLUMECLAIM-009', subject: claim.id, message, sinceMs, evidence }];
}

const podsByClaim = indexed((reader) => {
  const pods = new Map<string, IndexedPod[]>();
  for (const pod of podIndex(reader).all) {
    for (const volume of listAt(pod.object, 'spec', 'volumes')) {
      const name = textAt(volume, 'persistentVolumeClaim', 'claimName');
      if (name === undefined || pod.over) continue;
      const key = `${pod.namespace}/${name}`;
      pods.set(key, [...(pods.get(key) ?? []), pod]);
    }
  }
  return pods;
});

/** Pods that mount a claim and are not over. */
export function podsUsing(reader: CmdbReader, claim: HeldObject): readonly IndexedPod[] {
  return podsByClaim(reader).get(`${claim.namespace}/${claim.name}`) ?? [];
}

function classOf(claim: HeldObject): string | undefined {
  const named = readField(claim.object, ['spec', 'storageClassName']);
  return typeof named === 'string' ? named : mapAt(claim.object, 'metadata', 'annotations')['volume.beta.kubernetes.io/storage-class'];
}

function pending(reader: CmdbReader, claim: HeldObject): readonly FindingDraft[] {
  const volume = textAt(claim.object, 'spec', 'volumeName');
  if (volume !== undefined) return waitsForVolume(reader, claim, volume);
  const name = classOf(claim);
  if (name === undefined) return withoutClass(reader, claim);
  if (name === '') return noVolumeFits(reader, claim, '');
  const id = siblingId(claim.id, 'StorageClass', name, '');
  const { state } = reader.get(id);
  if (state === 'absent') return missingClass(reader, claim, { id, name });
  return state === 'unknown' ? ofUnreadClass(reader, claim, { id, name }) : withClass(reader, claim, { id, name });
}

interface ClassName {
  readonly id: string;
  readonly name: string;
}

/** Nobody recorded the classes: that the claim waits is seen all the same, where pods have waited for it for longer than binding takes. */
function ofUnreadClass(reader: CmdbReader, claim: HeldObject, { id, name }: ClassName): readonly FindingDraft[] {
  const told = toldFailing(reader, claim, id);
  if (told.length > 0) return told;
  const isUnbound = podsUsing(reader, claim).some(({ object }) =>
    /unbound immediate PersistentVolumeClaims/.test(textAt(conditionOf(object, 'PodScheduled'), 'message') ?? ''),
  );
  const message = `claim ${claim.name} is pending, and its pods wait for it; its storage class ${name} was not recorded`;
  return isUnbound ? [pendingFinding(reader, claim, { message, suspects: [id] })] : [];
}

function missingClass(reader: CmdbReader, claim: HeldObject, { id, name }: ClassName): readonly FindingDraft[] {
  if (volumesOfClass(reader, name).some(isMadeByHand)) return noVolumeFits(reader, claim, name);
  const evidence = [quote(reader, claim.id, ['spec', 'storageClassName'])];
  const message = `claim ${claim.name} asks for the storage class ${name}, which does not exist`;
  return [
    { code: 'T0-PERSISTENTVOLUMECLAIM-001', subject: id, message, evidence },
    pendingFinding(reader, claim, { message: `claim ${claim.name} is pending: its storage class ${name} does not exist`, suspects: [id] }),
  ];
}

function pendingFinding(reader: CmdbReader, claim: HeldObject, draft: Pick<FindingDraft, 'message' | 'suspects'>): FindingDraft {
  return {
    ...draft,
    code: 'T0-PERSISTENTVOLUMECLAIM-003',
    subject: claim.id,
    sinceMs: instantAt(claim.object, 'metadata', 'creationTimestamp'),
    evidence: [quote(reader, claim.id, ['spec']), quote(reader, claim.id, ['status'])],
  };
}

function withoutClass(reader: CmdbReader, claim: HeldObject): readonly FindingDraft[] {
  const isRead = isReadCompletely(reader, 'StorageClass') || isToldWithoutClass(reader, claim);
  if (!isRead || objectsOf(reader, 'StorageClass').some(isDefaultClass)) return toldFailing(reader, claim);
  if (volumesOfClass(reader, '').some((volume) => fits(volume, claim))) return [];
  const message = `claim ${claim.name} names no storage class, and none is the default`;
  const evidence = [quote(reader, claim.id, ['spec'])];
  return [{ code: 'T0-PERSISTENTVOLUMECLAIM-002', subject: claim.id, message, evidence }];
}

/** The controller has looked, and says that the claim got no class: there is no default. */
function isToldWithoutClass(reader: CmdbReader, claim: HeldObject): boolean {
  return eventsAbout(reader, claim.id).some(
    ({ reason, message }) => reason === 'FailedBinding' && /no storage class is set/i.test(message),
  );
}

/** A class that waits for a consumer has nothing to do until a pod was placed. */
function withClass(reader: CmdbReader, claim: HeldObject, { id, name }: ClassName): readonly FindingDraft[] {
  const object = reader.object(id);
  const isByHand = textAt(object, 'provisioner') === BY_HAND;
  const waits = textAt(object, 'volumeBindingMode') === 'WaitForFirstConsumer';
  if (waits && podsUsing(reader, claim).length === 0) return [];
  if (isByHand) return noVolumeFits(reader, claim, name);
  const isPlaced = mapAt(claim.object, 'metadata', 'annotations')['volume.kubernetes.io/selected-node'] !== undefined;
  if (waits && !isPlaced) return toldFailing(reader, claim, id);
  const missing = driverMissing(reader, claim, textAt(object, 'provisioner'));
  if (missing.length > 0) return missing;
  const told = toldFailing(reader, claim, id);
  const isAsked = eventsAbout(reader, claim.id).some(({ reason, count }) => reason === 'ExternalProvisioning' && count >= ASKED);
  const nobody = provisionersOf(reader, textAt(object, 'provisioner') ?? '').length === 0;
  if (told.length > 0 || (isYoungerThan(reader, claim.object, PROVISIONING_MS) && !(isAsked && nobody))) return told;
  const provisioner = textAt(object, 'provisioner') ?? 'its provisioner';
  const suspects = [id, ...provisionersOf(reader, provisioner).map((workload) => workload.id)];
  return [pendingFinding(reader, claim, { message: `claim ${claim.name} is pending: ${provisioner} has made no volume for it`, suspects })];
}

/** Annotations in which the controller writes who is to make the volume: for classes that were migrated another than the class says. */
const PROVISIONER_KEYS = ['volume.kubernetes.io/storage-provisioner', 'volume.beta.kubernetes.io/storage-provisioner'] as const;

/** The driver that is to make the volume is registered nowhere. */
function driverMissing(reader: CmdbReader, claim: HeldObject, ofClass: string | undefined): readonly FindingDraft[] {
  const annotations = mapAt(claim.object, 'metadata', 'annotations');
  const driver = PROVISIONER_KEYS.map((key) => annotations[key]).find((name) => name !== undefined) ?? ofClass ?? '';
  const isKnown = objectsOf(reader, 'CSIDriver').some(({ name }) => name === driver);
  const isOnNode = objectsOf(reader, 'CSINode').some(({ object }) =>
    listAt(object, 'spec', 'drivers').some((entry) => textAt(entry, 'name') === driver),
  );
  if (!/(?:^|\.)csi\.|\.csi(?:\.|$)/.test(driver) || !isReadCompletely(reader, 'CSIDriver') || isKnown || isOnNode) return [];
  // A recording without any driver tells nothing of drivers.
  if (objectsOf(reader, 'CSIDriver').length + objectsOf(reader, 'CSINode').length === 0) return [];
  if (provisionersOf(reader, driver).some((workload) => (numberAt(workload.object, 'status', 'readyReplicas') ?? 0) > 0)) return [];
  const message = `claim ${claim.name} waits for the driver ${driver}, which is not installed: no CSIDriver of that name is registered`;
  const evidence = [quote(reader, claim.id, ['metadata', 'annotations']), quote(reader, claim.id, ['status'])];
  return [{ code: 'T0-PERSISTENTVOLUMECLAIM-008', subject: claim.id, key: driver, message, evidence }];
}

/** What the provisioner said in an event, when nothing else tells. */
function toldFailing(reader: CmdbReader, claim: HeldObject, storageClass?: string): readonly FindingDraft[] {
  const event = eventsAbout(reader, claim.id).find((candidate) => candidate.reason === 'ProvisioningFailed');
  if (event === undefined) return [];
  const missing = /storageclass\.storage\.k8s\.io "?([^"\s]+)"? not found/i.exec(event.message)?.[1];
  const provisioner = textAt(reader.object(storageClass ?? ''), 'provisioner');
  const makers = provisioner === undefined ? [] : provisionersOf(reader, provisioner).map((workload) => workload.id);
  if (missing !== undefined) return missingClass(reader, claim, { id: siblingId(claim.id, 'StorageClass', missing, ''), name: missing });
  return [
    pendingFinding(reader, claim, {
      message: `claim ${claim.name} is pending: ${event.message}`,
      suspects: [...makers, ...(storageClass ? [storageClass] : [])],
    }),
  ];
}

const volumesByClass = indexed((reader) =>
  Map.groupBy(objectsOf(reader, 'PersistentVolume'), (volume) => textAt(volume.object, 'spec', 'storageClassName') ?? ''),
);

function volumesOfClass(reader: CmdbReader, name: string): readonly HeldObject[] {
  return volumesByClass(reader).get(name) ?? [];
}

/** A volume that a provisioner made shows that its class was there; one made by hand needs no class of its name. */
function isMadeByHand(volume: HeldObject): boolean {
  return mapAt(volume.object, 'metadata', 'annotations')['pv.kubernetes.io/provisioned-by'] === undefined;
}

function noVolumeFits(reader: CmdbReader, claim: HeldObject, storageClass: string): readonly FindingDraft[] {
  if (!isReadCompletely(reader, 'PersistentVolume')) return [];
  const candidates = volumesOfClass(reader, storageClass);
  if (candidates.some((volume) => fits(volume, claim))) return [];
  const former = candidates.find((volume) => isKeptForFormer(volume, claim));
  if (former !== undefined) return [keptForFormer(reader, claim, former)];
  const ofClass = storageClass === '' ? 'without a class' : `of class ${storageClass}`;
  const why =
    candidates.length === 0
      ? `there is no volume ${ofClass}`
      : `none of ${candidates.length} volumes ${ofClass} fits what it asks for${nearest(candidates, claim)}`;
  const message = `claim ${claim.name} is pending: ${why}`;
  const evidence = [quote(reader, claim.id, ['spec']), ...candidates.slice(0, 3).map((volume) => quote(reader, volume.id, ['spec']))];
  return [{ code: 'T0-PERSISTENTVOLUMECLAIM-004', subject: claim.id, message, evidence }];
}

/** Its claim was deleted and made anew by the same name: the volume knows the old one by its uid and is bound to nobody else. */
function isKeptForFormer(volume: HeldObject, claim: HeldObject): boolean {
  const holder = readField(volume.object, ['spec', 'claimRef']);
  const isOurs = textAt(holder, 'namespace') === claim.namespace && textAt(holder, 'name') === claim.name;
  const uid = textAt(holder, 'uid');
  return (
    isOurs &&
    uid !== undefined &&
    uid !== textAt(claim.object, 'metadata', 'uid') &&
    textAt(volume.object, 'status', 'phase') === 'Released'
  );
}

function keptForFormer(reader: CmdbReader, claim: HeldObject, volume: HeldObject): FindingDraft {
  const message = `volume ${volume.name} is Released: its claimRef still names the claim ${claim.name} that was deleted, by its uid, so the new claim of that name does not get it`;
  const evidence = [quote(reader, volume.id, ['spec', 'claimRef']), quote(reader, claim.id, ['metadata', 'uid'])];
  return { code: 'T0-PERSISTENTVOLUME-004', subject: volume.id, key: claim.id, message, evidence, seenOn: [claim.id] };
}

/** The volume that fails the fewest of the demands, and the one that it fails where it is one. */
function nearest(candidates: readonly HeldObject[], claim: HeldObject): string {
  const judged = candidates.map((volume) => ({ volume, fails: failedDemands(volume, claim) }));
  const [best] = judged.toSorted((a, b) => a.fails.length - b.fails.length || (a.volume.id < b.volume.id ? -1 : 1));
  return best === undefined || best.fails.length === 0 ? '' : `; ${best.volume.name} is nearest: ${best.fails.join(', ')}`;
}

function failedDemands(volume: HeldObject, claim: HeldObject): readonly string[] {
  const wanted = readField(claim.object, ['spec', 'resources', 'requests', 'storage']);
  const offered = readField(volume.object, ['spec', 'capacity', 'storage']);
  const modes = listAt(volume.object, 'spec', 'accessModes');
  const lacking = listAt(claim.object, 'spec', 'accessModes').filter((mode) => !modes.includes(mode));
  const mode = (object: unknown) => textAt(object, 'spec', 'volumeMode') ?? 'Filesystem';
  const holder = textAt(volume.object, 'spec', 'claimRef', 'name');
  return [
    ...(isFreeFor(volume, claim)
      ? []
      : [holder === undefined ? 'it has failed' : `it belongs to ${textAt(volume.object, 'spec', 'claimRef', 'namespace')}/${holder}`]),
    ...((parseQuantity(offered) ?? 0) >= (parseQuantity(wanted) ?? 0)
      ? []
      : [`it has ${String(offered)}, and ${String(wanted)} is asked for`]),
    ...(lacking.length === 0 ? [] : [`it does not offer ${lacking.join(', ')}`]),
    ...(mode(volume.object) === mode(claim.object)
      ? []
      : [`its volumeMode is ${mode(volume.object)}, and ${mode(claim.object)} is asked for`]),
    ...(matchesSelector(mapAt(volume.object, 'metadata', 'labels'), readField(claim.object, ['spec', 'selector']))
      ? []
      : ['its labels do not match the selector']),
  ];
}

/** Whether a volume is free and has what a claim asks for: size, access modes, mode and labels. */
function fits(volume: HeldObject, claim: HeldObject): boolean {
  if (!isFreeFor(volume, claim)) return false;
  const wanted = parseQuantity(readField(claim.object, ['spec', 'resources', 'requests', 'storage'])) ?? 0;
  const offered = parseQuantity(readField(volume.object, ['spec', 'capacity', 'storage'])) ?? 0;
  const modes = listAt(volume.object, 'spec', 'accessModes');
  const mode = (object: unknown) => textAt(object, 'spec', 'volumeMode') ?? 'Filesystem';
  return (
    offered >= wanted &&
    listAt(claim.object, 'spec', 'accessModes').every((wish) => modes.includes(wish)) &&
    mode(volume.object) === mode(claim.object) &&
    matchesSelector(mapAt(volume.object, 'metadata', 'labels'), readField(claim.object, ['spec', 'selector']))
  );
}

/** Free, or kept for this very claim. One that was released keeps the uid of its old claim. */
function isFreeFor(volume: HeldObject, claim: HeldObject): boolean {
  const holder = readField(volume.object, ['spec', 'claimRef']);
  if (holder === undefined || holder === null) return textAt(volume.object, 'status', 'phase') !== 'Failed';
  const uid = textAt(holder, 'uid');
  const isOurs = textAt(holder, 'namespace') === claim.namespace && textAt(holder, 'name') === claim.name;
  return isOurs && (uid === undefined || uid === textAt(claim.object, 'metadata', 'uid'));
}

function waitsForVolume(reader: CmdbReader, claim: HeldObject, name: string): readonly FindingDraft[] {
  const id = siblingId(claim.id, 'PersistentVolume', name, '');
  const { state } = reader.get(id);
  if (state === 'unknown') return [];
  const volume: HeldObject = { id, name, namespace: '', object: reader.object(id) };
  if (state === 'found' && fits(volume, claim)) return [];
  const code = state === 'absent' ? 'T0-PERSISTENTVOLUMECLAIM-005' : 'T0-PERSISTENTVOLUMECLAIM-004';
  const fails = state === 'absent' ? [] : failedDemands(volume, claim);
  const why = state === 'absent' ? 'does not exist' : `does not fit it${fails.length === 0 ? '' : `: ${fails.join(', ')}`}`;
  const message = `claim ${claim.name} asks for volume ${name}, which ${why}`;
  return [{ code, subject: claim.id, key: name, message, evidence: [quote(reader, claim.id, ['spec'])] }];
}

function lost(reader: CmdbReader, claim: HeldObject, phase: string): readonly FindingDraft[] {
  const name = textAt(claim.object, 'spec', 'volumeName') ?? '';
  const isGone = name !== '' && reader.get(siblingId(claim.id, 'PersistentVolume', name, '')).state === 'absent';
  if (phase !== 'Lost' && !isGone) return [];
  const message = `claim ${claim.name} has lost its volume ${name}`;
  const evidence = [quote(reader, claim.id, ['status']), quote(reader, claim.id, ['spec', 'volumeName'])];
  return [{ code: 'T0-PERSISTENTVOLUMECLAIM-005', subject: claim.id, key: name, message, evidence }];
}

const RESIZE_MS = 900_000;

function resize(reader: CmdbReader, claim: HeldObject): readonly FindingDraft[] {
  const types = ['FileSystemResizePending', 'Resizing', 'ControllerResizeError', 'NodeResizeError'];
  const type = types.find((candidate) => textAt(conditionOf(claim.object, candidate), 'status') === 'True');
  const refused = Object.values(mapAt(claim.object, 'status', 'allocatedResourceStatuses')).find((status) =>
    /Failed|Infeasible/.test(status),
  );
  const sinceMs = type === undefined ? undefined : instantAt(conditionOf(claim.object, type), 'lastTransitionTime');
  const why = refusedGrowth(reader, claim);
  if (
    why !== undefined &&
    (type !== undefined || refused !== undefined) &&
    hasStood(reader, claim.id, { kind: 'condition-told', toldMs: sinceMs })
  ) {
    return [
      {
        code: 'T0-PERSISTENTVOLUMECLAIM-010',
        subject: claim.id,
        facts: { claim: claim.name, size: textAt(claim.object, 'spec', 'resources', 'requests', 'storage') ?? 'the size it asks for', why },
        sinceMs,
        evidence: [quote(reader, claim.id, ['spec', 'resources']), quote(reader, claim.id, ['status'])],
      },
    ];
  }
  const isSettling = sinceMs !== undefined && Date.parse(reader.at) - sinceMs < RESIZE_MS;
  if ((type === undefined || isSettling) && refused === undefined) return [];
  const message = `claim ${claim.name} does not get the space it asks for: ${refused ?? type}`;
  return [
    {
      code: 'T0-PERSISTENTVOLUMECLAIM-006',
      subject: claim.id,
      message,
      sinceMs,
      evidence: [quote(reader, claim.id, ['status'])],
    },
  ];
}

/** Why it is not made larger, in the words of whoever is to do it. */
function refusedGrowth(reader: CmdbReader, claim: HeldObject): string | undefined {
  const failed = ['ControllerResizeError', 'NodeResizeError'].map((type) => conditionOf(claim.object, type));
  const said = failed.find((condition) => textAt(condition, 'status') === 'True');
  const [warning] = repeatedWarnings(reader, claim.id).filter(({ reason }) => /Resize|Expand/i.test(reason));
  const message = textAt(said, 'message') ?? warning?.message;
  return message === undefined ? undefined : tellingWords(message);
}
