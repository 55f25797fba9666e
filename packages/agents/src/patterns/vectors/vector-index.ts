import { type CallContext, Tier0Error } from '@tier0/core';

/** A vector under a name. */
export interface VectorRecord {
  readonly id: string;
  /** Any length other than 0: cosines are compared. */
  readonly vector: Float32Array;
  /** Fields that a search can ask for. */
  readonly metadata?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** What is near to what. */
export interface VectorQuery {
  readonly vector: Float32Array;
  /** Most hits wanted. Default 10. */
  readonly limit?: number | undefined;
  /** Metadata that a hit must have, field by field. */
  readonly filter?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** A vector that was found. */
export interface VectorHit {
  readonly id: string;
  /** Cosine, -1 to 1. */
  readonly score: number;
  readonly metadata: Readonly<Record<string, string | number | boolean>>;
}

/** Vectors by name, searched by cosine. Every adapter refuses vectors of another number of dimensions and stays as it was. */
export interface VectorIndex {
  readonly name: string;
  readonly dimensions: number;
  /** Adds or replaces. Durable when it returns. */
  upsert(records: readonly VectorRecord[], context: CallContext): Promise<void>;
  /** Names that are not there are passed over. */
  remove(ids: readonly string[], context: CallContext): Promise<void>;
  /** Best first. */
  search(query: VectorQuery, context: CallContext): Promise<readonly VectorHit[]>;
  /** How many there are. */
  count(context: CallContext): Promise<number>;
  /** Lets go of files and connections. */
  close?(): Promise<void>;
}

/** Throws INVALID_INPUT for a vector that an index of `dimensions` cannot take. */
export function checkVector(vector: Float32Array, dimensions: number, of: string): void {
  if (vector.length !== dimensions) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `${of} has ${vector.length} dimensions, the index has ${dimensions}. Nothing was changed.`,
      hint: 'Use the embedding model that the index was made with, or make a new index for the other one.',
    });
  }
  const length = lengthOf(vector);
  if (!(length > 0 && length < Number.POSITIVE_INFINITY)) {
    throw new Tier0Error({
      code: 'INVALID_INPUT',
      message: `${of} is no direction: it holds a number that is not finite, or only zeros.`,
      hint: 'Leave texts without a vector out of the index.',
    });
  }
}

/** The vector with length 1. */
export function toUnit(vector: Float32Array): Float32Array {
  const unit = new Float32Array(vector.length);
  setUnit(unit, 0, vector);
  return unit;
}

/** Writes the vector with length 1 to a place among others. */
export function setUnit(target: Float32Array, offset: number, vector: Float32Array): void {
  const length = lengthOf(vector);
  for (let at = 0; at < vector.length; at++) target[offset + at] = (vector[at] as number) / length;
}

/** Not a number, or not finite, where one of the numbers is; 0 where all are. */
function lengthOf(vector: Float32Array): number {
  let sum = 0;
  for (let at = 0; at < vector.length; at++) sum += (vector[at] as number) * (vector[at] as number);
  return Math.sqrt(sum);
}
