import { type Change, type GraphSnapshot, type SnapshotBlock, Tier0Error } from '@tier0/core';
import { type Adjacency, adjacencyBlocks, adjacencyFrom } from './engine/adjacency.ts';
import { ChangeLog } from './engine/change-log.ts';
import { CommitLog } from './engine/commit-log.ts';
import { FactGraph, TEXTS_REMEMBERED } from './engine/fact-graph.ts';
import { ItemTable } from './engine/item-table.ts';
import { Overlay } from './engine/overlay.ts';
import { RelationTable, TYPE_NAMES } from './engine/relation-table.ts';
import { SliceTable, type SliceTableJson } from './engine/slice-table.ts';
import { TextTable } from './engine/text-table.ts';

/** Changes whenever the meaning of a block does. Byte order is part of it: columns are written as the machine holds them. */
export const SNAPSHOT_LAYOUT = `tier0-graph/3 ${new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 'little' : 'big'}-endian`;

/** What is not columns. */
interface SnapshotFacts {
  readonly types: readonly string[];
  readonly newestMs: number;
  readonly slices: SliceTableJson;
  readonly adjacency: Pick<Adjacency, 'nodes' | 'keys' | 'rows'> & { readonly builtFor: number };
}

/** The graph as blocks of bytes, as it is now: writing them may take its time while the graph goes on. */
export function toSnapshot(graph: FactGraph): GraphSnapshot {
  const { nodes, keys, rows, builtFor } = graph.adjacency;
  const facts: SnapshotFacts = {
    types: TYPE_NAMES,
    newestMs: graph.newestMs,
    slices: graph.slices.toJson(),
    adjacency: { nodes, keys, rows, builtFor },
  };
  const blocks: SnapshotBlock[] = [
    { name: 'facts', bytes: Buffer.from(JSON.stringify(facts)) },
    { name: 'changes', bytes: Buffer.from(JSON.stringify(graph.changes.all)) },
    ...named('ids', graph.ids.blocks()),
    ...named('texts', graph.texts.blocks()),
    ...named('commits', graph.commits.blocks()),
    ...named('items', graph.items.blocks()),
    ...named('relations', graph.relations.blocks()),
    ...named('adjacency', adjacencyBlocks(graph.adjacency)),
  ];
  return { sequence: graph.commits.newest, layout: SNAPSHOT_LAYOUT, blocks };
}

function named(part: string, blocks: readonly Uint8Array[]): readonly SnapshotBlock[] {
  return blocks.map((bytes, index) => ({ name: `${part}.${String(index).padStart(2, '0')}`, bytes }));
}

/** The graph a snapshot holds. Throws UNSUPPORTED where another version or another kind of machine wrote it. */
export function fromSnapshot(snapshot: GraphSnapshot): FactGraph {
  if (snapshot.layout !== SNAPSHOT_LAYOUT) throw foreign(`its layout is "${snapshot.layout}", not "${SNAPSHOT_LAYOUT}"`);
  const part = (name: string) =>
    snapshot.blocks
      .filter((block) => block.name === name || block.name.startsWith(`${name}.`))
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .map((block) => block.bytes);
  const facts = JSON.parse(Buffer.from(part('facts')[0] ?? []).toString() || '{}') as SnapshotFacts;
  if (JSON.stringify(facts.types) !== JSON.stringify(TYPE_NAMES)) throw foreign('it was written with another vocabulary of relations');
  const graph = new FactGraph();
  graph.ids = TextTable.from(part('ids'));
  graph.texts = TextTable.from(part('texts'), TEXTS_REMEMBERED);
  graph.commits = CommitLog.from(part('commits'));
  graph.items = ItemTable.from(part('items'));
  graph.relations = RelationTable.from(part('relations'));
  graph.slices = SliceTable.from(facts.slices);
  graph.changes = ChangeLog.from(JSON.parse(Buffer.from(part('changes')[0] ?? []).toString()) as readonly Change[]);
  graph.adjacency = adjacencyFrom(part('adjacency'), {
    ...facts.adjacency,
    builtFor: facts.adjacency.builtFor ?? Number.NEGATIVE_INFINITY,
  });
  graph.newestMs = facts.newestMs ?? Number.NEGATIVE_INFINITY;
  graph.overlay = Overlay.over(graph.relations, graph.adjacency);
  return graph;
}

function foreign(why: string): Tier0Error {
  return new Tier0Error({
    code: 'UNSUPPORTED',
    message: `The graph snapshot cannot be used: ${why}.`,
    hint: 'Nothing is lost: the graph is built from the record, which takes longer, and a new snapshot is written.',
  });
}
