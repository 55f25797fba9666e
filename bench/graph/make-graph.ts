import { type CmdbFact, type ConfigurationItem, type RelationType, sha256 } from '@tier0/core';

/** First instant of the made-up history, milliseconds since the epoch. */
export const FIRST = Date.parse('2026-11-01T00:00:00.000Z');
/** Instant after which nothing is older than the superseded relations: between the two generations. */
export const BETWEEN = FIRST + 5 * 86_400_000;
export const LATER = FIRST + 10 * 86_400_000;
export const NOW = FIRST + 20 * 86_400_000;

export const TYPES: readonly RelationType[] = ['dependsOn', 'runsOn', 'uses', 'ownedBy', 'declaredIn'];
/** Types a closure follows; the others must be filtered out. All travel from target to source. */
export const FOLLOWED: readonly RelationType[] = ['dependsOn', 'runsOn', 'uses'];

const RELATIONS_PER_ITEM = 3.5;
const SUPERSEDED = 0.2;
const LAYERS = 8;

/** A layered service graph: an item relates to items of lower layers, to few of them very often (a power law). */
export interface MadeGraph {
  readonly items: number;
  /** Relations that hold in the end, and those that were superseded, one after the other. */
  readonly from: Uint32Array;
  readonly to: Uint32Array;
  /** Index into `TYPES`. */
  readonly type: Uint8Array;
  /** 0 = from the beginning until now; 1 = until `LATER`, then superseded; 2 = since `LATER`. */
  readonly generation: Uint8Array;
}

/** Numbers from 0 to 1 that repeat for a seed (xorshift128, Marsaglia 2003). */
function seededRandom(seed: number): () => number {
  let [x, y, z, w] = [seed | 1, 362_436_069, 521_288_629, 88_675_123];
  return () => {
    const t = x ^ (x << 11);
    [x, y, z] = [y, z, w];
    w = w ^ (w >>> 19) ^ t ^ (t >>> 8);
    return (w >>> 0) / 2 ** 32;
  };
}

export function makeGraph(items: number, seed: number): MadeGraph {
  const random = seededRandom(seed);
  const current = Math.round(items * RELATIONS_PER_ITEM);
  const superseded = Math.round(current * SUPERSEDED);
  const total = current + superseded;
  const graph: MadeGraph = {
    items,
    from: new Uint32Array(total),
    to: new Uint32Array(total),
    type: new Uint8Array(total),
    generation: new Uint8Array(total),
  };
  const layer = Math.ceil(items / LAYERS);
  const isNew = pairFilter(total);
  const place = (at: number, generation: number, like?: number) => {
    for (;;) {
      const from = like === undefined ? layer + Math.floor(random() * (items - layer)) : (graph.from[like] as number);
      const below = Math.floor(from / layer) * layer;
      const to = Math.floor(below * random() ** 2.5);
      const type = Math.floor(random() ** 1.5 * TYPES.length);
      if (!isNew(from, to * TYPES.length + type)) continue;
      graph.from[at] = from;
      graph.to[at] = to;
      graph.type[at] = type;
      graph.generation[at] = generation;
      return;
    }
  };
  // Each superseded relation has a successor of the same item; the rest have held from the beginning.
  for (let at = 0; at < superseded; at++) place(at, 1);
  for (let at = 0; at < superseded; at++) place(superseded + at, 2, at);
  for (let at = superseded * 2; at < total; at++) place(at, 0);
  return graph;
}

/** Tells whether a pair comes for the first time. Typed arrays, so that what is measured later starts from a small heap. */
function pairFilter(count: number): (a: number, b: number) => boolean {
  const size = 2 ** Math.ceil(Math.log2(count * 2));
  const [first, second] = [new Uint32Array(size), new Uint32Array(size)];
  return (a, b) => {
    let slot = Math.imul(a ^ Math.imul(b, 0x9e3779b1), 0x85ebca6b) >>> 0;
    for (slot = (slot ^ (slot >>> 15)) & (size - 1); first[slot] !== 0; slot = (slot + 1) & (size - 1)) {
      if (first[slot] === a + 1 && second[slot] === b) return false;
    }
    first[slot] = a + 1;
    second[slot] = b;
    return true;
  };
}

export function idOf(item: number): string {
  return `kubernetes:production/team-${item % 997}/Deployment/service-${item}`;
}

const KINDS = ['Deployment', 'Service', 'StatefulSet', 'ConfigMap', 'Database'];

/** At least 150 bytes of attributes as JSON. */
export function attributesOf(item: number): Readonly<Record<string, string | number | boolean>> {
  return {
    namespace: `team-${item % 997}`,
    image: `registry.example/team-${item % 997}/service-${item}:1.${item % 50}.${item % 7}`,
    replicas: item % 9,
    'label:app': `service-${item}`,
    'label:tier': item % 3 === 0 ? 'backend' : 'frontend',
    criticality: item % 4 === 0 ? 'high' : 'low',
    managed: item % 2 === 0,
  };
}

export const OBSERVED = { scope: 'kubernetes:production', source: 'kubernetes' } as const;
export const DECLARED = { scope: 'git:production', source: 'git' } as const;

/** The item as one of its two sources states it. */
export function itemFact(item: number, role: 'observed' | 'declared', at: number, revision = 0): CmdbFact {
  const slice = role === 'observed' ? OBSERVED : DECLARED;
  const observedAt = new Date(at).toISOString();
  const attributes = attributesOf(item);
  const { namespace, image, replicas } = attributes as { namespace: string; image: string; replicas: number };
  const stated: ConfigurationItem = {
    id: idOf(item),
    kind: KINDS[item % KINDS.length] as string,
    name: `service-${item}`,
    scope: `production/${namespace}`,
    columns: role === 'observed' ? attributes : { image, replicas },
    digest: sha256(`${role} ${item} ${revision}`),
    identifiers: [],
    sources: [{ name: slice.source, observedAt }],
    observedAt,
  };
  return { type: 'item-asserted', slice, validFrom: observedAt, item: stated };
}

export function relationFacts(graph: MadeGraph, at: number): readonly CmdbFact[] {
  const relation = {
    from: idOf(graph.from[at] as number),
    to: idOf(graph.to[at] as number),
    type: TYPES[graph.type[at] as number] as RelationType,
  };
  const stated = { ...relation, confidence: at % 10 === 0 ? 0.5 : 1, properties: {}, source: OBSERVED.source };
  const generation = graph.generation[at];
  const asserted: CmdbFact = {
    type: 'relation-asserted',
    slice: OBSERVED,
    validFrom: instantOf(generation === 2 ? LATER : FIRST + (at % 1000) * 1000),
    relation: stated,
  };
  return generation === 1 ? [asserted, { type: 'relation-retracted', slice: OBSERVED, validFrom: instantOf(LATER), relation }] : [asserted];
}

const instants = new Map<number, string>();

function instantOf(ms: number): string {
  const known = instants.get(ms) ?? new Date(ms).toISOString();
  instants.set(ms, known);
  return known;
}

/** All facts of the graph in commits of about 2,000, in the order they would have been learned. */
export function* factBatches(graph: MadeGraph): Generator<readonly CmdbFact[]> {
  let batch: CmdbFact[] = [];
  const full = function* () {
    if (batch.length < 2000) return;
    yield batch;
    batch = [];
  };
  for (let item = 0; item < graph.items; item++) {
    batch.push(itemFact(item, 'observed', FIRST), itemFact(item, 'declared', FIRST));
    yield* full();
  }
  for (let at = 0; at < graph.from.length; at++) {
    batch.push(...relationFacts(graph, at));
    yield* full();
  }
  for (const slice of [OBSERVED, DECLARED]) {
    const role = slice === OBSERVED ? 'observed' : 'declared';
    const coverage = [{ kind: '*', state: 'complete' as const }];
    batch.push({ type: 'scope-covered', slice, validFrom: new Date(NOW).toISOString(), contract: 'snapshot', role, coverage });
  }
  yield batch;
}

/** The items that most others depend on, in order. */
export function hubsOf(graph: MadeGraph, count: number): readonly number[] {
  const degree = new Uint32Array(graph.items);
  for (let at = 0; at < graph.from.length; at++) if (graph.generation[at] !== 1) (degree[graph.to[at] as number] as number)++;
  return [...degree.keys()].sort((a, b) => (degree[b] as number) - (degree[a] as number)).slice(0, count);
}

export function randomItems(items: number, count: number, seed: number): readonly number[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => Math.floor(random() * items));
}
