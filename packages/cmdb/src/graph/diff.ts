import type { CmdbDiff, CmdbReader, RelationKey } from '@tier0/core';
import { compareText } from './compare-text.ts';
import type { Moment } from './engine/moment.ts';
import { TYPE_NAMES } from './engine/relation-table.ts';
import { NONE } from './engine/versions.ts';
import { joinedItem } from './join-item.ts';

/** What differs between two moments of one graph: only rows that are not the same in both are looked at closer. */
export function diffMoments(before: Moment, after: Moment, scope?: string): CmdbDiff {
  const added: string[] = [];
  const removed: string[] = [];
  const changed: string[] = [];
  for (const node of differingNodes(before, after)) {
    const [old, current] = [joinedItem(before, node), joinedItem(after, node)];
    const item = current ?? old;
    if (!item || !isWithin(item.scope, scope)) continue;
    if (!old) added.push(item.id);
    else if (!current) removed.push(item.id);
    else if (old.digest !== current.digest) changed.push(item.id);
  }
  const relations = differingRelations(before, after, scope);
  return { added: added.sort(compareText), removed: removed.sort(compareText), changed: changed.sort(compareText), relations };
}

function differingNodes(before: Moment, after: Moment): ReadonlySet<number> {
  const { items } = after.graph;
  const nodes = new Set<number>();
  for (let key = 0; key < items.keys; key++) {
    const old = items.versions.holding(key, before.validAt, before.bounds.items);
    if (old !== items.versions.holding(key, after.validAt, after.bounds.items)) nodes.add(items.node[key] as number);
  }
  return nodes;
}

function differingRelations(before: Moment, after: Moment, scope: string | undefined): CmdbDiff['relations'] {
  const { relations } = after.graph;
  const [gone, come] = [new Map<string, RelationKey>(), new Map<string, RelationKey>()];
  for (let key = 0; key < relations.keys; key++) {
    const old = relations.versions.holding(key, before.validAt, before.bounds.relations) !== NONE;
    const current = relations.versions.holding(key, after.validAt, after.bounds.relations) !== NONE;
    if (old === current) continue;
    const ends = [relations.from[key] as number, relations.to[key] as number] as const;
    if (scope !== undefined && !ends.some((node) => isWithin(scopeOf(after, node) ?? scopeOf(before, node), scope))) continue;
    const relation = {
      from: after.id(ends[0]),
      type: TYPE_NAMES[relations.type[key] as number] as RelationKey['type'],
      to: after.id(ends[1]),
    };
    (old ? gone : come).set(textOf(relation), relation);
  }
  // Another slice may state the same relation; then it neither came nor went.
  const isAlso = (moment: Moment) => (relation: RelationKey) => states(moment, relation);
  return {
    added: sorted([...come.values()].filter((relation) => !isAlso(before)(relation))),
    removed: sorted([...gone.values()].filter((relation) => !isAlso(after)(relation))),
  };
}

function states(moment: Moment, relation: RelationKey): boolean {
  const to = moment.node(relation.to);
  return moment.edges(moment.node(relation.from), 'out').some((edge) => edge.other === to && TYPE_NAMES[edge.type] === relation.type);
}

function scopeOf(moment: Moment, node: number): string | undefined {
  return joinedItem(moment, node)?.scope;
}

function isWithin(scope: string | undefined, asked: string | undefined): boolean {
  return asked === undefined || scope === asked || (scope?.startsWith(`${asked}/`) ?? false);
}

function sorted(relations: readonly RelationKey[]): readonly RelationKey[] {
  return [...relations].sort((a, b) => compareText(textOf(a), textOf(b)));
}

function textOf({ from, type, to }: RelationKey): string {
  return `${from}\n${type}\n${to}`;
}

/** The same for a reader of another graph, by what it answers. */
export function diffReaders(before: CmdbReader, after: CmdbReader, scope?: string): CmdbDiff {
  const [old, current] = [contentOf(before, scope), contentOf(after, scope)];
  const ids = [...new Set([...old.items.keys(), ...current.items.keys()])].sort(compareText);
  return {
    added: ids.filter((id) => !old.items.has(id)),
    removed: ids.filter((id) => !current.items.has(id)),
    changed: ids.filter((id) => old.items.has(id) && current.items.has(id) && old.items.get(id) !== current.items.get(id)),
    relations: {
      added: sorted([...current.relations].flatMap(([key, relation]) => (old.relations.has(key) ? [] : [relation]))),
      removed: sorted([...old.relations].flatMap(([key, relation]) => (current.relations.has(key) ? [] : [relation]))),
    },
  };
}

function contentOf(reader: CmdbReader, scope: string | undefined) {
  const items = reader.items({}).items.filter((item) => isWithin(item.scope, scope));
  const relations = items.flatMap(({ id }) => [...reader.relations(id, 'out'), ...reader.relations(id, 'in')]);
  const keys = relations.map(({ from, type, to }) => ({ from, type, to }));
  return {
    items: new Map(items.map((item) => [item.id, item.digest])),
    relations: new Map(keys.map((key) => [textOf(key), key])),
  };
}
