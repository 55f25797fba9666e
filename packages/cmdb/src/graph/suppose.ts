import type { CmdbFact, ConfigurationItem, Coverage, Relation, SourceSlice } from '@tier0/core';
import { toItem } from '../kinds/kubernetes-item.ts';
import { catalogRelations } from '../relations/catalog.ts';
import { kubernetesRelations } from '../relations/kubernetes-relations.ts';
import { Moment } from './engine/moment.ts';
import { TYPE_NAMES } from './engine/relation-table.ts';
import { listItems } from './lookup.ts';
import type { ObjectsById } from './rehearse.ts';
import { newestMoment, type World } from './world.ts';

/** One cluster after the edits of a rehearsal. */
export interface RehearsedCluster {
  readonly objects: ObjectsById;
  /** Objects that are new or not the same as before. */
  readonly changed: ObjectsById;
  /** Item ids. */
  readonly removed: readonly string[];
  /** What cannot be known about the edited cluster. */
  readonly unknown: readonly Coverage[];
}

/** The facts that turn the moment into the rehearsed one: every slice gives up what changed, the rehearsal states it. */
export function supposedFacts(moment: Moment, cluster: string, rehearsed: RehearsedCluster): readonly CmdbFact[] {
  const validFrom = new Date(moment.validAt).toISOString();
  const slice = rehearsalSlice(cluster);
  const items = [...rehearsed.changed.values()].map((object) => toItem(object, { cluster, source: slice.source, observedAt: validFrom }));
  const gone = [...rehearsed.removed, ...items.map(({ id }) => id)].filter((id) => moment.node(id) !== -1);
  return [
    ...gone.flatMap((item) => retractions(moment, item, validFrom)),
    ...items.map((item): CmdbFact => ({ type: 'item-asserted', slice, validFrom, item })),
    ...relationFacts(moment, { cluster, validFrom, rehearsed, items }),
    ...coverageFacts(moment, { cluster, validFrom, unknown: rehearsed.unknown }),
  ];
}

/** A copy of the world in which the facts hold. */
export function suppose(
  { world, moment }: { readonly world: World; readonly moment: Moment },
  facts: readonly CmdbFact[],
  objects: ReadonlyMap<string, unknown>,
): { readonly world: World; readonly moment: Moment } {
  const copy: World = { ...world, graph: moment.graph.fork(), objects: world.objects.fork() };
  for (const fact of facts) {
    copy.graph.suppose(fact);
    if (fact.type === 'item-asserted') copy.objects.set(copy.graph.items.versions.size - 1, objects.get(fact.item.id));
  }
  const supposed = new Moment(copy.graph, { ...newestMoment(copy), validAt: moment.validAt, sequence: moment.sequence });
  return { world: copy, moment: supposed };
}

function rehearsalSlice(cluster: string): SourceSlice {
  return { scope: `kubernetes:${cluster}`, source: 'rehearsal' };
}

function retractions(moment: Moment, item: string, validFrom: string): readonly CmdbFact[] {
  return moment.statements(moment.node(item)).flatMap((statement): CmdbFact[] => {
    const slice = moment.graph.slices.slices[statement.slice]?.slice;
    return slice ? [{ type: 'item-retracted', slice, validFrom, item }] : [];
  });
}

interface RelationInput {
  readonly cluster: string;
  readonly validFrom: string;
  readonly rehearsed: RehearsedCluster;
  readonly items: readonly ConfigurationItem[];
}

/** Relations of the cluster's objects are derived anew; those that are not derived any more are given up by whoever stated them. */
function relationFacts(moment: Moment, { cluster, validFrom, rehearsed, items }: RelationInput): readonly CmdbFact[] {
  const prefix = `kubernetes:${cluster}/`;
  const slice = rehearsalSlice(cluster);
  const changed = new Set([...items.map(({ id }) => id), ...rehearsed.removed]);
  const kept = listItems(moment, {}).items.filter((item) => !changed.has(item.id));
  const derived = [
    ...kubernetesRelations(rehearsed.objects.values(), cluster, slice.source),
    ...catalogRelations([...kept, ...items]).filter((relation) => relation.from.startsWith(prefix)),
  ];
  const wanted = new Map(derived.map((relation) => [keyOf(relation), relation]));
  const facts: CmdbFact[] = [];
  for (const id of [...kept.map((item) => item.id), ...changed].filter((candidate) => candidate.startsWith(prefix))) {
    const node = moment.node(id);
    for (const edge of node === -1 ? [] : moment.edges(node, 'out')) {
      const relation = { from: id, type: TYPE_NAMES[edge.type] as Relation['type'], to: moment.id(edge.other) };
      const stated = moment.graph.slices.slices[moment.graph.relations.slice[edge.key] as number]?.slice;
      if (wanted.delete(keyOf(relation)) || !stated) continue;
      facts.push({ type: 'relation-retracted', slice: stated, validFrom, relation });
    }
  }
  return [...facts, ...[...wanted.values()].map((relation): CmdbFact => ({ type: 'relation-asserted', slice, validFrom, relation }))];
}

function keyOf({ from, type, to }: Pick<Relation, 'from' | 'type' | 'to'>): string {
  return `${from}\n${type}\n${to}`;
}

/** Slices that speak about the cluster can no longer say what the rehearsal made unknown. */
function coverageFacts(
  moment: Moment,
  { cluster, validFrom, unknown }: { readonly cluster: string; readonly validFrom: string; readonly unknown: readonly Coverage[] },
): readonly CmdbFact[] {
  if (unknown.length === 0) return [];
  return moment.graph.slices.slices.flatMap(({ slice, prefixes }, number): CmdbFact[] => {
    const entry = prefixes.has(`kubernetes:${cluster}/`) ? moment.coverage(number) : undefined;
    if (!entry) return [];
    const { contract, role, coverage } = entry;
    return [{ type: 'scope-covered', slice, validFrom, contract, role, coverage: [...coverage, ...unknown] }];
  });
}
