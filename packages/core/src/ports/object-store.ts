import type { Adapter, CallContext } from './adapter.ts';

/** Current raw object of each item; objects of 7 kB do not live in the graph. */
export interface ObjectStore extends Adapter {
  /** Keeps each object by its item id, in place of the one before. */
  put(objects: ReadonlyMap<string, unknown>, context: CallContext): Promise<void>;
  /** The object of an item; undefined where none is kept. */
  get(item: string, context: CallContext): Promise<unknown | undefined>;
  /** Forgets the objects; one that is not there is no error. */
  remove(items: readonly string[], context: CallContext): Promise<void>;
  /** Every object with its item id, in no particular order, in bounded memory. */
  entries(context: CallContext): AsyncIterable<readonly [item: string, object: unknown]>;
}
