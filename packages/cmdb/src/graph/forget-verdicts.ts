import { type ItemEdit, readField, writeField } from '@tier0/core';
import { idOf } from '../kinds/kubernetes-item.ts';
import { isRecord, type KubernetesObject, textOf } from '../kinds/kubernetes-object.ts';
import { controllerOf } from '../relations/owner.ts';
import type { ObjectsById } from './rehearse.ts';

/** Kinds whose status does not judge their specification: it stays true when that is edited. */
const LASTING: ReadonlySet<string> = new Set(['Deployment', 'DaemonSet', 'Namespace', 'Node', 'PersistentVolume', 'StatefulSet']);

/**
 * What controllers said about an object before it was edited is not said about the edited one: statuses are dropped, failed runs of an
 * edited job and events about an edited object are gone, its autoscaler has yet to look, a quota counts by its new bounds, and a claim that waited for a class that is there now is bound.
 */
export function forgetVerdicts(objects: ObjectsById, edits: readonly ItemEdit[], cluster: string): void {
  const edited = new Set(edits.map((edit) => edit.item));
  dropEvents(objects, edited, cluster);
  forgetScaling(objects, edited, cluster);
  for (const item of edited) {
    const object = objects.get(item);
    if (object && isReleased(object)) objects.delete(item);
    else if (object?.kind === 'Node') objects.set(item, withoutCordonTaint(object));
    if (!object || isReleased(object) || LASTING.has(object.kind)) continue;
    objects.set(item, withoutVerdict(object, objects, cluster));
    if (object.kind === 'CronJob' || object.kind === 'Job') dropRuns(objects, object, cluster);
  }
}

function withoutVerdict(object: KubernetesObject, objects: ObjectsById, cluster: string): KubernetesObject {
  if (object.kind === 'ResourceQuota') return writeField(object, ['status', 'hard'], readField(object, ['spec', 'hard']));
  if (object.kind === 'PersistentVolumeClaim') return boundClaim(object, objects, cluster);
  return 'status' in object ? writeField(object, ['status'], undefined) : object;
}

function boundClaim(claim: KubernetesObject, objects: ObjectsById, cluster: string): KubernetesObject {
  const name = textOf(readField(claim, ['spec', 'storageClassName']));
  const hasClass = name !== undefined && objects.has(idOf({ kind: 'StorageClass', metadata: { name } }, cluster));
  return hasClass ? writeField(claim, ['status'], { phase: 'Bound' }) : claim;
}

/** Jobs that the edited one owns, and their pods. */
function dropRuns(objects: ObjectsById, owner: KubernetesObject, cluster: string): void {
  for (const [id, object] of [...objects]) {
    const controller = isRecord(object.metadata) ? controllerOf(object) : undefined;
    const isOwn = controller?.kind === owner.kind && controller.name === owner.metadata.name;
    if (!isOwn || object.metadata.namespace !== owner.metadata.namespace) continue;
    objects.delete(id);
    if (object.kind === 'Job') dropRuns(objects, object, cluster);
  }
}

/** Events tell of what happened to an object as it was. */
function dropEvents(objects: ObjectsById, edited: ReadonlySet<string>, cluster: string): void {
  for (const [id, object] of [...objects]) {
    if (object.kind !== 'Event') continue;
    const about = readField(object, ['involvedObject']) ?? readField(object, ['regarding']);
    const [kind, name, namespace] = ['kind', 'name', 'namespace'].map((field) => textOf(readField(about, [field])));
    if (kind && name && edited.has(idOf({ kind, metadata: { name, ...(namespace ? { namespace } : {}) } }, cluster))) objects.delete(id);
  }
}

/** What an autoscaler says of a workload holds for the template that it looked at. */
function forgetScaling(objects: ObjectsById, edited: ReadonlySet<string>, cluster: string): void {
  for (const [id, object] of [...objects]) {
    if (object.kind !== 'HorizontalPodAutoscaler') continue;
    const [kind, name] = ['kind', 'name'].map((field) => textOf(readField(object, ['spec', 'scaleTargetRef', field])));
    if (!kind || !name || !edited.has(idOf({ kind, metadata: { ...object.metadata, name } }, cluster))) continue;
    objects.set(id, writeField(object, ['status', 'conditions'], undefined));
  }
}

/** The API server drops a deleted object with its last finalizer. */
function isReleased({ metadata }: KubernetesObject): boolean {
  const finalizers = readField(metadata, ['finalizers']);
  const isHeld = Array.isArray(finalizers) && finalizers.length > 0;
  return readField(metadata, ['deletionTimestamp']) !== undefined && !isHeld;
}

const CORDON_TAINT = 'node.kubernetes.io/unschedulable';

/** The node controller takes the taint of a cordon away with it. */
function withoutCordonTaint(node: KubernetesObject): KubernetesObject {
  const taints = readField(node, ['spec', 'taints']);
  if (!Array.isArray(taints) || readField(node, ['spec', 'unschedulable']) === true) return node;
  const kept = taints.filter((taint) => readField(taint, ['key']) !== CORDON_TAINT);
  return kept.length === taints.length ? node : writeField(node, ['spec', 'taints'], kept.length > 0 ? kept : undefined);
}
