import { bytesOf, columnFrom, grown } from './column.ts';
import { KEY_BITS, type RelationEnds, type RelationTable, TYPE_SHIFT } from './relation-table.ts';
import { NONE } from './versions.ts';

/** Words of a slot: the other end, since when the relation has held, the type and the key. */
export const SLOT_WORDS = 3;
/** Words of a node: first outgoing slot, first incoming slot, types going out as bits, types coming in as bits. */
export const NODE_WORDS = 4;
export const KEY_MASK = 2 ** KEY_BITS - 1;
/** Set beside the key where the relation has one version: what is not valid yet has not held before either. */
export const SINGLE = 2 ** KEY_BITS;
/** From here on a slot's second word is no second (2097 is far) but says that the relation held once: the number of its span. */
export const FIRST_SPAN = 0xf0000000;
/** In place of the second: the chain decides. */
export const ASK = 0xfffffffe;
/** In place of the second: does not hold now, and did so more than once; questions about the past ask the chain. */
export const ENDED = 0xffffffff;

/** Keys handled between two pauses of a build. */
const SLICE = 50_000;

/**
 * Compressed sparse rows over all relations known at one moment, in both directions. What a walk needs lies in one run of words per
 * node, so that a node costs one or two cache lines. Immutable.
 */
export interface Adjacency {
  readonly nodes: number;
  readonly keys: number;
  /** Relation rows it knows. */
  readonly rows: number;
  /** Newest moment when it was built, milliseconds since the epoch: for this moment and later ones what is over stays over. */
  readonly builtFor: number;
  readonly info: Uint32Array;
  readonly out: Uint32Array;
  readonly in: Uint32Array;
  /** First second and second of the end of what held once and is over. */
  readonly spans: Uint32Array;
}

export const EMPTY_ADJACENCY: Adjacency = {
  nodes: 0,
  keys: 0,
  rows: 0,
  builtFor: Number.NEGATIVE_INFINITY,
  info: new Uint32Array(NODE_WORDS),
  out: new Uint32Array(0),
  in: new Uint32Array(0),
  spans: new Uint32Array(0),
};

/** Builds an adjacency; yields now and then so that others may go on. Rows that come meanwhile belong to the overlay that covers it. */
export function* buildAdjacency(relations: RelationTable, nodes: number, builtFor: number): Generator<undefined, Adjacency> {
  const { keys } = relations;
  const rows = relations.versions.size;
  const info = new Uint32Array((nodes + 1) * NODE_WORDS);
  for (let key = 0; key < keys; key++) {
    if (key % SLICE === 0) yield;
    (info[(relations.from[key] as number) * NODE_WORDS] as number)++;
    (info[(relations.to[key] as number) * NODE_WORDS + 1] as number)++;
  }
  yield;
  startsFromCounts(info, nodes);
  yield;
  const out = new Uint32Array(keys * SLOT_WORDS);
  const into = new Uint32Array(keys * SLOT_WORDS);
  const spans = new SpanList();
  // Filling moves each start to its end, which is the next node's start; shifting by one node puts them right again.
  for (let key = 0; key < keys; key++) {
    if (key % SLICE === 0) yield;
    const from = relations.from[key] as number;
    const to = relations.to[key] as number;
    const type = relations.type[key] as number;
    const since = sinceOf(relations, key, { builtFor, spans });
    const word = ((type << TYPE_SHIFT) | (isSingle(relations, key) ? SINGLE : 0) | key) >>> 0;
    place(out, (info[from * NODE_WORDS] as number)++, to, since, word);
    place(into, (info[to * NODE_WORDS + 1] as number)++, from, since, word);
    info[from * NODE_WORDS + 2] = (info[from * NODE_WORDS + 2] as number) | (1 << type);
    info[to * NODE_WORDS + 3] = (info[to * NODE_WORDS + 3] as number) | (1 << type);
  }
  yield;
  for (let node = nodes; node > 0; node--) {
    info[node * NODE_WORDS] = info[(node - 1) * NODE_WORDS] as number;
    info[node * NODE_WORDS + 1] = info[(node - 1) * NODE_WORDS + 1] as number;
  }
  info[0] = 0;
  info[1] = 0;
  return { nodes, keys, rows, builtFor, info, out, in: into, spans: spans.trimmed() };
}

function place(slots: Uint32Array, slot: number, other: number, since: number, word: number): void {
  const at = slot * SLOT_WORDS;
  slots[at] = other;
  slots[at + 1] = since;
  slots[at + 2] = word;
}

function startsFromCounts(info: Uint32Array, nodes: number): void {
  let out = 0;
  let into = 0;
  for (let node = 0; node <= nodes; node++) {
    const at = node * NODE_WORDS;
    const [outgoing, incoming] = [info[at] as number, info[at + 1] as number];
    info[at] = out;
    info[at + 1] = into;
    out += outgoing;
    into += incoming;
  }
}

/** Since when the newest version holds, or what else there is to say about it at `builtFor`. */
function sinceOf({ versions }: RelationTable, key: number, at: { readonly builtFor: number; readonly spans: SpanList }): number {
  const head = versions.head[key] as number;
  if (head === NONE) return ENDED;
  const validFrom = versions.validFrom(head);
  if (versions.isAlive(head)) return secondOf(validFrom);
  if (validFrom > at.builtFor) return ASK;
  const before = versions.next(head);
  const heldOnce = before !== NONE && versions.isAlive(before) && versions.next(before) === NONE;
  return heldOnce ? FIRST_SPAN + at.spans.add(secondOf(versions.validFrom(before)), secondOf(validFrom)) : ENDED;
}

function isSingle({ versions }: RelationTable, key: number): boolean {
  const head = versions.head[key] as number;
  return head !== NONE && versions.next(head) === NONE;
}

/** Whether a slot's second word says that the relation does not hold now. */
export function isOver(since: number): boolean {
  return since >= FIRST_SPAN && since !== ASK;
}

/** Whole second of an instant, kept within what a slot can say. */
export function secondOf(epochMs: number): number {
  return Math.max(0, Math.min(FIRST_SPAN - 1, Math.floor(epochMs / 1000)));
}

/** Spans in the order they are found. */
class SpanList {
  #words = new Uint32Array(64);
  #size = 0;

  add(start: number, end: number): number {
    if (this.#size * 2 + 2 > this.#words.length) this.#words = grown(this.#words, this.#size * 2 + 2);
    this.#words[this.#size * 2] = start;
    this.#words[this.#size * 2 + 1] = end;
    return this.#size++;
  }

  trimmed(): Uint32Array {
    return this.#words.slice(0, this.#size * 2);
  }
}

/** The key of a relation in an adjacency, searched from the end with fewer slots; NONE where it is not there. */
export function findKey(adjacency: Adjacency, relations: RelationTable, ends: RelationEnds): number {
  const { info, nodes } = adjacency;
  if (ends.from >= nodes || ends.to >= nodes) return NONE;
  const outAt = ends.from * NODE_WORDS;
  const inAt = ends.to * NODE_WORDS + 1;
  const [outStart, outEnd] = [info[outAt] as number, info[outAt + NODE_WORDS] as number];
  const [inStart, inEnd] = [info[inAt] as number, info[inAt + NODE_WORDS] as number];
  const isOut = outEnd - outStart <= inEnd - inStart;
  const slots = isOut ? adjacency.out : adjacency.in;
  const other = isOut ? ends.to : ends.from;
  for (let slot = isOut ? outStart : inStart; slot < (isOut ? outEnd : inEnd); slot++) {
    const key = (slots[slot * SLOT_WORDS + 2] as number) & KEY_MASK;
    if (slots[slot * SLOT_WORDS] === other && relations.type[key] === ends.type && relations.slice[key] === ends.slice) return key;
  }
  return NONE;
}

export function adjacencyBlocks({ info, out, in: into, spans }: Adjacency): readonly Uint8Array[] {
  return [bytesOf(info, info.length), bytesOf(out, out.length), bytesOf(into, into.length), bytesOf(spans, spans.length)];
}

export function adjacencyFrom(
  [info, out, into, spans]: readonly Uint8Array[],
  facts: Pick<Adjacency, 'nodes' | 'keys' | 'rows' | 'builtFor'>,
): Adjacency {
  const words = (bytes: Uint8Array | undefined) => columnFrom(Uint32Array, bytes as Uint8Array);
  return { ...facts, info: words(info), out: words(out), in: words(into), spans: words(spans) };
}
