import { bytesOf, columnFrom } from './column.ts';
import { KEY_BITS, type RelationEnds, type RelationTable } from './relation-table.ts';
import { NONE } from './versions.ts';

/** Words of a slot: the other end, the second since which the relation has held, the type and the key. */
export const SLOT_WORDS = 3;
/** Words of a node: first outgoing slot, first incoming slot, types going out as bits, types coming in as bits. */
export const NODE_WORDS = 4;
export const KEY_MASK = 2 ** KEY_BITS - 1;
/** In place of the second: the chain decides. */
export const ASK = 0xfffffffe;
/** In place of the second: does not hold now; only questions about the past look at it. */
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
  /** Newest moment when it was built, milliseconds since the epoch: for this moment and later ones `ENDED` holds. */
  readonly builtFor: number;
  readonly info: Uint32Array;
  readonly out: Uint32Array;
  readonly in: Uint32Array;
}

export const EMPTY_ADJACENCY: Adjacency = {
  nodes: 0,
  keys: 0,
  rows: 0,
  builtFor: Number.NEGATIVE_INFINITY,
  info: new Uint32Array(NODE_WORDS),
  out: new Uint32Array(0),
  in: new Uint32Array(0),
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
  // Filling moves each start to its end, which is the next node's start; shifting by one node puts them right again.
  for (let key = 0; key < keys; key++) {
    if (key % SLICE === 0) yield;
    const from = relations.from[key] as number;
    const to = relations.to[key] as number;
    const type = relations.type[key] as number;
    const since = sinceOf(relations, key, builtFor);
    const word = ((type << KEY_BITS) | key) >>> 0;
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
  return { nodes, keys, rows, builtFor, info, out, in: into };
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

/** Second since which the newest version holds; `ASK` where it is not over but not a plain "since", `ENDED` where it is over. */
function sinceOf({ versions }: RelationTable, key: number, builtFor: number): number {
  const head = versions.head[key] as number;
  if (head === NONE) return ENDED;
  const validFrom = versions.validFrom(head);
  if (!versions.isAlive(head)) return validFrom <= builtFor ? ENDED : ASK;
  return secondOf(validFrom);
}

/** Whole second of an instant, kept within what a slot can say. */
export function secondOf(epochMs: number): number {
  return Math.max(0, Math.min(ASK, Math.floor(epochMs / 1000)));
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

export function adjacencyBlocks({ info, out, in: into }: Adjacency): readonly Uint8Array[] {
  return [bytesOf(info, info.length), bytesOf(out, out.length), bytesOf(into, into.length)];
}

export function adjacencyFrom(
  [info, out, into]: readonly Uint8Array[],
  facts: Pick<Adjacency, 'nodes' | 'keys' | 'rows' | 'builtFor'>,
): Adjacency {
  const words = (bytes: Uint8Array | undefined) => columnFrom(Uint32Array, bytes as Uint8Array);
  return { ...facts, info: words(info), out: words(out), in: words(into) };
}
