import type { CmdbReader } from '@tier0/core';
import { compareText } from './compare-text.ts';
import { impactOf } from './impact.ts';
import { listItems, lookUp } from './lookup.ts';
import { ownerOf } from './owner.ts';
import { parseQuery } from './query.ts';
import { rehearse } from './rehearse.ts';
import { buildGraph, relationsOf } from './relation-graph.ts';
import type { Snapshot } from './snapshot.ts';
import { whatChanged } from './what-changed.ts';

/** The remembered moments a reader can go back to. */
export interface Timeline {
  snapshotAt(validAt: string, recordedAt?: string): Snapshot;
  /** Every moment still remembered, oldest first. */
  earlier(): readonly Snapshot[];
}

/** A reader bound to one snapshot. */
export function createReader(snapshot: Snapshot, timeline: Timeline): CmdbReader {
  const graph = buildGraph(snapshot);
  return {
    at: snapshot.at,
    get: (id) => lookUp(snapshot, id),
    items: (filter) => listItems(snapshot, filter),
    relations: (id, direction, type) => relationsOf(graph, id, direction, type),
    object: (id) => snapshot.objects.get(id),
    impact: (id, options) => impactOf(graph, id, options),
    owner: (id) => ownerOf(graph, snapshot, id),
    whatChanged: (id, window) => whatChanged(graph, snapshot, id, window),
    diff: (other) => difference(snapshot, other),
    query: (text) => [...snapshot.items.values()].filter(parseQuery(text)),
    asOf: (validAt, recordedAt) => createReader(timeline.snapshotAt(validAt, recordedAt), timeline),
    rehearse: (edits) => createReader(rehearse({ snapshot, edits, earlier: timeline.earlier() }), timeline),
  };
}

function difference(snapshot: Snapshot, other: CmdbReader): ReturnType<CmdbReader['diff']> {
  const before = new Map(other.items({}).items.map((item) => [item.id, item.digest]));
  const now = [...snapshot.items.values()];
  return {
    added: now.filter((item) => !before.has(item.id)).map((item) => item.id),
    removed: [...before.keys()].filter((id) => !snapshot.items.has(id)).sort(compareText),
    changed: now.filter((item) => before.has(item.id) && before.get(item.id) !== item.digest).map((item) => item.id),
  };
}
