import { type JsonValue, kubernetesItemId, type Relation, type RelationType } from '@tier0/core';
import { idOf } from '../kinds/kubernetes-item.ts';
import { type KubernetesObject, kindOf } from '../kinds/kubernetes-object.ts';

/** The objects of one cluster, indexed as the relation rules need them. */
export interface ClusterObjects {
  readonly cluster: string;
  /** Adapter the relations are reported by. */
  readonly source: string;
  /** Sorted by item id. */
  readonly all: readonly KubernetesObject[];
  ofKind(kind: string): readonly KubernetesObject[];
  /** Item id of one of them; made once, so that whoever compares or keeps it holds the same text. */
  idOf(object: KubernetesObject): string;
  /** Pods of one namespace. */
  podsIn(namespace: string | undefined): readonly KubernetesObject[];
}

/** Derives one sort of relation from the objects of a cluster. */
export type RelationRule = (objects: ClusterObjects) => readonly Relation[];

export function indexObjects(objects: Iterable<KubernetesObject>, cluster: string, source: string): ClusterObjects {
  const keyed = [...objects].map((object) => ({ id: idOf(object, cluster), object }));
  keyed.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const all = keyed.map((entry) => entry.object);
  const byKind = Map.groupBy(all, kindOf);
  const ofKind = (kind: string) => byKind.get(kind) ?? [];
  const pods = Map.groupBy(ofKind('Pod'), (pod) => pod.metadata.namespace);
  const ids = new Map(keyed.map((entry) => [entry.object, entry.id]));
  return {
    cluster,
    source,
    all,
    ofKind,
    idOf: (object) => ids.get(object) ?? idOf(object, cluster),
    podsIn: (namespace) => pods.get(namespace) ?? [],
  };
}

export interface RelationDraft {
  readonly from: string;
  readonly to: string;
  readonly type: RelationType;
  readonly confidence?: number;
  readonly properties?: Readonly<Record<string, JsonValue>>;
}

/** Fills in what all relations of one source share. */
export function relate(objects: ClusterObjects, draft: RelationDraft): Relation {
  const { from, to, type, confidence = 1, properties = {} } = draft;
  return { confidence, properties, from, to, type, source: objects.source };
}

/** A reference by name, as one object's fields hold it. */
export interface NamedTarget {
  readonly kind: string;
  /** Default: the namespace of the object that refers. Empty for cluster-scoped kinds. */
  readonly namespace?: string | undefined;
  /** Anything but a name gives no relation. */
  readonly name: unknown;
  readonly type: RelationType;
  readonly properties?: Readonly<Record<string, JsonValue>>;
}

/** A relation from an object to what it names; the target need not exist. */
export function relateByName(objects: ClusterObjects, object: KubernetesObject, target: NamedTarget): readonly Relation[] {
  const { kind, name, type, properties = {} } = target;
  if (typeof name !== 'string' || name === '') return [];
  const namespace = (target.namespace ?? object.metadata.namespace) || undefined;
  const to = kubernetesItemId({ cluster: objects.cluster, namespace, kind, name });
  return [relate(objects, { from: objects.idOf(object), to, type, properties })];
}
