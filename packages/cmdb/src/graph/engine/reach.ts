import { type Adjacency, ASK, FIRST_SPAN, isOver, KEY_MASK, NODE_WORDS, SINGLE, SLOT_WORDS, secondOf } from './adjacency.ts';
import type { Moment, TypeMasks } from './moment.ts';
import { TYPE_SHIFT } from './relation-table.ts';
import { NONE } from './versions.ts';

/** Nodes whose memory is asked for at a time: as many reads as a processor keeps under way. */
const BLOCK = 32;
/** Nodes handled between two questions whether to stop. */
const STOP_EVERY = 1024;

/** What a slot says about a moment. Where it says nothing (the same second, several versions), the chain of versions is asked. */
const NO = 0;
const YES = 1;
const UNKNOWN = 2;

export interface ReachBounds {
  readonly masks: TypeMasks;
  readonly hops: number;
  readonly limit: number;
  readonly stop?: (() => boolean) | undefined;
}

/** Memory of a walk: which nodes were seen, as bits, and the queue. Kept between walks, because clearing what was set is cheaper. */
export interface Scratch {
  readonly seen: Uint32Array;
  readonly queue: Uint32Array;
  /** Written so that reading ahead is not taken for work without use and left out. */
  asked: number;
}

/** Nodes in the order they were reached, the start not among them. */
export interface ReachedNodes {
  readonly nodes: Uint32Array;
  /** For each hop the number of nodes reached up to it. */
  readonly levels: readonly number[];
  readonly truncated: boolean;
}

/**
 * Breadth first over the adjacency. A slot's second settles validity for nearly all relations; where it cannot (the same second, a node
 * that changed since, a question about the past) the chain of versions decides.
 */
export function reachNodes(moment: Moment, start: number, bounds: ReachBounds): ReachedNodes {
  const { scratch, ids } = moment.graph;
  const memory = withRoom(scratch.pop(), ids.size);
  const reached = walk(moment, start, bounds, memory);
  scratch.push(memory);
  return reached;
}

function walk(moment: Moment, start: number, { masks, hops, limit, stop }: ReachBounds, memory: Scratch): ReachedNodes {
  const { seen, queue } = memory;
  const { adjacency, overlay, isCurrent, knowsSlots, validAt } = moment;
  const { relations } = moment.graph;
  const { versions } = relations;
  const bound = moment.bounds.relations;
  const { info, nodes } = adjacency;
  const { dirty } = overlay;
  const second = knowsSlots ? secondOf(validAt) : 0;
  const masksOf = [masks.out, masks.in] as const;
  const slotsOf = [adjacency.out, adjacency.in] as const;
  let size = 1;
  let truncated = false;
  let levelEnd = 1;
  const levels: number[] = [];
  let hop = 0;
  queue[0] = start;
  seen[start >>> 5] = (seen[start >>> 5] as number) | (1 << (start & 31));
  let asked = 0;
  let known = 0;
  walking: for (let at = 0; at < size; at++) {
    if (at === levelEnd) {
      hop++;
      levelEnd = size;
      levels.push(size - 1);
    }
    if (hop >= hops) {
      truncated = hasFurther(moment, masks, memory, at, size);
      break;
    }
    if (stop && at % STOP_EVERY === 0 && stop()) {
      truncated = true;
      break;
    }
    if (at === known) {
      known = Math.min(at + BLOCK, size);
      asked ^= askMemory(adjacency, masks, queue, at, known);
    }
    const node = queue[at] as number;
    const isDirty = dirty[node] === 1;
    if (node < nodes) {
      const base = node * NODE_WORDS;
      for (let side = 0; side < 2; side++) {
        const mask = masksOf[side] as number;
        if (((info[base + 2 + side] as number) & mask) === 0) continue;
        const slots = slotsOf[side] as Uint32Array;
        const end = (info[base + NODE_WORDS + side] as number) * SLOT_WORDS;
        for (let slot = (info[base + side] as number) * SLOT_WORDS; slot < end; slot += SLOT_WORDS) {
          const word = slots[slot + 2] as number;
          if (((mask >>> (word >>> TYPE_SHIFT)) & 1) === 0) continue;
          const other = slots[slot] as number;
          const bit = 1 << (other & 31);
          if (((seen[other >>> 5] as number) & bit) !== 0) continue;
          const since = slots[slot + 1] as number;
          if (isDirty || since >= second) {
            if (isCurrent && !isDirty && isOver(since)) continue;
            const verdict = isDirty || !knowsSlots ? UNKNOWN : judge(adjacency, since, word, second);
            if (verdict === NO) continue;
            if (verdict === UNKNOWN && versions.holding(word & KEY_MASK, validAt, bound) === NONE) continue;
          }
          if (size > limit) {
            truncated = true;
            break walking;
          }
          seen[other >>> 5] = (seen[other >>> 5] as number) | bit;
          queue[size++] = other;
        }
      }
    }
    if (!isDirty) continue;
    for (let side = 0; side < 2; side++) {
      const mask = masksOf[side] as number;
      let key = side === 0 ? overlay.firstOut(node) : overlay.firstIn(node);
      for (; key !== NONE; key = side === 0 ? overlay.nextOut(key) : overlay.nextIn(key)) {
        if (((mask >>> (relations.type[key] as number)) & 1) === 0) continue;
        const other = (side === 0 ? relations.to[key] : relations.from[key]) as number;
        const bit = 1 << (other & 31);
        if (((seen[other >>> 5] as number) & bit) !== 0) continue;
        if (versions.holding(key, validAt, bound) === NONE) continue;
        if (size > limit) {
          truncated = true;
          break walking;
        }
        seen[other >>> 5] = (seen[other >>> 5] as number) | bit;
        queue[size++] = other;
      }
    }
  }
  const reached = queue.slice(1, size);
  if (levels.at(-1) !== size - 1) levels.push(size - 1);
  if (size * 8 > seen.length) seen.fill(0);
  else for (let at = 0; at < size; at++) seen[(queue[at] as number) >>> 5] = 0;
  memory.asked = asked;
  return { nodes: reached, levels, truncated };
}

/** Whether a relation whose slot does not simply say so holds at a second. */
function judge({ spans }: Adjacency, since: number, word: number, second: number): number {
  if (since < FIRST_SPAN) return since > second && (word & SINGLE) !== 0 ? NO : UNKNOWN;
  if (since >= ASK) return UNKNOWN;
  const at = (since - FIRST_SPAN) * 2;
  const [start, end] = [spans[at] as number, spans[at + 1] as number];
  if (second < start || second > end) return NO;
  return second > start && second < end ? YES : UNKNOWN;
}

/** Reads what the walk will need of some nodes, all at once: memory answers many questions in the time of one. Gives nothing of use. */
function askMemory({ info, out, in: into }: Adjacency, masks: TypeMasks, queue: Uint32Array, from: number, to: number): number {
  let asked = 0;
  for (let at = from; at < to; at++) asked ^= info[(queue[at] as number) * NODE_WORDS] as number;
  if (masks.in !== 0) {
    for (let at = from; at < to; at++) asked ^= into[(info[(queue[at] as number) * NODE_WORDS + 1] as number) * SLOT_WORDS + 2] as number;
  }
  if (masks.out !== 0) {
    for (let at = from; at < to; at++) asked ^= out[(info[(queue[at] as number) * NODE_WORDS] as number) * SLOT_WORDS + 2] as number;
  }
  return asked;
}

/** Whether the nodes at the last hop lead anywhere new. */
function hasFurther(moment: Moment, masks: TypeMasks, { seen, queue }: Scratch, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    for (const [side, direction, mask] of [
      [0, 'out', masks.out],
      [1, 'in', masks.in],
    ] as const) {
      if (!mayLeadOn(moment, queue[at] as number, side, mask)) continue;
      for (const edge of moment.edges(queue[at] as number, direction)) {
        if (((mask >>> edge.type) & 1) === 1 && (((seen[edge.other >>> 5] as number) >>> (edge.other & 31)) & 1) === 0) return true;
      }
    }
  }
  return false;
}

/** Whether a node has relations of the wanted types at all: what everything runs on has thousands of others. */
function mayLeadOn({ adjacency, overlay }: Moment, node: number, side: number, mask: number): boolean {
  const isSettled = node < adjacency.nodes && overlay.dirty[node] !== 1;
  return mask !== 0 && (!isSettled || ((adjacency.info[node * NODE_WORDS + 2 + side] as number) & mask) !== 0);
}

function withRoom(scratch: Scratch | undefined, nodes: number): Scratch {
  const words = (nodes >>> 5) + 1;
  if (scratch && scratch.seen.length >= words && scratch.queue.length > nodes) return scratch;
  return { seen: new Uint32Array(Math.ceil(words * 1.25)), queue: new Uint32Array(Math.ceil((nodes + 1) * 1.25)), asked: 0 };
}
