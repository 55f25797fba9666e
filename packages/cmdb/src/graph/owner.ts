import { kubernetesItemId, type Ownership, parseKubernetesItemId, type RelationType } from '@tier0/core';
import { backstageId } from '../sources/backstage/entity-relations.ts';
import type { Edge, Moment } from './engine/moment.ts';
import { TYPE_NAMES, typeNumber } from './engine/relation-table.ts';
import { joinedItem } from './join-item.ts';
import { distinctEdges, sortedEdges } from './relations-of.ts';

/** Labels of a namespace or cluster that name its team, strongest first. */
const OWNER_LABELS = ['tier0.dev/owner', 'backstage.io/owner', 'owner', 'team'];
/** Something shared answers for an item less surely than its own relations do: a namespace, the repository that declares it, the cluster. */
const NAMESPACE_CONFIDENCE = 0.6;
const REPOSITORY_CONFIDENCE = 0.5;
const CLUSTER_CONFIDENCE = 0.3;
const MAX_HOPS = 8;
/** Items looked at at most: ownership is near or it is a guess. */
const MAX_ITEMS = 10_000;
const OWNED_BY = typeNumber('ownedBy');

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
  readonly node: number;
  readonly path: readonly string[];
  readonly confidence: number;
}

/** The nearest team that answers for an item: along the graph, else by its namespace, the repository that declares it, its cluster. */
export function ownerOf(moment: Moment, id: string): Ownership | undefined {
  return (
    ownerByGraph(moment, start(moment, id)) ?? ownerByNamespace(moment, id) ?? ownerByRepository(moment, id) ?? ownerByCluster(moment, id)
  );
}

function start(moment: Moment, id: string): Route {
  return { node: moment.node(id), path: [id], confidence: 1 };
}

function ownerByGraph(moment: Moment, from: Route): Ownership | undefined {
  if (from.node === -1) return undefined;
  const seen = new Set([from.node]);
  let frontier: readonly Route[] = [from];
  for (let hop = 0; hop < MAX_HOPS && frontier.length > 0 && seen.size < MAX_ITEMS; hop++) {
    const next: Route[] = [];
    for (const route of frontier) {
      for (const edge of edgesTowardsOwner(moment, route.node)) {
        const other = moment.id(edge.other);
        const confidence = route.confidence * moment.graph.relations.statement(edge.row, '').confidence;
        // A loop of ownership names nobody: whoever is on the way already is not its own owner.
        if (seen.has(edge.other)) continue;
        if (edge.type === OWNED_BY) return { team: other, path: [...route.path, other], confidence };
        seen.add(edge.other);
        next.push({ node: edge.other, path: [...route.path, other], confidence });
      }
    }
    frontier = next;
  }
  return undefined;
}

function edgesTowardsOwner(moment: Moment, node: number): readonly Edge[] {
  const edges = { out: distinctEdges(moment, moment.edges(node, 'out')), in: distinctEdges(moment, moment.edges(node, 'in')) };
  return TOWARDS_OWNER.flatMap(({ type, direction }) =>
    sortedEdges(
      moment,
      edges[direction].filter((edge) => TYPE_NAMES[edge.type] === type),
    ),
  );
}

function ownerByNamespace(moment: Moment, id: string): Ownership | undefined {
  const identity = parseKubernetesItemId(id);
  if (!identity?.namespace) return undefined;
  const namespace = kubernetesItemId({ cluster: identity.cluster, kind: 'Namespace', name: identity.namespace });
  return ownerOfShared(moment, { id, shared: namespace, confidence: NAMESPACE_CONFIDENCE });
}

function ownerByRepository(moment: Moment, id: string): Ownership | undefined {
  const node = moment.node(id);
  if (node === -1) return undefined;
  const declared = moment.edges(node, 'out').filter((edge) => TYPE_NAMES[edge.type] === 'declaredIn');
  const repositories = sortedEdges(moment, distinctEdges(moment, declared)).map((edge) => moment.id(edge.other));
  return repositories.flatMap((shared) => ownerOfShared(moment, { id, shared, confidence: REPOSITORY_CONFIDENCE }) ?? [])[0];
}

function ownerByCluster(moment: Moment, id: string): Ownership | undefined {
  const identity = parseKubernetesItemId(id);
  if (!identity) return undefined;
  const shared = kubernetesItemId({ cluster: identity.cluster, kind: 'Cluster', name: identity.cluster });
  return ownerOfShared(moment, { id, shared, confidence: CLUSTER_CONFIDENCE });
}

/** The owner of what the item lives in: by its own relations, else by its label. */
function ownerOfShared(
  moment: Moment,
  { id, shared, confidence }: { readonly id: string; readonly shared: string; readonly confidence: number },
): Ownership | undefined {
  const node = moment.node(shared);
  if (node === -1 || shared === id) return undefined;
  const found = ownerByGraph(moment, { node, path: [id, shared], confidence });
  if (found) return found;
  const columns = joinedItem(moment, node)?.columns ?? {};
  const name = OWNER_LABELS.flatMap((label) => columns[`label:${label}`] ?? [])[0];
  if (name === undefined || name === '') return undefined;
  const team = backstageId('Group', 'default', String(name));
  return { team, path: [id, shared, team], confidence };
}
