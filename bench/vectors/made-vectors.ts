/** What vectors are made. */
export interface VectorsWanted {
  readonly count: number;
  readonly dimensions: number;
  readonly queries: number;
  readonly clusters: number;
}

/** Vectors around some centres, as embeddings of texts lie around topics, from a fixed seed. */
export function madeVectors({ count, dimensions, queries, clusters }: VectorsWanted): {
  readonly vectors: readonly Float32Array[];
  readonly queries: readonly Float32Array[];
} {
  const normal = createNormal(1);
  const centres = Array.from({ length: clusters }, () => Float32Array.from({ length: dimensions }, normal));
  const near = (_: unknown, i: number) => (centres[(i * 7919) % clusters] as Float32Array).map((value) => value + 0.6 * normal());
  return { vectors: Array.from({ length: count }, near), queries: Array.from({ length: queries }, near) };
}

function createNormal(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 1) / 4294967297;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
