import {
  type CmdbReader,
  type ItemFact,
  type ItemList,
  type Reach,
  type Relation,
  type SliceState,
  Tier0Error,
  type WalkOptions,
} from '@tier0/core';
import { diffMoments, diffReaders } from './diff.ts';
import { driftOf } from './drift.ts';
import { flowMasks, Moment } from './engine/moment.ts';
import { reachNodes } from './engine/reach.ts';
import { healthOf } from './health.ts';
import { impactOf } from './impact.ts';
import { freshItem } from './join-item.ts';
import { listItems, lookUp } from './lookup.ts';
import { ownerOf } from './owner.ts';
import { parseQuery } from './query.ts';
import { queryContext } from './query-context.ts';
import { rehearse } from './rehearse.ts';
import { relationsOf } from './relations-of.ts';
import { whatChanged } from './what-changed.ts';
import { objectOf, type World } from './world.ts';

/** Which moment a reader of ours is bound to. */
const momentOf = new WeakMap<CmdbReader, Moment>();

/** A reader bound to one moment of a world. Making one costs nothing; what it answers never changes. */
export function createReader(world: World, moment: Moment): CmdbReader {
  const lists = new Map<string, ItemList>();
  const objects = new Map<string, unknown>();
  const relations = new Map<string, readonly Relation[]>();
  const reader: CmdbReader = {
    at: new Date(moment.validAt).toISOString(),
    sequence: moment.sequence,
    get: (id) => lookUp(moment, id),
    items: (filter) => {
      const isWholeKind = filter.kind !== undefined && filter.scope === undefined && filter.name === undefined;
      return isWholeKind ? remember(lists, filter.kind as string, () => listItems(moment, filter)) : listItems(moment, filter);
    },
    relations: (id, direction, type) =>
      remember(relations, `${direction}${type ?? ''} ${id}`, () => relationsOf(moment, moment.node(id), direction, type)),
    object: (id) =>
      remember(objects, id, () => {
        const node = moment.node(id);
        return node === -1 ? undefined : objectOf(world, moment.statements(node));
      }),
    impact: (id, options) => impactOf(moment, id, options),
    reach: (id, options) => reachOf(moment, id, options),
    facts: (id) => factsOf(moment, id),
    slices: () => slicesOf(moment),
    health: (id, options) => healthOf(moment, id, options),
    drift: (filter) => driftOf(moment, filter),
    owner: (id) => ownerOf(moment, id),
    whatChanged: (id, window) => whatChanged(moment, id, window),
    diff: (other, scope) => {
      const before = momentOf.get(other);
      return before?.graph === moment.graph ? diffMoments(before, moment, scope) : diffReaders(other, reader, scope);
    },
    query: (text) => {
      const holds = parseQuery(text);
      const context = queryContext(moment);
      return listItems(moment, {}).items.filter((item) => holds(item, context));
    },
    asOf: (validAt, recordedAt) => createReader(world, earlier(world, moment, { validAt, recordedAt })),
    rehearse: (edits) => {
      const rehearsed = rehearse({ world, moment, edits });
      return createReader(rehearsed.world, rehearsed.moment);
    },
  };
  momentOf.set(reader, moment);
  return reader;
}

/** Rules ask the same of a reader again and again, and its answers never change. */
function remember<T>(known: Map<string, T>, key: string, answer: () => T): T {
  const held = known.get(key);
  if (held !== undefined) return held;
  const value = answer();
  known.set(key, value);
  return value;
}

function earlier(world: World, moment: Moment, at: { readonly validAt: string; readonly recordedAt?: string | undefined }): Moment {
  const validAt = instant(at.validAt);
  if (at.recordedAt === undefined) return new Moment(moment.graph, { ...moment, validAt });
  const known = moment.graph.commits.knownAt(instant(at.recordedAt));
  // Nobody learns from a reader what it did not know itself.
  const { bounds, sequence } = known.sequence > moment.sequence ? moment : known;
  return new Moment(moment.graph, { validAt, bounds, sequence, trust: world.trust });
}

function instant(text: string): number {
  const epochMs = Date.parse(text);
  if (!Number.isNaN(epochMs)) return epochMs;
  throw new Tier0Error({
    code: 'INVALID_INPUT',
    message: `"${text}" is not an instant.`,
    hint: 'Write it as ISO 8601 in UTC, e.g. 2026-11-22T18:00:00.000Z.',
  });
}

function reachOf(moment: Moment, id: string, options: WalkOptions = {}): Reach {
  const node = moment.node(id);
  const { hops = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY, direction = 'downstream', stop } = options;
  const masks = flowMasks(direction, options.relationTypes);
  const { nodes, truncated } =
    node === -1 ? { nodes: new Uint32Array(0), truncated: false } : reachNodes(moment, node, { masks, hops, limit, stop });
  let members: Set<number> | undefined;
  return {
    size: nodes.length,
    truncated,
    has(other) {
      members ??= new Set(nodes);
      return members.has(moment.node(other));
    },
    *ids() {
      for (const reached of nodes) yield moment.id(reached);
    },
  };
}

function factsOf(moment: Moment, id: string): readonly ItemFact[] {
  const node = moment.node(id);
  if (node === -1) return [];
  const { items, commits, slices } = moment.graph;
  return moment.statements(node).flatMap((statement): ItemFact[] => {
    const slice = slices.slices[statement.slice]?.slice;
    if (!slice) return [];
    const item = freshItem(moment, node, statement);
    return [
      {
        slice,
        role: moment.coverage(statement.slice)?.role ?? 'observed',
        item,
        validFrom: new Date(items.versions.validFrom(statement.row)).toISOString(),
        recordedAt: new Date(commits.itemRecordedMs(statement.row)).toISOString(),
        observedAt: item.observedAt,
      },
    ];
  });
}

function slicesOf(moment: Moment): readonly SliceState[] {
  const numbers = [...moment.graph.slices.slices.keys()].sort((a, b) => moment.trust(a) - moment.trust(b) || a - b);
  return numbers.flatMap((number): SliceState[] => {
    const entry = moment.coverage(number);
    const slice = moment.graph.slices.slices[number]?.slice;
    if (!entry || !slice) return [];
    const { role, contract, coverage, confirmedMs } = entry;
    return [{ slice, role, contract, coverage, observedAt: new Date(Math.min(confirmedMs, moment.validAt)).toISOString() }];
  });
}
