import type { JsonValue, Relation, RelationType } from '@tier0/core';
import { idOf } from '../kinds/kubernetes-item.ts';
import type { KubernetesObject } from '../kinds/kubernetes-object.ts';

/** The objects of one cluster, indexed as the relation rules need them. */
export interface ClusterObjects {
  readonly cluster: string;
  /** Adapter the relations are reported by. */
  readonly source: string;
  /** Sorted by item id. */
  readonly all: readonly KubernetesObject[];
  ofKind(kind: string): readonly KubernetesObject[];
}

/** Derives one sort of relation from the objects of a cluster. */
export type RelationRule = (objects: ClusterObjects) => readonly Relation[];

export function indexObjects(objects: Iterable<KubernetesObject>, cluster: string, source: string): ClusterObjects {
  const keyed = [...objects].map((object) => ({ id: idOf(object, cluster), object }));
  keyed.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  const all = keyed.map((entry) => entry.object);
  const byKind = Map.groupBy(all, (object) => object.kind);
  return { cluster, source, all, ofKind: (kind) => byKind.get(kind) ?? [] };
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
  return { confidence: 1, properties: {}, ...draft, source: objects.source };
}
