import { type CmdbReader, type FieldPath, type JsonValue, parseKubernetesItemId, readField } from '@tier0/core';
import { driftOf } from '../objects/drift.ts';
import { indexed } from '../objects/indexed.ts';
import { sayKeyChange } from '../objects/key-change.ts';
import { kindsPresent } from '../objects/kinds-present.ts';
import { type HeldObject, objectsIn } from '../objects/objects.ts';
import { containersOf, livePodsByWorkload } from '../objects/pod-view.ts';
import { instantAt, listAt, textAt } from '../objects/read-object.ts';
import { referencesOf } from '../objects/reference.ts';
import { hasRevisions, revisionsOf } from '../objects/revisions.ts';
import { inBrackets, pathBelow } from '../objects/say.ts';
import { changedFields } from '../objects/template-change.ts';
import { podSpecPath } from '../objects/workload.ts';
import { workloadsIn } from '../objects/workload-index.ts';
import { earliestWriteMs } from '../objects/write-time.ts';

/** One thing in a namespace that somebody changed, or put there later than what was there before. */
export interface NearbyChange {
  readonly item: string;
  readonly kind: string;
  /**
   * Milliseconds since the epoch, as the API server or the controller noted it, or the earliest moment that it can have been; undefined where
   * only what was applied tells of the change.
   */
  readonly atMs: number | undefined;
  /** `was changed (limits.memory 1Gi → 1Mi)`, `was started anew`, `was made`. */
  readonly told: string;
  /** It was only started anew: it is a change as far as what it reads at its start was one. */
  readonly isRestart: boolean;
  /** It was made, and is as it was made. */
  readonly isNew: boolean;
}

/** What controllers write all day, and what only tells of other objects. */
const NOT_WRITTEN: ReadonlySet<string> = new Set(
  'Pod ReplicaSet ControllerRevision Endpoints EndpointSlice Event Lease Job Node Namespace PersistentVolume'.split(' '),
);
/** Managers of fields that nobody means by a change. */
const CONTROLLERS = /^(?:kube-(?:controller-manager|scheduler|apiserver)|kubelet|.*-controller-manager|cloud-controller.*)$/;
/** Parts of an object in which people say what they want. */
const WANTED = [
  'spec',
  'data',
  'binaryData',
  'stringData',
  'rules',
  'subjects',
  'roleRef',
  'webhooks',
  'handler',
  'value',
  'parameters',
] as const;
/** A write this soon after the creation belongs to it. */
const CREATION_MS = 1_000;
/** A write of more fields than these is one of everything. */
const NAMED = 3;

const changesByNamespace = indexed(() => new Map<string, readonly NearbyChange[]>());

/** What was changed in a namespace since its objects were made, in the order of time. What an object's controller writes is none. */
export function changesIn(reader: CmdbReader, namespace: string): readonly NearbyChange[] {
  const known = changesByNamespace(reader);
  const held = known.get(namespace) ?? readChanges(reader, namespace);
  known.set(namespace, held);
  return held;
}

function readChanges(reader: CmdbReader, namespace: string): readonly NearbyChange[] {
  const kinds = kindsPresent(reader).filter((kind) => !NOT_WRITTEN.has(kind));
  return kinds
    .flatMap((kind) => objectsIn(reader, kind, namespace).flatMap((held) => changesOf(reader, kind, held)))
    .sort((a, b) => (a.atMs ?? 0) - (b.atMs ?? 0) || (a.item < b.item ? -1 : 1));
}

function changesOf(reader: CmdbReader, kind: string, { id, name, object }: HeldObject): readonly NearbyChange[] {
  const isControlled = listAt(object, 'metadata', 'ownerReferences').some((owner) => readField(owner, ['controller']) === true);
  if (isControlled || name === 'kube-root-ca.crt') return [];
  const revision = hasRevisions(kind) ? revised(reader, id) : undefined;
  if (revision !== undefined) return [{ item: id, kind, isNew: false, ...revision }];
  const madeMs = instantAt(object, 'metadata', 'creationTimestamp');
  const written = newestWrite(object, madeMs ?? 0);
  if (written !== undefined) return [{ item: id, kind, isRestart: false, isNew: false, ...written }];
  const drift = driftOf(object).filter(({ path }) => path.at(-1) !== 'replicas');
  const fields = [...new Set(drift.map(({ path, value }) => sayField(object, path, value)))].filter((field) => field !== '');
  const earliestMs = earliestWriteMs(reader, id);
  if (earliestMs !== undefined)
    return [{ item: id, kind, atMs: earliestMs, told: `was changed${inBrackets(fields)}`, isRestart: false, isNew: false }];
  if (fields.length > 0)
    return [
      { item: id, kind, atMs: undefined, told: `was changed since it was applied${inBrackets(fields)}`, isRestart: false, isNew: false },
    ];
  return madeMs === undefined ? [] : [{ item: id, kind, atMs: madeMs, told: 'was made', isRestart: false, isNew: true }];
}

/** A field that is not as it was applied; of a key of a ConfigMap with what became of its value. */
function sayField(object: unknown, path: FieldPath, value: JsonValue | undefined): string {
  const field = pathBelow(path);
  const now = readField(object, path);
  const isKey = textAt(object, 'kind') === 'ConfigMap' && typeof value === 'string' && typeof now === 'string';
  return isKey ? `${field} ${sayKeyChange(field, value, now)}`.trimEnd() : field;
}

/** The newest write of what people want of an object, after it was made. */
function newestWrite(object: unknown, madeMs: number): Pick<NearbyChange, 'atMs' | 'told'> | undefined {
  const writes = listAt(object, 'metadata', 'managedFields').flatMap((entry) => {
    const atMs = instantAt(entry, 'time');
    const parts = WANTED.filter((part) => readField(entry, ['fieldsV1', `f:${part}`]) !== undefined);
    const isOurs = atMs !== undefined && atMs > madeMs + CREATION_MS && parts.length > 0 && textAt(entry, 'subresource') !== 'status';
    return isOurs && !CONTROLLERS.test(textAt(entry, 'manager') ?? '') ? [{ atMs, entry, parts }] : [];
  });
  const newest = writes.toSorted((a, b) => b.atMs - a.atMs)[0];
  if (newest === undefined) return undefined;
  const fields = newest.parts.flatMap((part) => fieldsBelow(newest.entry, part));
  return { atMs: newest.atMs, told: `was changed${fields.length > NAMED ? '' : inBrackets(fields.toSorted())}` };
}

/** The keys or the fields right below a part that a write owns. */
function fieldsBelow(entry: unknown, part: string): readonly string[] {
  const fields = readField(entry, ['fieldsV1', `f:${part}`]);
  const keys = typeof fields === 'object' && fields !== null ? Object.keys(fields) : [];
  return keys.filter((key) => key.startsWith('f:')).map((key) => key.slice(2));
}

/** When the present template of a workload came, if it is not its first one, and what it changed. */
function revised(reader: CmdbReader, workload: string): Omit<NearbyChange, 'item' | 'kind' | 'isNew'> | undefined {
  const revisions = revisionsOf(reader, workload).filter(({ number }) => number > 0);
  const atMs = instantAt(reader.object(revisions.at(-1)?.id ?? ''), 'metadata', 'creationTimestamp');
  if (revisions.length < 2 || atMs === undefined) return undefined;
  const fields = templateFields(reader, workload);
  if (fields === undefined || fields.length > 0) return { atMs, told: `was changed${inBrackets(fields ?? [])}`, isRestart: false };
  return { atMs, told: 'was started anew', isRestart: true };
}

/** The fields by which the newest pods of a workload differ from those of the revision before; undefined where no pod tells. */
function templateFields(reader: CmdbReader, workload: string): readonly string[] | undefined {
  const pods = (livePodsByWorkload(reader).get(workload) ?? []).toSorted((a, b) => madeMsOf(b.object) - madeMsOf(a.object));
  const [newest] = pods;
  if (newest === undefined) return undefined;
  const compared = containersOf(newest).map((view) => changedFields(view));
  return compared.some((fields) => fields !== undefined) ? [...new Set(compared.flatMap((fields) => fields ?? []))] : undefined;
}

function madeMsOf(object: unknown): number {
  return instantAt(object, 'metadata', 'creationTimestamp') ?? 0;
}

/** What the pods of a workload read, or run as: its ConfigMaps, Secrets, claims and its account. */
export function readBy(reader: CmdbReader, workload: string): readonly string[] {
  const { kind = '', namespace = '' } = parseKubernetesItemId(workload) ?? {};
  const [pod] = livePodsByWorkload(reader).get(workload) ?? [];
  const specs = [readField(reader.object(workload), podSpecPath(kind)), readField(pod?.object, ['spec'])];
  const names = new Set(specs.flatMap(referencesOf).map((reference) => `${reference.kind} ${reference.name}`));
  return ['ConfigMap', 'Secret', 'PersistentVolumeClaim', 'ServiceAccount'].flatMap((one) =>
    objectsIn(reader, one, namespace).flatMap(({ id, name }) => (names.has(`${one} ${name}`) ? [id] : [])),
  );
}

/** Workloads of its namespace that read an object, or run as it. */
export function readersOf(reader: CmdbReader, item: string): readonly string[] {
  const { namespace = '' } = parseKubernetesItemId(item) ?? {};
  return workloadsIn(reader, namespace).flatMap(({ id }) => (readBy(reader, id).includes(item) ? [id] : []));
}
