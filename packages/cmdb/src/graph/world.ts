import type { FactGraph } from './engine/fact-graph.ts';
import { Moment, type Statement } from './engine/moment.ts';

/** Raw objects by the item row that came with them: the current ones and, up to a limit, those that were overruled. */
export class ObjectVersions {
  readonly #objects = new Map<number, unknown>();
  readonly #overruled: number[] = [];
  readonly #limit: number;
  readonly #below: ObjectVersions | undefined;

  constructor(limit: number, below?: ObjectVersions) {
    this.#limit = limit;
    this.#below = below;
  }

  get(row: number): unknown {
    return this.#objects.has(row) ? this.#objects.get(row) : this.#below?.get(row);
  }

  set(row: number, object: unknown): void {
    this.#objects.set(row, object);
  }

  /** Notes that another row took the place of this one; beyond the limit the oldest overruled objects are forgotten. */
  overrule(row: number): void {
    this.#overruled.push(row);
    if (this.#overruled.length > this.#limit) this.#objects.delete(this.#overruled.shift() as number);
  }

  /** The same objects where rows stand elsewhere; those of rows that are gone are forgotten. */
  moved(rowOf: (row: number) => number | undefined): ObjectVersions {
    const moved = new ObjectVersions(this.#limit);
    for (const [row, object] of this.#objects) {
      const place = rowOf(row);
      if (place !== undefined) moved.#objects.set(place, object);
    }
    moved.#overruled.push(...this.#overruled.flatMap((row) => rowOf(row) ?? []));
    return moved;
  }

  /** A copy that may go its own way. */
  fork(): ObjectVersions {
    return new ObjectVersions(this.#limit, this);
  }
}

/** The graph with what belongs to it: what readers are made of. */
export interface World {
  readonly graph: FactGraph;
  readonly objects: ObjectVersions;
  /** Place of a slice in the order of trust; lower is believed first. */
  readonly trust: (slice: number) => number;
}

/** The newest moment of a world. */
export function newestMoment({ graph, trust }: World): Moment {
  return new Moment(graph, { validAt: graph.newestMs, bounds: graph.bounds, sequence: graph.commits.newest, trust });
}

/** The raw object of a node: that of the most trusted slice that gave one. */
export function objectOf({ objects }: World, statements: readonly Statement[]): unknown {
  for (const { row } of statements) {
    const object = objects.get(row);
    if (object !== undefined) return object;
  }
  return undefined;
}
