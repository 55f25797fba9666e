import { type ConfigurationItem, RELATION_TYPES, type Relation, type RelationType } from '@tier0/core';
import { type Adjacency, isOver, KEY_MASK, NODE_WORDS, SLOT_WORDS } from './adjacency.ts';
import type { Bounds } from './commit-log.ts';
import type { FactGraph } from './fact-graph.ts';
import type { Overlay } from './overlay.ts';
import { TYPE_NAMES, TYPE_SHIFT } from './relation-table.ts';
import type { CoverageEntry } from './slice-table.ts';
import { NONE } from './versions.ts';

/** Which part of the graph a moment sees. */
export interface MomentOptions {
  /** Milliseconds since the epoch. */
  readonly validAt: number;
  readonly bounds: Bounds;
  readonly sequence: number;
  /** Order of trust: the slice with the lower number is believed first. Default: the order they came. */
  readonly trust?: ((slice: number) => number) | undefined;
}

/** One relation seen from one of its ends. */
export interface Edge {
  /** Relation row that holds. */
  readonly row: number;
  readonly key: number;
  /** Type number. */
  readonly type: number;
  /** Node at the other end. */
  readonly other: number;
}

/** One item row that holds, and the slice that states it. */
export interface Statement {
  readonly row: number;
  readonly slice: number;
}

/** The graph as it was at one valid time, as far as it was known after some number of rows. Nothing it answers ever changes. */
export class Moment {
  readonly graph: FactGraph;
  readonly validAt: number;
  readonly bounds: Bounds;
  readonly sequence: number;
  readonly adjacency: Adjacency;
  readonly overlay: Overlay;
  readonly trust: (slice: number) => number;
  /** Whether what the slots call over is over for this moment too. */
  readonly isCurrent: boolean;
  /** Whether the seconds in the slots belong to rows that this moment knows. */
  readonly knowsSlots: boolean;
  readonly #coverages = new Map<number, CoverageEntry | undefined>();

  constructor(graph: FactGraph, options: MomentOptions) {
    this.graph = graph;
    this.validAt = options.validAt;
    this.bounds = options.bounds;
    this.sequence = options.sequence;
    this.trust = options.trust ?? ((slice) => slice);
    this.adjacency = graph.adjacency;
    this.overlay = graph.overlay;
    this.knowsSlots = this.bounds.relations >= this.adjacency.rows;
    this.isCurrent = this.knowsSlots && this.validAt >= this.adjacency.builtFor;
  }

  /** Node of an id; -1 for one that was never heard of. */
  node(id: string): number {
    return this.graph.ids.find(id);
  }

  id(node: number): string {
    return this.graph.ids.text(node);
  }

  /** What the slices state about a node, most trusted first. */
  statements(node: number): readonly Statement[] {
    const { items } = this.graph;
    const found: Statement[] = [];
    for (let key = items.keysFrom(node); key !== NONE; key = items.nextKey[key] as number) {
      const row = items.versions.holding(key, this.validAt, this.bounds.items);
      if (row !== NONE) found.push({ row, slice: items.slice[key] as number });
    }
    return found.length < 2 ? found : found.sort((a, b) => this.trust(a.slice) - this.trust(b.slice) || a.slice - b.slice);
  }

  hasItem(node: number): boolean {
    const { items } = this.graph;
    for (let key = items.keysFrom(node); key !== NONE; key = items.nextKey[key] as number) {
      if (items.versions.holding(key, this.validAt, this.bounds.items) !== NONE) return true;
    }
    return false;
  }

  /** The item as one slice states it. */
  statedItem(node: number, { row, slice }: Statement): ConfigurationItem {
    return this.graph.items.item(row, this.id(node), this.graph.texts, this.source(slice));
  }

  source(slice: number): string {
    return this.graph.slices.slices[slice]?.slice.source ?? '';
  }

  coverage(slice: number): CoverageEntry | undefined {
    if (!this.#coverages.has(slice)) {
      this.#coverages.set(slice, this.graph.slices.coverageAt(slice, this.validAt, this.bounds.coverages));
    }
    return this.#coverages.get(slice);
  }

  /** Relations of a node that hold, in no particular order. The same relation stated by two slices comes twice. */
  edges(node: number, direction: 'out' | 'in'): readonly Edge[] {
    const { adjacency, overlay } = this;
    const { relations } = this.graph;
    const found: Edge[] = [];
    const isOut = direction === 'out';
    if (node < adjacency.nodes) {
      const slots = isOut ? adjacency.out : adjacency.in;
      const at = node * NODE_WORDS + (isOut ? 0 : 1);
      const end = (adjacency.info[at + NODE_WORDS] as number) * SLOT_WORDS;
      const skipsEnded = this.isCurrent && overlay.dirty[node] !== 1;
      for (let slot = (adjacency.info[at] as number) * SLOT_WORDS; slot < end; slot += SLOT_WORDS) {
        if (skipsEnded && isOver(slots[slot + 1] as number)) continue;
        const word = slots[slot + 2] as number;
        const key = word & KEY_MASK;
        const row = relations.versions.holding(key, this.validAt, this.bounds.relations);
        if (row !== NONE) found.push({ row, key, type: word >>> TYPE_SHIFT, other: slots[slot] as number });
      }
    }
    const first = isOut ? overlay.firstOut(node) : overlay.firstIn(node);
    for (let key = first; key !== NONE; key = isOut ? overlay.nextOut(key) : overlay.nextIn(key)) {
      const row = relations.versions.holding(key, this.validAt, this.bounds.relations);
      if (row === NONE) continue;
      const other = (isOut ? relations.to[key] : relations.from[key]) as number;
      found.push({ row, key, type: relations.type[key] as number, other });
    }
    return found;
  }

  /** The relation of an edge, with the time it has held since, and its end where one is known. */
  relation({ row, key, type }: Edge): Relation {
    const { relations, ids } = this.graph;
    const end = relations.versions.endOf(key, row, this.bounds.relations);
    return {
      from: ids.text(relations.from[key] as number),
      to: ids.text(relations.to[key] as number),
      type: TYPE_NAMES[type] as RelationType,
      ...relations.statement(row, this.source(relations.slice[key] as number)),
      validFrom: new Date(relations.versions.validFrom(row)).toISOString(),
      ...(end === undefined ? {} : { validTo: new Date(end).toISOString() }),
    };
  }
}

/** Type numbers as bits, for each side of a node: along which relations a walk goes on. */
export interface TypeMasks {
  readonly out: number;
  readonly in: number;
}

/** Masks of a walk along the direction in which failure travels, or against it. */
export function flowMasks(direction: 'downstream' | 'upstream', types?: readonly RelationType[]): TypeMasks {
  const masks = { out: 0, in: 0 };
  for (const [number, name] of TYPE_NAMES.entries()) {
    if (types && !types.includes(name)) continue;
    const { impact } = RELATION_TYPES[name] as { readonly impact: string };
    const leavesSource = impact === 'toTarget' || impact === 'both';
    const leavesTarget = impact === 'toSource' || impact === 'both';
    const isDown = direction === 'downstream';
    if (isDown ? leavesSource : leavesTarget) masks.out |= 1 << number;
    if (isDown ? leavesTarget : leavesSource) masks.in |= 1 << number;
  }
  return masks;
}
