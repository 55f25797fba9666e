import {
  type CmdbFact,
  type Coverage,
  canonicalJson,
  formatFieldPath,
  type ItemEdit,
  parseKubernetesItemId,
  readField,
  Tier0Error,
  writeField,
} from '@tier0/core';
import { idOf } from '../kinds/kubernetes-item.ts';
import { isKubernetesObject, type KubernetesObject, textMap } from '../kinds/kubernetes-object.ts';
import { imagesOf } from '../kinds/pod-spec.ts';
import { controllerOf } from '../relations/owner.ts';
import type { Moment } from './engine/moment.ts';
import { NONE } from './engine/versions.ts';
import { forgetVerdicts } from './forget-verdicts.ts';
import { listItems } from './lookup.ts';
import { replaceRollout } from './replace-rollout.ts';
import { type RehearsedCluster, suppose, supposedFacts } from './suppose.ts';
import { keptImages, waitingFor } from './waiting-workloads.ts';
import { objectOf, type World } from './world.ts';

const ROLLED_OUT_KINDS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** Objects of one cluster by item id; edited in place of the moment's. */
export type ObjectsById = Map<string, KubernetesObject>;

export interface RehearsalInput {
  readonly world: World;
  readonly moment: Moment;
  readonly edits: readonly ItemEdit[];
}

/** A copy of the world in which the edits are in force and rolled out, as far as that can be known. */
export function rehearse({ world, moment, edits }: RehearsalInput): { readonly world: World; readonly moment: Moment } {
  const facts: CmdbFact[] = [];
  const objects = new Map<string, unknown>();
  for (const [cluster, own] of Map.groupBy(edits, (edit) => clusterOf(edit))) {
    const rehearsed = rehearseCluster({ world, moment, edits: own }, cluster);
    facts.push(...supposedFacts(moment, cluster, rehearsed));
    for (const [id, object] of rehearsed.changed) objects.set(id, object);
  }
  return suppose({ world, moment }, facts, objects);
}

function rehearseCluster({ world, moment, edits }: RehearsalInput, cluster: string): RehearsedCluster {
  const before = objectsOf(world, moment, cluster);
  const objects: ObjectsById = new Map(before);
  for (const edit of edits) objects.set(edit.item, applyEdit(objects.get(edit.item), edit));
  forgetVerdicts(objects, edits, cluster);
  const unknown: Coverage[] = [];
  const at = new Date(moment.validAt).toISOString();
  for (const item of new Set([...rolledOut(edits), ...waitingFor(moment, before, edits)])) {
    const workload = objects.get(item);
    if (!workload) continue;
    const good = goodImages({ world, moment, cluster }, item);
    const kept = keptImages(before, item, cluster);
    unknown.push(...replaceRollout({ objects, workload, cluster, at, isKnownGood: (image) => good.has(image) || kept.has(image) }));
  }
  dropStaleEndpoints(objects);
  const changed = new Map([...objects].filter(([id, object]) => before.get(id) !== object));
  return { objects, changed, removed: [...before.keys()].filter((id) => !objects.has(id)), unknown };
}

function clusterOf(edit: ItemEdit): string {
  const identity = parseKubernetesItemId(edit.item);
  if (identity) return identity.cluster;
  throw new Tier0Error({
    code: 'UNSUPPORTED',
    message: `An edit of "${edit.item}" cannot be rehearsed: it is not a Kubernetes object.`,
    hint: 'Rehearse edits of Kubernetes objects only; hand others to people.',
  });
}

function objectsOf(world: World, moment: Moment, cluster: string): ObjectsById {
  const prefix = `kubernetes:${cluster}/`;
  const objects: ObjectsById = new Map();
  for (const { id } of listItems(moment, {}).items) {
    const object = id.startsWith(prefix) ? objectOf(world, moment.statements(moment.node(id))) : undefined;
    if (isKubernetesObject(object)) objects.set(id, object);
  }
  return objects;
}

function applyEdit(object: KubernetesObject | undefined, edit: ItemEdit): KubernetesObject {
  if (!object) {
    throw new Tier0Error({
      code: 'NOT_FOUND',
      message: `"${edit.item}" cannot be edited: it is not in the CMDB.`,
      hint: 'Refresh the CMDB and derive the edit again.',
    });
  }
  const current = readField(object, edit.fieldPath);
  if (canonicalJson(current ?? null) !== canonicalJson(edit.expectOld ?? null)) {
    throw new Tier0Error({
      code: 'CONFLICT',
      message: `${formatFieldPath(edit.fieldPath)} of "${edit.item}" is ${canonicalJson(current ?? null)}, expected ${canonicalJson(edit.expectOld ?? null)}.`,
      hint: 'The object changed since the edit was derived: diagnose again.',
    });
  }
  return writeField(object, edit.fieldPath, edit.value);
}

function rolledOut(edits: readonly ItemEdit[]): readonly string[] {
  const touching = edits.filter((edit) => edit.fieldPath[0] === 'spec');
  return [...new Set(touching.map((edit) => edit.item))].filter((item) => ROLLED_OUT_KINDS.has(parseKubernetesItemId(item)?.kind ?? ''));
}

interface ClusterAt {
  readonly world: World;
  readonly moment: Moment;
  readonly cluster: string;
}

/** Images that ran ready in this workload, now or in a version that is still remembered. */
function goodImages(at: ClusterAt, workload: string): ReadonlySet<string> {
  const images = new Set<string>();
  // Every version of a ReplicaSet that the workload ever owned: a pod belongs to the workload through any of them.
  const owned = new Set([workload]);
  for (const kind of ['ReplicaSet', 'Pod']) {
    for (const object of versionsOf(at, kind, workload)) {
      const owner = controllerOf(object);
      if (!owner || !owned.has(idOf({ kind: owner.kind, metadata: { ...object.metadata, name: owner.name } }, at.cluster))) continue;
      if (kind === 'ReplicaSet') owned.add(idOf(object, at.cluster));
      if (isReady(object)) for (const image of imagesOf(object).values()) images.add(image);
    }
  }
  return images;
}

/** Every remembered version of the objects of a kind in the workload's namespace, whether or not it is there at the moment. */
function* versionsOf({ world, moment, cluster }: ClusterAt, kind: string, workload: string): Generator<KubernetesObject> {
  const { items, texts } = moment.graph;
  const number = texts.find(kind);
  if (number === -1) return;
  const prefix = `kubernetes:${cluster}/${parseKubernetesItemId(workload)?.namespace ?? '-'}/`;
  for (const node of new Set(items.kinds.nodes(items, number))) {
    if (!moment.id(node).startsWith(prefix)) continue;
    for (let key = items.keysFrom(node); key !== NONE; key = items.nextKey[key] as number) {
      for (let row = items.versions.head[key] as number; row !== NONE; row = items.versions.next(row)) {
        const object = row < moment.bounds.items ? world.objects.get(row) : undefined;
        if (isKubernetesObject(object)) yield object;
      }
    }
  }
}

function isReady(object: KubernetesObject): boolean {
  if (object.kind === 'ReplicaSet') return Number(readField(object, ['status', 'readyReplicas']) ?? 0) > 0;
  return readField(object, ['status', 'conditions', { key: 'type', value: 'Ready' }, 'status']) === 'True';
}

/** Endpoints answer to the old pods and selectors; without them readers fall back to the pods themselves. */
function dropStaleEndpoints(objects: ObjectsById): void {
  const selecting = [...objects.values()].filter((object) => object.kind === 'Service' && hasSelector(object)).map(keyOf);
  const services = new Set(selecting);
  for (const [id, object] of objects) {
    const service = object.kind === 'EndpointSlice' ? textMap(object.metadata.labels)['kubernetes.io/service-name'] : undefined;
    if (service && services.has(`${object.metadata.namespace ?? ''}/${service}`)) objects.delete(id);
  }
}

function hasSelector(service: KubernetesObject): boolean {
  return Object.keys(textMap(readField(service, ['spec', 'selector']))).length > 0;
}

function keyOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}
