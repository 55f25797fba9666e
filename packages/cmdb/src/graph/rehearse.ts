import {
  type Coverage,
  canonicalJson,
  formatFieldPath,
  type ItemEdit,
  parseKubernetesItemId,
  readField,
  Tier0Error,
  writeField,
} from '@tier0/core';
import { idOf, toItem } from '../kinds/kubernetes-item.ts';
import { isKubernetesObject, type KubernetesObject, textMap } from '../kinds/kubernetes-object.ts';
import { imagesOf } from '../kinds/pod-spec.ts';
import { kubernetesRelations } from '../relations/kubernetes-relations.ts';
import { controllerOf } from '../relations/owner.ts';
import { replaceRollout } from './replace-rollout.ts';
import { distinctRelations } from './scope-state.ts';
import { joinScopes, type Snapshot } from './snapshot.ts';

const ROLLED_OUT_KINDS: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** Objects of one cluster by item id; edited in place of the snapshot's. */
export type ObjectsById = Map<string, KubernetesObject>;

export interface RehearsalInput {
  readonly snapshot: Snapshot;
  readonly edits: readonly ItemEdit[];
  /** Earlier moments, for images that were seen ready once. */
  readonly earlier: readonly Snapshot[];
}

/** A copy of the snapshot in which the edits are in force and rolled out, as far as that can be known. */
export function rehearse({ snapshot, edits, earlier }: RehearsalInput): Snapshot {
  return [...Map.groupBy(edits, (edit) => clusterOf(edit))].reduce(
    (current, [cluster, own]) => rehearseCluster({ snapshot: current, edits: own, earlier }, cluster),
    snapshot,
  );
}

function rehearseCluster({ snapshot, edits, earlier }: RehearsalInput, cluster: string): Snapshot {
  const objects = objectsOf(snapshot, cluster);
  for (const edit of edits) objects.set(edit.item, applyEdit(objects.get(edit.item), edit));
  const unknown: Coverage[] = [];
  for (const item of rolledOut(edits)) {
    const workload = objects.get(item);
    if (!workload) continue;
    const good = goodImages([snapshot, ...earlier], item, cluster);
    unknown.push(...replaceRollout({ objects, workload, cluster, at: snapshot.at, isKnownGood: (image) => good.has(image) }));
  }
  dropStaleEndpoints(objects);
  return withObjects(snapshot, objects, cluster, unknown);
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

function objectsOf(snapshot: Snapshot, cluster: string): ObjectsById {
  const prefix = `kubernetes:${cluster}/`;
  const entries = [...snapshot.objects].filter((entry): entry is [string, KubernetesObject] => {
    return entry[0].startsWith(prefix) && isKubernetesObject(entry[1]);
  });
  return new Map(entries);
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
  const touching = edits.filter((edit) => edit.fieldPath[0] === 'spec' && edit.fieldPath[1] === 'template');
  return [...new Set(touching.map((edit) => edit.item))].filter((item) => ROLLED_OUT_KINDS.has(parseKubernetesItemId(item)?.kind ?? ''));
}

/** Images that ran ready in this workload, now or at a moment still remembered. */
function goodImages(snapshots: readonly Snapshot[], workload: string, cluster: string): ReadonlySet<string> {
  const images = new Set<string>();
  for (const snapshot of snapshots) {
    for (const object of objectsOf(snapshot, cluster).values()) {
      if (!belongsTo(object, workload, snapshot, cluster) || !isReady(object)) continue;
      for (const image of imagesOf(object).values()) images.add(image);
    }
  }
  return images;
}

function belongsTo(object: KubernetesObject, workload: string, snapshot: Snapshot, cluster: string): boolean {
  const owner = controllerOf(object);
  if (!owner) return false;
  const ownerId = idOf({ kind: owner.kind, metadata: { ...object.metadata, name: owner.name } }, cluster);
  if (ownerId === workload) return object.kind === 'ReplicaSet' || object.kind === 'Pod';
  const parent = owner.kind === 'ReplicaSet' ? snapshot.objects.get(ownerId) : undefined;
  return isKubernetesObject(parent) && belongsTo(parent, workload, snapshot, cluster);
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

function withObjects(snapshot: Snapshot, objects: ObjectsById, cluster: string, unknown: readonly Coverage[]): Snapshot {
  const prefix = `kubernetes:${cluster}/`;
  const foreign = <T>(entries: Iterable<[string, T]>) => [...entries].filter(([id]) => !id.startsWith(prefix));
  const items = [...objects.values()].map((object) => toItem(object, { cluster, source: 'rehearsal', observedAt: snapshot.at }));
  const relations = kubernetesRelations(objects.values(), cluster, 'rehearsal');
  const kept = snapshot.relations.filter((relation) => !relation.from.startsWith(prefix));
  const rehearsed = joinScopes(
    [
      {
        scope: `kubernetes:${cluster}`,
        observedAt: snapshot.at,
        items: new Map([...items.map((item) => [item.id, item] as const), ...foreign(snapshot.items)]),
        relations: distinctRelations([...relations, ...kept]),
        objects: new Map<string, unknown>([...objects, ...foreign(snapshot.objects)]),
        coverage: [],
        changes: snapshot.changes,
      },
    ],
    snapshot.at,
  );
  const scopes = snapshot.scopes.map((scope) =>
    scope.prefixes.has(prefix) ? { ...scope, coverage: [...scope.coverage, ...unknown] } : scope,
  );
  return { ...rehearsed, scopes };
}
