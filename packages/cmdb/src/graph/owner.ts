import { kubernetesItemId, type Ownership, parseKubernetesItemId, type Relation, type RelationType, readField } from '@tier0/core';
import { textMap } from '../kinds/kubernetes-object.ts';
import { backstageId } from '../sources/backstage/entity-relations.ts';
import { type RelationGraph, relationsOf } from './relation-graph.ts';
import type { Snapshot } from './snapshot.ts';

/** Labels of a namespace that name its team, strongest first. */
const OWNER_LABELS = ['tier0.dev/owner', 'backstage.io/owner', 'owner', 'team'];
/** A namespace is shared more often than a component is. */
const NAMESPACE_CONFIDENCE = 0.6;
const MAX_HOPS = 8;

/** Relations that lead towards whoever answers for an item, in the order they are tried. */
const TOWARDS_OWNER: readonly { readonly type: RelationType; readonly direction: 'out' | 'in' }[] = [
  { type: 'ownedBy', direction: 'out' },
  { type: 'managedBy', direction: 'out' },
  { type: 'realizes', direction: 'out' },
  { type: 'partOf', direction: 'out' },
  { type: 'selects', direction: 'out' },
  { type: 'uses', direction: 'in' },
];

interface Route {
  readonly id: string;
  readonly path: readonly string[];
  readonly confidence: number;
}

/** The nearest team that answers for an item: along the graph, else by a label of its namespace. */
export function ownerOf(graph: RelationGraph, snapshot: Snapshot, id: string): Ownership | undefined {
  return ownerByGraph(graph, id) ?? ownerByNamespace(snapshot, id);
}

function ownerByGraph(graph: RelationGraph, id: string): Ownership | undefined {
  const seen = new Set([id]);
  let frontier: readonly Route[] = [{ id, path: [id], confidence: 1 }];
  for (let hop = 0; hop < MAX_HOPS && frontier.length > 0; hop++) {
    const next: Route[] = [];
    for (const route of frontier) {
      for (const { other, relation } of steps(graph, route.id)) {
        const confidence = route.confidence * relation.confidence;
        if (relation.type === 'ownedBy') return { team: other, path: [...route.path, other], confidence };
        if (seen.has(other)) continue;
        seen.add(other);
        next.push({ id: other, path: [...route.path, other], confidence });
      }
    }
    frontier = next;
  }
  return undefined;
}

function steps(graph: RelationGraph, id: string): readonly { readonly other: string; readonly relation: Relation }[] {
  return TOWARDS_OWNER.flatMap(({ type, direction }) =>
    relationsOf(graph, id, direction, type).map((relation) => ({ other: direction === 'out' ? relation.to : relation.from, relation })),
  );
}

function ownerByNamespace(snapshot: Snapshot, id: string): Ownership | undefined {
  const identity = parseKubernetesItemId(id);
  if (!identity?.namespace) return undefined;
  const namespace = kubernetesItemId({ cluster: identity.cluster, kind: 'Namespace', name: identity.namespace });
  const labels = textMap(readField(snapshot.objects.get(namespace), ['metadata', 'labels']));
  const name = OWNER_LABELS.flatMap((label) => labels[label] ?? [])[0];
  if (!name) return undefined;
  const team = backstageId('Group', 'default', name);
  return { team, path: [id, namespace, team], confidence: NAMESPACE_CONFIDENCE };
}
